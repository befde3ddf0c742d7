#include "server/endpoints/subscription.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "server/endpoints/query_reader.h"
#include "server/wire/query_string.h"
#include "server/wire/state_names.h"
#include "server/wire/stream_encoder.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using scoring::Visible;
using store::Change;
using store::Fault;
using store::FaultCode;
using store::Result;
using wire::QueryString;

constexpr std::uint32_t kAll = ~std::uint32_t{0};

// In the order of StreamTopics.
constexpr std::array<std::string_view, 6> kTopicNames{
    "tier", "risk_band", "lifecycle", "follow_up", "override", "stats"
};
constexpr std::size_t kEpochDigits = 16;

StreamTopics topics_of(std::uint32_t bits) {
    const auto has = [bits](unsigned i) {
        return (bits >> i & 1) != 0;
    };
    return {has(0), has(1), has(2), has(3), has(4), has(5)};
}

std::uint32_t bits_of(const StreamTopics& t) {
    std::uint32_t bits = 0;
    unsigned i = 0;
    for (const bool on : {t.tier, t.risk_band, t.lifecycle, t.follow_up, t.override_set, t.stats}) {
        bits |= std::uint32_t{on} << i++;
    }
    return bits;
}

class SubscriptionReader : public QueryReader {
  public:
    SubscriptionReader(const QueryString& query, const wire::PolicyTexts& texts)
        : QueryReader(query), texts_(texts) {}

    bool read(Subscription& out) {
        StreamFilter& filter = out.filter;
        return topics(out.topics) && bits("tier", texts_.tier_names(), filter.tiers) &&
               bits("band", wire::band_names(), filter.bands) &&
               bits("lifecycle", wire::stage_names(), filter.stages) &&
               customers(filter.customers) && texts("region", filter.regions) &&
               texts("industry", filter.industries) && texts("owner", filter.owners) &&
               texts("tag", filter.tags) && risk_change(filter.min_risk_change) && rest(out);
    }
    // Last-Event-ID is what the client saw last, whatever its query says.
    bool resume(std::string_view last_event_id, Subscription& out) {
        return last_event_id.empty() || cursor("Last-Event-ID", last_event_id, out);
    }

  private:
    bool topics(StreamTopics& out) {
        std::uint32_t chosen = 0;
        if (!take(query_.choices("topics", kTopicNames), chosen)) {
            return false;
        }
        out = chosen == 0 ? StreamTopics{} : topics_of(chosen);
        return true;
    }

    // All of them named is as good as none.
    bool bits(
        std::string_view name, std::span<const std::string_view> choices, std::uint32_t& out
    ) {
        std::uint32_t chosen = 0;
        if (!take(query_.choices(name, choices), chosen)) {
            return false;
        }
        const auto every = static_cast<std::uint32_t>((std::uint64_t{1} << choices.size()) - 1);
        out = chosen == 0 || chosen == every ? kAll : chosen;
        return true;
    }

    // Sorted, each once; empty without the parameter.
    bool texts(std::string_view name, std::vector<std::string>& out) {
        if (!take(query_.list(name), out)) {
            return false;
        }
        std::ranges::sort(out);
        const auto again = std::ranges::unique(out);
        out.erase(again.begin(), again.end());
        return true;
    }

    bool customers(StreamFilter::Ids& out) {
        std::vector<std::string> ids;
        if (!texts("customer", ids)) {
            return false;
        }
        if (ids.size() > store::limits::kStreamCustomersMax) {
            const std::size_t most = store::limits::kStreamCustomersMax;
            return refuse(
                "customer",
                "at most " + std::to_string(most) + " customers, given " +
                    std::to_string(ids.size()),
                FaultCode::TooManyItems
            );
        }
        for (std::string& id : ids) {
            if (id.size() > store::limits::kCustomerIdBytesMax) {
                return refuse("customer", "no id is that long");
            }
            out.insert(std::move(id));
        }
        return true;
    }

    bool risk_change(double& out) {
        const auto value = query_.find("min_risk_change");
        if (!value) {
            return true;
        }
        const char* const end = value->data() + value->size();
        const auto parsed = std::from_chars(value->data(), end, out, std::chars_format::fixed);
        const bool sound = parsed.ec == std::errc() && parsed.ptr == end && out >= 0 && out <= 1;
        out = out == 0 ? 0 : out;  // not -0
        return sound || refuse("min_risk_change", "a number from 0 to 1");
    }

    bool rest(Subscription& out) {
        constexpr std::array<std::string_view, 2> kFlags{"false", "true"};
        std::optional<std::size_t> snapshot;
        std::optional<std::uint64_t> every;
        if (!take(query_.choice("snapshot", kFlags), snapshot) ||
            !take(query_.count("stats_ms", kStatsEveryMsMax), every)) {
            return false;
        }
        out.snapshot = snapshot == 1U;
        constexpr std::uint64_t kLeast = store::limits::kStatsEveryMsMin;
        if (every && *every < kLeast) {
            return refuse("stats_ms", "at least " + std::to_string(kLeast));
        }
        if (every) {
            out.stats_ms = static_cast<std::int64_t>(*every);
        }
        const auto text = query_.find("cursor");
        return !text || cursor("cursor", *text, out);
    }

    bool cursor(std::string_view name, std::string_view text, Subscription& out) {
        out.cursor = read_cursor(text);
        return out.cursor || refuse(name, "no cursor of this stream");
    }

    bool refuse(
        std::string_view name, std::string detail, FaultCode code = FaultCode::BadParameter
    ) {
        fault_ = {code, std::move(detail), std::string(name), store::kNoIndex};
        return false;
    }

    const wire::PolicyTexts& texts_;
};

// Texts with their lengths, so that no two lists read the same.
void append_texts(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) {
        return;
    }
    out.append("&").append(name).append("=");
    for (const std::string& text : texts) {
        out.append(std::to_string(text.size())).append(":").append(text);
    }
}

std::string shortest(double value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

// Everything that decides what is sent, but for where it begins. Bits of tiers speak of one policy.
std::string group_of(const Subscription& s, std::string_view policy) {
    const StreamFilter& f = s.filter;
    std::string out(policy);
    const auto number = [&out](std::string_view name, std::uint64_t value) {
        out.append("&").append(name).append("=").append(std::to_string(value));
    };
    number("topics", bits_of(s.topics));
    number("tier", f.tiers);
    number("band", f.bands);
    number("lifecycle", f.stages);
    std::vector<std::string> ids(f.customers.begin(), f.customers.end());
    std::ranges::sort(ids);
    append_texts(out, "customer", ids);
    append_texts(out, "region", f.regions);
    append_texts(out, "industry", f.industries);
    append_texts(out, "owner", f.owners);
    append_texts(out, "tag", f.tags);
    out.append("&min_risk_change=").append(shortest(f.min_risk_change));
    if (s.topics.stats) {
        number("stats_ms", static_cast<std::uint64_t>(s.stats_ms));
    }
    return out;
}

bool in_set(std::uint32_t bits, std::size_t index) {
    return (bits >> index & 1) != 0;
}

bool one_of(const std::vector<std::string>& wanted, const std::string* value) {
    return wanted.empty() ||
           (value != nullptr && std::ranges::find(wanted, *value) != wanted.end());
}

bool any_of(const std::vector<std::string>& wanted, const std::vector<std::string>* values) {
    return wanted.empty() || (values != nullptr && std::ranges::any_of(*values, [&](const auto& v) {
                                  return std::ranges::find(wanted, v) != wanted.end();
                              }));
}

// Known from unknown is always far enough.
bool moved_enough(const Change& change, double least) {
    const bool known_before = !std::isnan(change.risk_before);
    const bool known = !std::isnan(change.score.churn_risk);
    const double moved = known && known_before
                             ? std::fabs(change.score.churn_risk - change.risk_before)
                         : known == known_before ? 0
                                                 : std::numeric_limits<double>::infinity();
    return moved >= least;
}

}  // namespace

std::string to_text(StreamCursor cursor) {
    wire::ByteWriter out(64);
    wire::append_cursor(out, cursor.epoch, cursor.offset);
    return std::string(out.view());
}

std::optional<StreamCursor> read_cursor(std::string_view text) {
    StreamCursor cursor;
    if (text.size() <= kEpochDigits || text[kEpochDigits] != ':') {
        return std::nullopt;
    }
    const char* const colon = text.data() + kEpochDigits;
    const char* const end = text.data() + text.size();
    const auto epoch = std::from_chars(text.data(), colon, cursor.epoch, 16);
    const auto offset = std::from_chars(colon + 1, end, cursor.offset);
    if (epoch.ec != std::errc() || offset.ec != std::errc()) {
        return std::nullopt;
    }
    // Other spellings of the same numbers are not ours.
    return to_text(cursor) == text ? std::optional(cursor) : std::nullopt;
}

bool StreamFilter::holds(
    std::string_view id, const Visible& visible, const store::ProfileDetails* profile
) const {
    return in_set(tiers, visible.tier) && in_set(bands, static_cast<std::size_t>(visible.band)) &&
           in_set(stages, static_cast<std::size_t>(visible.stage)) &&
           (customers.empty() || customers.contains(id)) &&
           one_of(regions, profile ? &profile->region : nullptr) &&
           one_of(industries, profile ? &profile->industry : nullptr) &&
           one_of(owners, profile ? &profile->owner : nullptr) &&
           any_of(tags, profile ? &profile->tags : nullptr);
}

Result<Subscription> Subscription::parse(
    std::string_view query, std::string_view last_event_id, const wire::PolicyTexts& texts
) {
    const auto parsed = QueryString::parse(
        query,
        {"topics",
         "tier",
         "band",
         "lifecycle",
         "customer",
         "region",
         "industry",
         "owner",
         "tag",
         "min_risk_change",
         "snapshot",
         "cursor",
         "stats_ms"}
    );
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    Subscription out;
    SubscriptionReader reader(*parsed, texts);
    if (!reader.read(out) || !reader.resume(last_event_id, out)) {
        return std::unexpected(std::move(reader.fault()));
    }
    out.policy = &texts.policy();
    out.group = group_of(out, texts.name());
    return out;
}

Passing Subscription::passing(const Change& change) const {
    const bool before =
        change.from && filter.holds(change.id, *change.from, change.profile_before.get());
    const bool after = change.to && filter.holds(change.id, *change.to, change.profile.get());
    if (before != after) {
        return before ? Passing::Leave : Passing::Enter;
    }
    const bool told = before && topic_changed(*change.from, *change.to) &&
                      moved_enough(change, filter.min_risk_change);
    return told ? Passing::Change : Passing::No;
}

bool Subscription::topic_changed(const Visible& from, const Visible& to) const {
    return (topics.tier && (from.tier != to.tier || from.tier_by_rules != to.tier_by_rules)) ||
           (topics.risk_band && from.band != to.band) ||
           (topics.lifecycle && from.stage != to.stage) ||
           (topics.follow_up && from.follow_up != to.follow_up) ||
           (topics.override_set &&
            (from.override_kind != to.override_kind || from.override_tier != to.override_tier));
}

}  // namespace patron::endpoints
