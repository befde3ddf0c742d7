#pragma once
// The plain, slow store: a map from customer to every distinct event kept of it, in sequence. What
// it says of a customer is worked out from those events each time.
//
// Time       an event acts at the later of its instant and the customer's newest event; one ahead
// of the
//            clock counts as of its acceptance.
// Errors     the refusals that need the customers' past: refunds and tiers. It has no bounds.
// Threads    one thread.
// Choices    takes states from scoring::advance and step, which have a reference of their own;
// dedupe,
//            refunds, last values and what is kept are written anew.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/state.h"
#include "store/event.h"
#include "store/result.h"
#include "store/store.h"

namespace patron::store {

struct ReferenceReply {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::vector<std::pair<std::int64_t, FaultCode>> rejected;  // by index
};

// Facts with what they are views of.
struct ReferenceFacts {
    std::vector<scoring::LedgerEntry> ledger;
    scoring::Activity activity;
    scoring::TierOverride tier_override;
    ProfileDetails profile;
    scoring::Facts view() const { return {ledger, activity, tier_override, profile.facts}; }
};

struct ReferenceAnswer {
    scoring::State state;
    double churn_risk = scoring::kUnknown;
    double p_alive = scoring::kUnknown;
    double purchase_probability = scoring::kUnknown;
    double value_index = scoring::kUnknown;
    Money spend_longest;
};

class ReferenceStore {
  public:
    explicit ReferenceStore(std::shared_ptr<const scoring::CompiledPolicy> policy)
        : policy_(std::move(policy)) {}

    // A refused request changes nothing; then `first` of the fault is the event's index.
    std::expected<ReferenceReply, std::pair<std::int64_t, FaultCode>> submit(
        const EventBatch& batch, OnError on_error, Instant now
    );

    bool knows(std::string_view id) const { return customers_.contains(std::string(id)); }
    std::size_t customers() const { return customers_.size(); }
    std::vector<std::string> ids() const;
    // When the customer's newest event acted. Only of a known customer.
    Instant newest(std::string_view id) const;
    const scoring::State& log_state(std::string_view id) const;
    ReferenceFacts facts(std::string_view id) const;
    // At the later of `at` and the newest event.
    ReferenceAnswer answer(std::string_view id, Instant at) const;

  private:
    struct Kept {
        const Event* event;
        Instant at;  // not ahead of the acceptance
    };
    struct Customer {
        std::vector<Kept> events;
        scoring::State state;
    };
    using Key = std::pair<std::string, std::string>;  // customer, event

    std::optional<FaultCode> fault_of(const Event& event) const;
    std::optional<FaultCode> fault_of(const std::string& customer, const Refund& refund) const;
    bool knows_tier(std::string_view name) const;
    void apply(const Event& event, Instant now);
    ReferenceFacts facts_of(const Customer& customer) const;
    void read_profile(const Customer& customer, ProfileDetails& out) const;
    scoring::TierOverride read_override(const Customer& customer) const;
    std::uint64_t id_hash(const Event& event) const;

    std::shared_ptr<const scoring::CompiledPolicy> policy_;
    std::vector<std::shared_ptr<const EventBatch>> batches_;
    std::map<std::string, Customer> customers_;
    std::set<Key> seen_;
};

}  // namespace patron::store
