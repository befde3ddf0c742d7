#pragma once
// A change of what an outsider sees of one customer, as it is pushed to those who listen.
//
// Shapes     `from` absent: the customer came; `to` absent: erased; both equal: only what his profile
//            says has changed, for those who filter by it. Of one customer, the `to` of a change
//            is the `from` of the next.
// Time       `at` is the first millisecond at which `to` held. Cause Time: nothing but time passed. After
//            an event that came late, the change leads from what was said last to what is true now,
//            with the event as its cause and as `at` the instant since when that has been so (at
//            the earliest the event's own); its score may be as of when it was told.
// Units      instants Unix ms; risks and probabilities 0..1, NaN when unknown (no purchase).
// Threads    immutable once in the feed.

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/visible.h"
#include "store/reading.h"

namespace patron::store {

using scoring::Instant;

enum class Cause : std::uint8_t { Event, Time, Override };

// Where a customer lives; pages of a picture go in this order.
struct RowPlace {
    std::uint32_t partition = 0;
    std::uint32_t row = 0;
    auto operator<=>(const RowPlace&) const = default;
};

// What goes with a visible state: the score at the instant of the change.
struct ScoreThen {
    double churn_risk = scoring::kUnknown;
    double p_alive = scoring::kUnknown;
    double value_index = scoring::kUnknown;
    Instant since = scoring::kLongAgo;        // of the tier
    Instant follow_up_due = scoring::kNever;  // kNever: none is planned
};

struct Change {
    std::string id;
    RowPlace place;
    Instant at;
    Cause cause = Cause::Event;
    std::optional<scoring::Visible> from;
    std::optional<scoring::Visible> to;
    ScoreThen score;                                       // after it; as new where `to` is absent
    double risk_before = scoring::kUnknown;                // when told of last, to seven digits
    std::uint64_t seq = 0;                                 // events applied when it was said
    const scoring::CompiledPolicy* policy = nullptr;       // lives as long as the store
    std::shared_ptr<const ProfileDetails> profile;         // nullptr: none known
    std::shared_ptr<const ProfileDetails> profile_before;  // as listeners knew it until then
};

// One customer of a picture: what was said of it last, and the score as of the page.
struct PictureRow {
    std::string id;
    RowPlace place;
    scoring::Visible visible;
    ScoreThen score;
};

// Some of all customers, in order of place, as of one offset of the feed.
struct PicturePage {
    std::vector<PictureRow> rows;
    std::optional<RowPlace> next;  // where the next page begins; absent: this was the last
    std::uint64_t offset = 0;      // changes up to here are in it, for the places it covers
    std::uint64_t seq = 0;
    Instant as_of;
    const scoring::CompiledPolicy* policy = nullptr;
};

// How many customers stand where, by what was said of them last.
struct LiveCounts {
    std::uint64_t customers = 0;
    std::vector<std::uint64_t> tiers;                                  // by tier, lowest first
    std::array<std::uint64_t, scoring::kBands> bands{};                // by Band
    std::array<std::uint64_t, scoring::kStages> stages{};              // by Stage
    std::array<std::uint64_t, scoring::kFollowUpStates> follow_ups{};  // by FollowUpState
    std::uint64_t pending = 0;  // known, but not counted yet: not looked at since the start
    std::uint64_t offset = 0;   // of the feed
    std::uint64_t seq = 0;
    Instant as_of;
    const scoring::CompiledPolicy* policy = nullptr;
};

}  // namespace patron::store
