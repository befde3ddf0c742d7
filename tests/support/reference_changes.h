#pragma once
// What the feed of changes must say, by brute force: every customer is evaluated again and again at the
// ticks of a grid and at every instant that may matter, and where two neighbours differ, halving finds the
// first millisecond of the difference.
//
// Shapes     time is moved from outside, `clock_to`; events are taken at the clock, one after the other.
// Order      of `take`: as told; what time alone changes by instant, then by customer.
// Errors     an event that the store would refuse is left out.
// Threads    one thread.
// Cost       high on purpose: a rollup over the whole ledger per instant looked at.
// Choices    evaluates with scoring::step, so that instants are the same to the millisecond; that has a
//            reference of its own. An erasure is told as of the
//            instant at which it acts, as any event is.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/state.h"
#include "scoring/visible.h"
#include "store/change.h"
#include "tests/support/reference_store.h"

namespace patron::store {

struct ExpectedChange {
    std::string id;
    Instant at;
    Cause cause = Cause::Event;
    std::optional<scoring::Visible> from;
    std::optional<scoring::Visible> to;
    ScoreThen score;            // at the instant of the change
    ScoreThen score_when_told;  // of an event that came late: at the clock
    double risk_before = scoring::kUnknown;
};

// A customer moved through time: each state that an outsider can tell from the one before, settled at the
// first millisecond at which it holds, and the last one, settled at the end.
struct SlowMove {
    std::vector<scoring::State> seen;
    scoring::State end;
};
SlowMove move_slowly(
    const scoring::CompiledPolicy& policy,
    const scoring::Facts& facts,
    const scoring::State& from,
    Instant to
);

class ReferenceChanges {
  public:
    ReferenceChanges(std::shared_ptr<const scoring::CompiledPolicy> policy, Instant now)
        : policy_(std::move(policy)), clock_(now) {}

    // A clock that goes back stands still until it has caught up.
    void clock_to(Instant now);
    // How many events were accepted.
    std::uint64_t submit(const EventBatch& batch);
    // What was told since the last call.
    std::vector<ExpectedChange> take();

    Instant clock() const { return clock_; }
    std::uint64_t seq() const { return seq_; }
    bool knows(const std::string& id) const;
    std::map<std::string, scoring::Visible> picture() const;
    // Of a known customer, settled at the clock.
    const scoring::State& state(const std::string& id) const { return customers_.at(id).state; }
    // What time alone will bring a known customer after the clock, up to and including `until`.
    std::vector<FutureTransition> future(const std::string& id, Instant until) const;

  private:
    struct Customer {
        std::optional<ReferenceStore> store;  // of this customer alone; outlives an erasure
        bool known = false;
        bool told = false;
        ReferenceFacts facts;
        scoring::State state;  // settled at the clock
        scoring::Visible said;
        double risk = scoring::kUnknown;
    };

    scoring::Visible visible_in(const Customer& customer, const scoring::State& state) const;
    ScoreThen score_in(const Customer& customer, const scoring::State& state) const;
    void say(
        const std::string& id,
        Customer& customer,
        const scoring::State& state,
        const scoring::State& end,
        Cause cause
    );
    void erase(const std::string& id, Customer& customer, Instant at);
    void look_at(const std::string& id, Customer& customer, Cause cause);

    std::shared_ptr<const scoring::CompiledPolicy> policy_;
    Instant clock_;
    std::uint64_t seq_ = 0;
    std::map<std::string, Customer> customers_;
    std::vector<ExpectedChange> told_;
};

}  // namespace patron::store
