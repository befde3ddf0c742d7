#pragma once
// One customer and one policy that a test builds up by hand, with verbs for events.
//
// Units      days of Shanghai, counted from 2024-01-01; `noon(3)` is 12:00 on 2024-01-04.
// Choices    windows of 30, 90, 365 days; tiers by rules of the test; no signals weigh anything.
// Threads    one.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/rollup.h"
#include "scoring/transition.h"

namespace patron::scoring {

class SmallWorld {
  public:
    SmallWorld() {
        policy.purchase = kCdnowMbgNbd;
        policy.tiers.push_back({"base", {}, {}, std::nullopt});
    }

    static Instant midnight_of(std::int64_t day) {
        return Instant{1'704'038'400'000 + day * kDayMs};
    }
    static Instant noon_of(std::int64_t day) { return plus_ms(midnight_of(day), 12 * kHourMs); }
    Instant midnight(std::int64_t day) const { return midnight_of(day); }
    Instant noon(std::int64_t day) const { return noon_of(day); }

    void add(const LedgerEntry& entry) {
        ledger_.insert(std::upper_bound(ledger_.begin(), ledger_.end(), entry), entry);
    }
    void order(Instant at, std::int64_t minor, std::uint64_t key) {
        add(make_entry(EntryKind::Order, at, minor, key));
    }
    void refund(Instant at, std::int64_t minor, std::uint64_t key) {
        add(make_entry(EntryKind::Refund, at, minor, key));
    }
    void refund_rest(Instant at, std::uint64_t key) {
        add(make_entry(EntryKind::RefundRest, at, 0, key));
    }
    void follow_up(Instant at) { add(make_entry(EntryKind::FollowUp, at, 1)); }

    // A tier above the others that asks for spend_365d.
    Tier& spend_tier(std::int64_t enter_minor) {
        policy.tiers.push_back(
            {"t" + std::to_string(policy.tiers.size()), {}, spend_rule(enter_minor), std::nullopt}
        );
        return policy.tiers.back();
    }
    static Rule spend_rule(std::int64_t minor) {
        const Feature spend_365d{FeatureKind::SpendWindow, 2};
        return {{{spend_365d, Comparison::AtLeast, static_cast<double>(minor), {}}}};
    }

    const CompiledPolicy& compiled() {
        if (!compiled_) {
            policy.service.resize(policy.tiers.size() * kStages);
            compiled_ = compile(policy, schema);
        }
        return *compiled_;
    }
    Facts facts() const { return {ledger_, activity, tier_override, profile}; }
    Rollup rollup(Instant at) { return roll_up(compiled(), facts(), at); }

    // The state at `now` of a customer whose first state was settled at `from`.
    State state(Instant from, Instant now) {
        const Facts all = facts();
        const Rollup first = rollup(from);
        const State begun = step({compiled(), all, first, from}, first_state(from));
        return advance(compiled(), all, begun, now);
    }

    Policy policy;
    FactSchema schema;
    Activity activity;
    TierOverride tier_override;
    ProfileFacts profile;

  private:
    std::vector<LedgerEntry> ledger_;
    std::shared_ptr<const CompiledPolicy> compiled_;
};

}  // namespace patron::scoring
