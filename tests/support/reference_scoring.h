#pragma once
// The plain, slow reading of the semantics: loops over the ledger, the textbook's formulas in wide
// arithmetic, and time by brute force. Every fast path of scoring/ is compared with it.
//
// Shapes     views of a compiled policy and of facts, which outlive it.
// Units      as scoring/feature.h and scoring/units.h.
// Accuracy   long double and libm: its doubles are nearer the truth than what is compared.
// Errors     none; ask only with the policy's own features and tiers.
// Threads    one thread: what the entries say is remembered between calls.
// Cost       high on purpose: `advance` evaluates everything at every instant that might matter.
// Source     semantics; the entries are read in reference_facts.cc, states and time move in
//            reference_states.cc.
// Choices    takes from scoring/ only types, the calendar and the limits compiled to milliseconds.

#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/state.h"

namespace patron::scoring {

namespace reference {

inline double in_days(std::int64_t ms) {
    return static_cast<double>(ms) / 86'400'000.0;
}
inline std::int64_t in_ms(double days) {
    return std::llround(days * 86'400'000.0);
}
inline double clamped(double value, double low, double high) {
    return value < low ? low : (value > high ? high : value);
}

}  // namespace reference

class ReferenceCustomer {
  public:
    ReferenceCustomer(const CompiledPolicy& policy, const Facts& facts)
        : policy_(policy), facts_(facts) {}

    double feature(Feature which, Instant now) const;
    std::array<double, kSignals> signals(Instant now, std::uint8_t tier) const;
    double churn_risk(Instant now, std::uint8_t tier) const;
    bool holds(const Rule& rule, Instant now) const;
    bool retained(std::uint8_t tier, Instant now) const;
    bool has_purchase(Instant now) const;

    State step(State state, Instant now) const;
    State advance(State state, Instant to) const;
    // The first instant in (settled_at, until] at which an outsider sees a change; kNever for none.
    Instant next_visible_change(State state, Instant until) const;

    // What an outsider sees of the state, written anew: the override counts while it is in force.
    auto seen_as(const State& s) const {
        const TierOverride& by = facts_.tier_override;
        const bool set =
            by.kind != OverrideKind::None && s.settled_at >= by.at && s.settled_at < by.until;
        return std::tuple(
            s.tier_by_rules, s.tier, s.band, s.stage, s.follow_up, set, set ? by.tier : 0
        );
    }

  private:
    struct Order {
        Instant at;
        std::int64_t gross = 0;
        std::int64_t refunded = 0;
        bool purchase = true;
    };
    // What the entries up to an instant say; it changes only with the next entry.
    struct Seen {
        Ledger entries;
        std::vector<Order> orders;
        std::vector<LedgerEntry> orphans;  // refunds of orders nobody knows
        std::vector<Instant> purchases;    // instants, ascending
        std::vector<Day> days;             // their distinct days
    };
    struct Sums {
        std::int64_t gross = 0;
        std::int64_t refunded = 0;
        int orders = 0;
        double return_rate() const;
    };

    const Seen& seen(Instant now) const;
    Seen read(Ledger entries) const;
    Sums sums(Instant now, std::int64_t window_ms) const;
    double year_sum(Instant now, EntryKind kind) const;
    double last_value(Instant now, EntryKind kind) const;
    double moving_average(Instant now, EntryKind kind) const;
    double response_hours(Instant now) const;
    std::vector<Instant> open_tickets(Instant now) const;
    double decayed(Instant now, EntryKind kind, double half_life) const;
    double activity(Instant now) const;
    double count(Instant now, EntryKind kind) const;
    double rfm(FeatureKind kind, Instant now) const;
    double value_index(Instant now) const;
    double of_purchases(FeatureKind kind, Instant now) const;
    long double log_odds_death(Instant now) const;
    long double p_any(Instant now) const;
    double spend_drop(Instant now) const;
    double overdue(Instant now, std::uint8_t tier) const;
    Instant last_follow_up(Instant now) const;

    std::uint8_t tier_by_rules(State& state, Instant now) const;
    std::uint8_t overridden(std::uint8_t tier, Instant now) const;
    Band band(Band before, double risk) const;
    Stage stage(Band band, Instant now) const;
    void follow_up(State& state, Instant now) const;
    bool too_silent(const SilenceLimit& limit, Instant now) const;
    std::int64_t silence_ms(const SilenceLimit& limit, Instant now) const;
    Instant comeback(Instant now) const;
    bool confirmed(Instant now) const;

    std::vector<Instant> fixed_ticks(Instant from, Instant to) const;
    Instant next_tick(const State& state, const std::vector<Instant>& fixed, Instant to) const;
    State move(State state, Instant to, bool stop_when_seen) const;
    // Moves `state` to the first change inside (settled_at, last], or to nothing.
    bool change_before(State& state, Instant last) const;

    const CompiledPolicy& policy_;
    const Facts& facts_;
    mutable std::map<std::size_t, Seen> seen_;
};

}  // namespace patron::scoring
