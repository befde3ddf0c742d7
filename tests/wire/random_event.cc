#include "tests/wire/random_event.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace patron::wire {
namespace {

using namespace store;

constexpr std::string_view kLetters[] = {
    "a",
    "b",
    "Z",
    "0",
    "9",
    "-",
    "_",
    "\"",
    "\\",
    "/",
    " ",
    "{",
    "}",
    "[",
    ",",
    ":",
    "\xC3\xA9",
    "\xE9\xBB\x84",
    "\xF0\x9F\x98\x80",
    "\xC2\xA0"
};

std::string_view random_text(
    Random& random, EventBatch& batch, std::size_t bytes_min, std::size_t bytes_max
) {
    std::string text;
    const std::size_t bytes =
        bytes_min + pick(random, 1 + std::min<std::size_t>(bytes_max - bytes_min, 30));
    while (text.size() < bytes) {
        text += kLetters[pick(random, std::size(kLetters))];
    }
    text.resize(text.size() <= bytes_max ? text.size() : 0);
    if (text.size() < bytes_min) {
        text = "x";
    }
    return text.empty() ? std::string_view() : batch.keep(text);
}

std::string_view random_id(Random& random, EventBatch& batch) {
    return random_text(random, batch, 1, 64);
}

Money random_money(Random& random, std::int64_t low) {
    const auto size = static_cast<std::int64_t>(random() >> (21 + pick(random, 40)));
    return Money{std::min(std::max(size, low), scoring::kMoneyMax.minor)};
}

double random_double(Random& random, double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
}

bool coin(Random& random) {
    return pick(random, 2) == 0;
}

Instant random_instant(Random& random, Instant now) {
    const auto back = static_cast<std::int64_t>(pick(random, 50ULL * 365 * 86'400'000));
    return Instant{now.ms - back};
}

template <class Enum>
Enum random_enum(Random& random, std::uint64_t count) {
    return static_cast<Enum>(pick(random, count));
}

std::uint8_t random_grade(Random& random) {
    return static_cast<std::uint8_t>(1 + pick(random, 5));
}

void maybe(Random& random, EventBatch& batch, std::optional<std::string_view>& out) {
    if (coin(random)) {
        out = random_text(random, batch, 0, 256);
    }
}

std::unique_ptr<Profile> random_profile(Random& random, EventBatch& batch, Instant now) {
    auto out = std::make_unique<Profile>();
    if (coin(random)) {
        out->customer_since = random_instant(random, now);
        out->influence = random_double(random, 0, 100);
        out->birthday = batch.keep("1984-02-29");
    }
    if (coin(random)) {
        out->expert_score = static_cast<double>(pick(random, 101));
        out->strategic = random_enum<Strategic>(random, 3);
        out->do_not_contact = coin(random);
    }
    maybe(random, batch, out->preferred_channel);
    maybe(random, batch, out->region);
    maybe(random, batch, out->industry);
    maybe(random, batch, out->owner);
    if (coin(random)) {
        auto& tags = out->tags.emplace();
        for (auto left = pick(random, 33); left > 0; --left) {
            tags.push_back(random_text(random, batch, 0, 256));
        }
    }
    return out;
}

std::unique_ptr<Override> random_override(
    Random& random, EventBatch& batch, Instant at, std::span<const std::string_view> tiers
) {
    auto out = std::make_unique<Override>();
    out->mode = random_enum<OverrideMode>(random, 4);
    out->reason = random_text(random, batch, 1, 256);
    out->by = random_text(random, batch, 1, 256);
    if (out->mode != OverrideMode::Clear) {
        out->tier = batch.keep(tiers[pick(random, tiers.size())]);
        if (coin(random)) {
            out->until =
                Instant{at.ms + 1 + static_cast<std::int64_t>(pick(random, 1'000'000'000))};
        }
    }
    return out;
}

Survey random_survey(Random& random) {
    Survey out;
    out.kind = random_enum<SurveyKind>(random, 3);
    out.dimension = random_enum<SurveyDimension>(random, 3);
    out.score = out.kind == SurveyKind::Nps    ? static_cast<double>(pick(random, 11))
                : out.kind == SurveyKind::Csat ? random_double(random, 1, 5)
                                               : random_double(random, -1e9, 1e9);
    return out;
}

EventBody random_body(
    Random& random,
    EventBatch& batch,
    Instant at,
    Instant now,
    std::span<const std::string_view> tiers
) {
    const auto maybe_money = [&](std::int64_t low) {
        return coin(random) ? std::optional(random_money(random, low)) : std::nullopt;
    };
    switch (pick(random, std::variant_size_v<EventBody>)) {
        case 0: {
            auto margin = maybe_money(0);
            if (margin && coin(random)) {
                margin->minor = -margin->minor;
            }
            return Order{
                random_id(random, batch),
                random_money(random, 0),
                margin,
                random_enum<OrderKind>(random, 3)
            };
        }
        case 1:
            return Refund{random_id(random, batch), maybe_money(1)};
        case 2:
            return Visit{};
        case 3:
            return Ticket{
                random_enum<TicketPhase>(random, 3),
                random_id(random, batch),
                static_cast<std::uint8_t>(pick(random, 6)),
                maybe_money(0)
            };
        case 4:
            return Complaint{random_grade(random)};
        case 5:
            return Review{random_grade(random), coin(random)};
        case 6:
            return random_survey(random);
        case 7:
            return Feedback{random_double(random, -1, 1)};
        case 8:
            return Referral{random_text(random, batch, 1, 128), coin(random)};
        case 9:
            return FollowUp{maybe_money(0)};
        case 10:
            return Training{coin(random)};
        case 11:
            return random_profile(random, batch, now);
        case 12:
            return random_override(random, batch, at, tiers);
        case 13:
            return ChurnConfirmed{random_enum<ChurnReason>(random, 5)};
        default:
            return Erase{};
    }
}

std::string_view random_space(Random& random) {
    constexpr std::string_view kSpaces[] = {"", "", "", " ", "\t", "  \r "};
    return kSpaces[pick(random, std::size(kSpaces))];
}

// The tokens of a line that write_event wrote.
std::vector<std::string_view> tokens_of(std::string_view line) {
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at + 1;
        if (line[at] == '"') {
            while (line[end] != '"') {
                end += line[end] == '\\' ? 2 : 1;
            }
            ++end;
        } else if (std::string_view("{}[]:,\n").find(line[at]) == std::string_view::npos) {
            end = line.find_first_of("}],", at);
        }
        if (line[at] != '\n') {
            tokens.push_back(line.substr(at, end - at));
        }
        at = end;
    }
    return tokens;
}

std::string with_escapes(Random& random, std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const char c = token[i];
        if (c == '\\') {
            out += token.substr(i, 2);
            ++i;
        } else if (c == '/' && coin(random)) {
            out += "\\/";
        } else if (c > ' ' && c < 0x7F && c != '"' && pick(random, 12) == 0) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), coin(random) ? "\\u%04x" : "\\u%04X", c);
            out += escape;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

void add_random_event(
    Random& random, EventBatch& batch, Instant now, std::span<const std::string_view> tiers
) {
    Event event;
    event.customer = random_text(random, batch, 1, 128);
    event.at = random_instant(random, now);
    event.body = random_body(random, batch, event.at, now, tiers);
    const bool needs_id = event.body.index() < 2;
    event.id = needs_id || coin(random) ? random_id(random, batch) : std::string_view();
    batch.events.push_back(std::move(event));
}

std::string respell(Random& random, std::string_view line) {
    std::vector<std::string> members(1);
    int depth = 0;
    for (const std::string_view token : tokens_of(line)) {
        depth -= token == "}" || token == "]" ? 1 : 0;
        if (depth == 1 && token == ",") {
            members.emplace_back();
        } else if (depth > 0) {
            const std::string spelled =
                token[0] == '"' ? with_escapes(random, token) : std::string(token);
            members.back() += spelled + std::string(random_space(random));
        }
        depth += token == "{" || token == "[" ? 1 : 0;
    }
    std::shuffle(members.begin(), members.end(), random);
    std::string out(random_space(random));
    out += "{";
    for (std::size_t i = 0; i < members.size(); ++i) {
        out += (i > 0 ? "," : "") + std::string(random_space(random)) + members[i];
    }
    return out + "}" + std::string(random_space(random));
}

}  // namespace patron::wire
