#pragma once
// What one listener wants of the live stream: topics, a filter, where to go on.
//
// Shapes     from the query of GET /v1/stream, the same for both doors:
//              topics=tier,risk_band,lifecycle,follow_up,override,stats   default: all but stats
//              tier=, band=, lifecycle=            names, comma-separated; any of them
//              customer=                           ids, percent-encoded, comma-separated
//              region=, industry=, owner=, tag=    attribute values, comma-separated; any of them
//              min_risk_change=0.05                absolute change of churn risk since the last change
//              snapshot=true                       the picture first
//              cursor=<epoch>:<offset>             go on behind it; the header Last-Event-ID wins
//              stats_ms=1000                       how often the topic stats speaks, 100 ms to 1 h
//            A comma that belongs to a value is escaped, %2C. An empty Last-Event-ID is none.
// Errors     parse: BadParameter with the parameter's name, TooManyItems for too many customers.
// Threads    immutable once made.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "server/wire/policy_texts.h"
#include "store/change.h"
#include "store/result.h"

namespace patron::endpoints {

inline constexpr std::int64_t kStatsEveryMsMax = 60 * 60 * 1000;

struct StreamCursor {
    std::uint64_t epoch = 0;
    std::uint64_t offset = 0;
};
// "<epoch in 16 hex digits>:<offset>"
std::string to_text(StreamCursor cursor);
std::optional<StreamCursor> read_cursor(std::string_view text);

// What a change is to a listener.
enum class Passing : std::uint8_t { No, Enter, Change, Leave };

struct StreamTopics {
    bool tier = true;  // and tier_by_rules
    bool risk_band = true;
    bool lifecycle = true;
    bool follow_up = true;
    bool override_set = true;
    bool stats = false;
    bool operator==(const StreamTopics&) const = default;
};

struct StreamFilter {
    // Found by views, without a copy.
    struct IdHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view id) const {
            return std::hash<std::string_view>{}(id);
        }
    };
    using Ids = std::unordered_set<std::string, IdHash, std::equal_to<>>;

    std::uint32_t tiers = ~std::uint32_t{0};   // bit by tier index
    std::uint32_t bands = ~std::uint32_t{0};   // bit by Band
    std::uint32_t stages = ~std::uint32_t{0};  // bit by Stage
    Ids customers;                             // empty: all
    std::vector<std::string> regions;          // empty: all
    std::vector<std::string> industries;
    std::vector<std::string> owners;
    std::vector<std::string> tags;  // any of them
    double min_risk_change = 0;

    // Whether a customer who stands like this is in the picture. Unknown values match no asked-for one.
    bool holds(
        std::string_view id, const scoring::Visible& visible, const store::ProfileDetails* profile
    ) const;
};

struct Subscription {
    StreamTopics topics;
    StreamFilter filter;
    bool snapshot = false;
    std::optional<StreamCursor> cursor;
    std::int64_t stats_ms = 1000;
    const scoring::CompiledPolicy* policy = nullptr;  // whose tiers the filter's bits are
    // Equal for subscriptions that are sent the same messages: knows no cursor and no snapshot.
    std::string group;

    static store::Result<Subscription> parse(
        std::string_view query, std::string_view last_event_id, const wire::PolicyTexts& texts
    );
    // Enter: it was not in the picture before and is now; Leave: the other way round; both always told.
    // Change: it is in the picture, one of the topics changed, and the risk by enough (a risk that
    // came to be known, or ceased to be, by enough). Each side has its own attributes.
    Passing passing(const store::Change& change) const;
    // The values between `from` and `to` differ in one of the topics.
    bool topic_changed(const scoring::Visible& from, const scoring::Visible& to) const;
};

}  // namespace patron::endpoints
