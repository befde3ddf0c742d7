#pragma once
// Customers as a snapshot holds them, made at random from a seed, with what is needed to compare them.
//
// Range      everything a snapshot can hold: ids of 1 to 128 bytes, ledgers of 0 to about 30 entries
//            (now and then 2000), every state and every attribute, known and unknown.
// Threads    one maker per thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/snapshot_block.h"

namespace patron::store {

// A SavedCustomer that owns what it shows.
struct OwnedCustomer {
    std::string id;
    scoring::State log_state;
    scoring::Activity activity;
    std::vector<scoring::LedgerEntry> ledger;
    std::optional<CustomerAttributes> attributes;

    static OwnedCustomer copy(const SavedCustomer& customer);
    SavedCustomer view() const;
    bool operator==(const OwnedCustomer& other) const;
};

std::string encoded(const CustomerAttributes& attributes);

class SavedMaker {
  public:
    explicit SavedMaker(std::uint64_t seed) : random_(seed) {}

    OwnedCustomer customer();
    CustomerAttributes attributes();
    // One more event of theirs: a profile or an override, of the present or the past.
    void say_something(CustomerAttributes& attributes);

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    std::string text(std::size_t bytes_max);

  private:
    scoring::State state();
    scoring::LedgerEntry entry(std::int64_t at);
    Instant instant();

    std::mt19937_64 random_;
    std::uint64_t made_ = 0;
};

}  // namespace patron::store
