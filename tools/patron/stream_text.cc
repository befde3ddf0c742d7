#include "tools/patron/stream_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace patron::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kDateBytes = 10;  // of 2026-11-22T12:00:01.123Z
constexpr std::string_view kNone = "none";

// In the order in which they are told.
struct Member {
    std::string_view name;
    std::string_view words;
};
constexpr std::array<Member, 6> kChanging{{
    {"tier", "tier"},
    {"tier_by_rules", "tier by rules"},
    {"risk_band", "risk band"},
    {"lifecycle", "lifecycle"},
    {"follow_up", "follow-up"},
    {"override", "override"},
}};

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

// Ids are anybody's bytes; what a terminal would obey becomes a question mark.
std::string visible_id(const json::object& message) {
    std::string id(text_of(message, "customer_id"));
    std::ranges::replace_if(
        id, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?'
    );
    return id;
}

void join(std::string& out, std::string_view between, std::string_view part) {
    if (!out.empty() && !part.empty()) {
        out += between;
    }
    out += part;
}

std::string risk_of(const json::object& score) {
    const json::value* risk = score.if_contains("churn_risk");
    boost::system::error_code error;
    const double value = risk != nullptr ? risk->to_number<double>(error) : 0;
    return risk == nullptr || error ? std::string() : fmt::format("risk {:.4f}", value);
}

// "gold 10, silver 200"
std::string counts_of(const json::object& counts) {
    std::string out;
    for (const auto& [name, count] : counts) {
        join(out, ", ", fmt::format("{} {}", std::string_view(name), json::serialize(count)));
    }
    return out;
}

}  // namespace

std::string StreamText::painted(Paint paint, std::string_view text) const {
    constexpr std::array<std::string_view, 5> kCodes{"2", "1", "32", "33", "31"};
    if (!colours_ || text.empty()) {
        return std::string(text);
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(paint)], text);
}

// Always with milliseconds, so that columns stand below each other.
std::string StreamText::time_of(const json::object& message, std::string_view member) const {
    const std::string_view at = text_of(message, member);
    if (at.size() <= kDateBytes + 1 || !at.ends_with('Z')) {
        return std::string(at);
    }
    const std::string_view day = at.substr(0, kDateBytes);
    std::string time(at.substr(kDateBytes + 1, at.size() - kDateBytes - 2));
    if (time.find('.') == std::string::npos) {
        time += ".000";
    }
    const bool today = today_.empty() || day == today_;
    return painted(Paint::Dim, today ? time : fmt::format("{} {}", day, time));
}

std::string StreamText::band(std::string_view name) const {
    if (name == "low") {
        return painted(Paint::Good, name);
    }
    if (name == "medium") {
        return painted(Paint::Middling, name);
    }
    return name == "high" ? painted(Paint::Bad, name) : std::string(name);
}

std::string StreamText::value(std::string_view member, const json::value& value) const {
    if (value.is_string()) {
        const std::string_view word = value.get_string();
        return member == "risk_band" ? band(word) : std::string(word);
    }
    if (value.is_object()) {  // an override
        std::string out(text_of(value.get_object(), "mode"));
        join(out, " ", text_of(value.get_object(), "tier"));
        return out;
    }
    return value.is_null() ? std::string(kNone) : json::serialize(value);
}

// Where a customer stands. What the rules say is told where it is something else.
std::string StreamText::state(const json::object& score) const {
    std::string out;
    for (const Member& member : kChanging) {
        const json::value* now = score.if_contains(member.name);
        const bool said = member.name == "tier_by_rules" &&
                          text_of(score, "tier") == text_of(score, "tier_by_rules");
        const bool none = now == nullptr || now->is_null() || text_of(score, member.name) == kNone;
        if (!said && !none) {
            join(out, ", ", fmt::format("{} {}", member.words, value(member.name, *now)));
        }
    }
    return out;
}

// A customer who came has only a state, one who was erased not even that.
std::string StreamText::changes(const json::object& message) const {
    const json::object* changes = object_of(message, "changes");
    const json::object* score = object_of(message, "score");
    if (changes == nullptr || score == nullptr) {
        return {};
    }
    const json::object* stage = object_of(*changes, "lifecycle");
    if (const json::value* from = stage ? stage->if_contains("from") : nullptr;
        from != nullptr && from->is_null()) {
        return state(*score);
    }
    std::string out;
    const json::value* tier = changes->if_contains("tier");
    for (const Member& member : kChanging) {
        const json::object* one = object_of(*changes, member.name);
        const json::value* from = one != nullptr ? one->if_contains("from") : nullptr;
        const json::value* to = one != nullptr ? one->if_contains("to") : nullptr;
        const bool said = member.name == "tier_by_rules" && tier != nullptr && one != nullptr &&
                          *tier == changes->at(member.name);
        if (from != nullptr && to != nullptr && !said) {
            const std::string before = value(member.name, *from);
            const std::string after = value(member.name, *to);
            join(out, ", ", fmt::format("{} {} -> {}", member.words, before, after));
        }
    }
    return out;
}

std::string StreamText::change_line(const json::object& message, std::string_view verb) const {
    std::string out = time_of(message, "at");
    join(out, "  ", painted(Paint::Bold, visible_id(message)));
    join(out, "  ", verb);
    join(out, verb.empty() ? "  " : " ", changes(message));
    std::string cause(text_of(message, "cause"));
    if (const json::value* merged = message.if_contains("conflated")) {
        join(cause, ", ", json::serialize(*merged) + " in one");
    }
    join(out, "  ", painted(Paint::Dim, cause.empty() ? cause : "(" + cause + ")"));
    const json::object* score = object_of(message, "score");
    join(out, "  ", score != nullptr ? risk_of(*score) : "erased");
    return out;
}

std::string StreamText::customer_line(const json::object& message) const {
    std::string out = painted(Paint::Bold, visible_id(message));
    const json::object* score = object_of(message, "score");
    if (score == nullptr) {
        return out;
    }
    join(out, "  ", state(*score));
    join(out, "  ", risk_of(*score));
    return out;
}

std::string StreamText::stats_line(const json::object& message) const {
    constexpr std::array<Member, 4> kCounted{{
        {"tiers", "tiers"},
        {"risk_bands", "risk bands"},
        {"lifecycle", "lifecycle"},
        {"follow_up", "follow-up"},
    }};
    std::string out = time_of(message, "as_of");
    if (const json::value* customers = message.if_contains("customers")) {
        join(out, "  ", json::serialize(*customers) + " customers");
    }
    for (const Member& member : kCounted) {
        if (const json::object* counts = object_of(message, member.name)) {
            join(out, "; ", fmt::format("{} {}", member.words, counts_of(*counts)));
        }
    }
    return out;
}

std::string StreamText::line(const json::object& message) {
    if (const auto now = text_of(message, "as_of"); now.size() > kDateBytes) {
        today_ = now.substr(0, kDateBytes);
    }
    const std::string_view type = text_of(message, "type");
    if (type == "change") {
        return change_line(message, "");
    }
    if (type == "enter") {
        return change_line(message, "enters");
    }
    if (type == "leave") {
        return change_line(message, "leaves");
    }
    if (type == "customer") {
        return customer_line(message);
    }
    return type == "stats" ? stats_line(message) : std::string();
}

}  // namespace patron::tools
