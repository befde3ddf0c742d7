#pragma once
// The refunds of one customer up to an instant, added up by order while he is rolled up.
//
// Shapes     `add` all, `gather` once, then `find`.
// Threads    one owner at a time; `clear` keeps the memory for the next customer.
// Cost       a sort of the refunds; a search among them for an order that may have one.

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scoring/ledger.h"

namespace patron::scoring {

// What the refunds of one order add up to.
struct OrderRefund {
    std::uint64_t key = 0;
    std::int64_t amount = 0;
    bool rest = false;
    bool order_known = false;
};

// The refunds up to an instant, by order.
class RefundSums {
  public:
    void add(const LedgerEntry& entry) {
        sums_.push_back({entry.key(), entry.value, entry.kind() == EntryKind::RefundRest, false});
        maybe_.set(entry.key() % kMarks);
    }
    bool empty() const { return sums_.empty(); }
    void clear() {
        if (!sums_.empty()) {
            sums_.clear();
            maybe_.reset();
        }
    }

    // One sum per order, in the order of keys.
    void gather() {
        std::sort(sums_.begin(), sums_.end(), [](const OrderRefund& a, const OrderRefund& b) {
            return a.key < b.key;
        });
        std::size_t kept = 0;
        for (std::size_t i = 1; i < sums_.size(); ++i) {
            if (sums_[i].key == sums_[kept].key) {
                sums_[kept].amount += sums_[i].amount;
                sums_[kept].rest |= sums_[i].rest;
            } else {
                sums_[++kept] = sums_[i];
            }
        }
        sums_.resize(kept + 1);
    }

    OrderRefund* find(std::uint64_t key) {
        if (!maybe_.test(key % kMarks)) {
            return nullptr;
        }
        const auto at = std::lower_bound(
            sums_.begin(),
            sums_.end(),
            key,
            [](const OrderRefund& sum, std::uint64_t wanted) { return sum.key < wanted; }
        );
        return at != sums_.end() && at->key == key ? &*at : nullptr;
    }

  private:
    static constexpr std::size_t kMarks = 1024;

    std::vector<OrderRefund> sums_;
    std::bitset<kMarks> maybe_;  // spares most orders the search; keys are hashes already
};

}  // namespace patron::scoring
