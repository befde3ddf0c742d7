#pragma once
// A store beside the brute force of its changes: the same clock, the same events, and what was told compared.
//
// Shapes     changes are compared customer by customer, in order: instant, cause, from, to, scores.
// Order      each pull also checks what holds whatever happened: offsets without holes, each customer's
//            chain, seq that never falls.
// Errors     a difference is a test failure that shows one customer's changes on both sides.
// Threads    one thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/change.h"
#include "tests/support/reference_changes.h"
#include "tests/support/test_store.h"

namespace patron::store {

std::string describe(const std::optional<scoring::Visible>& visible);
std::string describe(const Change& change);
std::string describe(const ExpectedChange& change);

// Of one customer; scores too, but for the risk before, which is a matter of the chain.
bool same_change(const Change& got, const ExpectedChange& expected);

// Applies changes one by one and finds what does not follow.
class ChainCheck {
  public:
    // Empty: all is well.
    std::string add(const Change& change);
    // A store that has just started has only estimates of the risks of before.
    void forget_risks();
    std::map<std::string, scoring::Visible> said() const;

  private:
    struct Last {
        scoring::Visible visible;
        double risk;
        bool risk_known;
    };
    std::map<std::string, Last> said_;
    std::uint64_t seq_ = 0;
};

class ChangesPair {
  public:
    using Make = std::function<std::unique_ptr<TestStore>(Instant now)>;
    ChangesPair(std::shared_ptr<const scoring::CompiledPolicy> policy, Make make, Instant now);
    // A store in memory.
    ChangesPair(std::shared_ptr<const scoring::CompiledPolicy> policy, TestStoreOptions options);

    TestStore& store() { return *store_; }
    ReferenceChanges& reference() { return reference_; }
    Instant now() const { return reference_.clock(); }
    std::uint64_t compared() const { return compared_; }

    // All that falls due on the way is compared.
    void run_clock_to(Instant now);
    // The clock alone: who comes next finds the store behind it.
    void set_clock(Instant now);
    // Taken by both; refused events are skipped. Nothing is compared yet.
    void submit(EventBatch batch);
    // What both told since the last comparison, once the store has told all.
    void expect_same_changes();
    // The same without looking at it, but for the chain: where some events are told as one.
    void expect_same_end();
    // The store's picture, page by page, its counts, and the chain's end are the reference's.
    void expect_same_picture();
    // Ends the store, whatever is still to be told, and makes it again, `stop_ms` later. What was told
    // before and after is compared next.
    void restart(std::int64_t stop_ms);

  private:
    void fetch();
    std::vector<Change> pull();
    void compare(const std::vector<Change>& got, const std::vector<ExpectedChange>& expected);
    void expect_same_counts();

    std::shared_ptr<const scoring::CompiledPolicy> policy_;
    Make make_;
    ReferenceChanges reference_;
    std::unique_ptr<TestStore> store_;
    ChainCheck chain_;
    std::vector<Change> fetched_;
    bool touched_ = false;  // by an event since the last comparison
    std::uint64_t cursor_ = 0;
    std::uint64_t compared_ = 0;
};

}  // namespace patron::store
