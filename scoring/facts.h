#pragma once
// Everything known about one customer, as scoring reads it: the ledger and the few last values.
//
// Shapes     views; the owner (a partition, a test) keeps them alive while they are read.
// Units      see ledger.h; half-lives in the fact schema.
// Threads    values and views.

#include <cmath>
#include <cstdint>
#include <limits>

#include "scoring/ledger.h"
#include "scoring/units.h"

namespace patron::scoring {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Decayed count of visits: the sum of 2^(-(ref - day_i) / half_life) over visits, in whole policy days.
struct Activity {
    double sum = 0;    // as of `ref`; 0: no visit yet
    Day ref = kNoDay;  // day of the newest visit
    bool operator==(const Activity&) const = default;
};

enum class OverrideKind : std::uint8_t { None, Pin, Floor, Ceiling };

// The expert's word in force: over [at, until).
struct TierOverride {
    OverrideKind kind = OverrideKind::None;
    std::uint8_t tier = 0;
    Instant at = kLongAgo;
    Instant until = kNever;
    bool in_force(Instant t) const { return kind != OverrideKind::None && at <= t && t < until; }
    bool operator==(const TierOverride&) const = default;
};

// What the shop says of the customer (last value wins, by instant, then event id).
struct ProfileFacts {
    double influence = kUnknown;     // 0..100
    double strategic = kUnknown;     // 0 none, 1 potential, 2 key
    double expert_score = kUnknown;  // 0..100
    bool do_not_contact = false;
    Instant customer_since = kNever;  // kNever: unknown
};

struct Facts {
    Ledger ledger;
    Activity activity;
    TierOverride tier_override;
    ProfileFacts profile;
};

}  // namespace patron::scoring
