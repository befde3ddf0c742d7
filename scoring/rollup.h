#pragma once
// The facts of one customer added up as of an instant: everything that moves in steps.
//
// Shapes     one Rollup; windows in the policy's order.
// Units      money in minor units, days as calendar days of the schema's zone where "day" is said.
// Range      unknown numbers are NaN; `first_day == kNoDay` means no purchase yet.
// Time       holds over [at, valid_until): until then no entry takes effect, no order leaves a window,
//            no decayed count steps. Entries after `at` are not yet seen.
// Errors     none.
// Threads    pure.
// Cost       one pass over the orders, and one that looks for anything else; a sort of the refunds, and a
//            search among them for each order, where there are any.
// Choices    a refund counts at its order's time once the order is known, else at its own; more than
//            the order is clamped to it; an order refunded in full is neither counted nor a purchase;
//            moving averages weigh the newest value 0.3.

#include <array>
#include <cstdint>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"

namespace patron::scoring {

struct SpendSums {
    Money spend;  // net
    Money gross;
    Money refunded;
    std::uint32_t orders = 0;
    double return_rate() const;  // NaN without orders and refunds
};

struct Rollup {
    Instant at;
    Instant valid_until = kNever;

    std::uint32_t purchase_days = 0;
    Day first_day = kNoDay;
    Day last_day = kNoDay;
    Instant first_midnight = kNever;  // start of the first purchase day: t0 of the models
    Instant first_purchase = kNever;
    Instant last_purchase = kLongAgo;
    Instant comeback = kLongAgo;   // the last purchase that ended a churned silence
    bool churn_confirmed = false;  // and no purchase since
    bool only_orders = true;       // nothing else was seen in the ledger

    std::array<SpendSums, 4> window;
    SpendSums lifetime;
    Money margin_365d;
    Money cost_365d;
    bool margin_known = false;
    bool cost_known = false;

    double nps_last = kUnknown;
    double csat_last = kUnknown;
    double csat_ewma = kUnknown;
    double review_score = kUnknown;
    double feedback_sentiment = kUnknown;
    double first_response_hours = kUnknown;
    std::uint32_t open_tickets = 0;
    Instant oldest_open = kNever;
    std::uint32_t referrals_made = 0;
    std::uint32_t referrals_converted = 0;
    std::uint32_t trainings_started = 0;
    std::uint32_t trainings_completed = 0;
    bool tickets_known = false;

    double activity = 0;       // as of today; below kDecayedMin: 0
    double activity_peak = 0;  // as of the day of the newest visit
    double complaint_load = 0;
    double contact_pressure = 0;
    Instant last_follow_up = kLongAgo;

    bool has_purchase() const { return first_day != kNoDay; }
    std::uint32_t x() const { return purchase_days - 1; }
    std::int32_t t_x_days() const { return last_day - first_day; }
};

// A decayed count below this is none, and stops stepping.
inline constexpr double kDecayedMin = 1.0 / 64;
inline constexpr double kEwmaWeight = 0.3;
// An open ticket's age counts in whole days up to this.
inline constexpr std::int64_t kTicketAgeDaysMax = 14;

Rollup roll_up(const CompiledPolicy& policy, const Facts& facts, Instant at);

// The rollup of the same facts moved on to `at >= rollup.at`: what roll_up would give. Who has only
// orders, all of them seen, pays for those that leave a window meanwhile and for finding them.
void roll_on(const CompiledPolicy& policy, const Facts& facts, Rollup& rollup, Instant at);

// 2^(-days / half_life): the same bits on every machine.
double decay(double days, double half_life_days);

}  // namespace patron::scoring
