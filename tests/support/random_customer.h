#pragma once
// Policies and customers made at random from a seed, rich in coincidences: equal instants, gaps of
// exactly a window, amounts exactly at thresholds, clock changes.
//
// Range      policies that lint accepts; ledgers of up to about 30 entries.
// Threads    one maker per thread.
// Choices    half lives and the contact limit are odd numbers, so that no decayed count meets a
//            threshold to the last bit, where the reference's wider arithmetic may decide
//            otherwise.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"

namespace patron::scoring {

struct PolicyWishes {
    bool continuous = false;  // rules on recency_days, p_alive; stage limits as probability
    bool spend_only = false;  // rules ask for spend inside the windows, one atom each
};

// Facts with their ledger: `log` keeps the order of arrival.
struct MadeCustomer {
    std::vector<LedgerEntry> log;
    std::vector<LedgerEntry> ledger;  // sorted
    Activity activity;
    TierOverride tier_override;
    ProfileFacts profile;

    Facts facts() const { return {ledger, activity, tier_override, profile}; }
    void sort_ledger();
};

class CustomerMaker {
  public:
    explicit CustomerMaker(std::uint64_t seed) : random_(seed) {}

    std::shared_ptr<const CompiledPolicy> policy(PolicyWishes wishes);
    MadeCustomer customer(const CompiledPolicy& policy);

    // An instant in [from, to].
    Instant between(Instant from, Instant to);
    std::int64_t whole(std::int64_t low, std::int64_t high);  // both included
    double real(double low, double high);
    bool chance(double probability) { return real(0, 1) < probability; }
    std::mt19937_64& bits() { return random_; }

  private:
    double pick(std::span<const double> values);
    Atom atom(const Policy& policy, PolicyWishes wishes);
    Rule rule(const Policy& policy, PolicyWishes wishes);
    void add_tiers(Policy& policy, PolicyWishes wishes);
    void add_dimensions(Policy& policy);
    void add_service(Policy& policy);
    SilenceLimit limit(double days, double probability, PolicyWishes wishes);
    Instant next_instant(const CompiledPolicy& policy, Instant before, Instant first);
    LedgerEntry event(Instant at);
    LedgerEntry voice(Instant at);
    void add_override(const CompiledPolicy& policy, MadeCustomer& made);

    std::mt19937_64 random_;
};

}  // namespace patron::scoring
