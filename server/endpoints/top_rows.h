#pragma once
// The first rows of a sorted list, kept while all rows pass by.
//
// Order      that of the filter; rows up to the filter's cursor are left out.
// Bounds     `keep` rows.
// Threads    one owner at a time.
// Cost       a comparison for a row that stays out, log(keep) for one that comes in.

#include <algorithm>
#include <string>
#include <vector>

#include "server/endpoints/customer_filter.h"

namespace patron::endpoints {

struct RankedCustomer {
    std::uint64_t rank = 0;
    std::string id;
};

class TopRows {
    auto earlier() const {
        return [this](const RankedCustomer& a, const RankedCustomer& b) {
            return filter_->before(a.rank, a.id, b.rank, b.id);
        };
    }

  public:
    TopRows(const CustomerFilter& filter, std::size_t keep) : filter_(&filter), keep_(keep) {}

    void offer(std::uint64_t rank, std::string_view id) {
        const auto& cursor = filter_->cursor;
        if (cursor && !filter_->before(cursor->rank, cursor->id, rank, id)) {
            return;
        }
        if (heap_.size() == keep_) {
            if (!filter_->before(rank, id, heap_.front().rank, heap_.front().id)) {
                return;
            }
            std::ranges::pop_heap(heap_, earlier());
            heap_.pop_back();
        }
        heap_.push_back({rank, std::string(id)});
        std::ranges::push_heap(heap_, earlier());
    }

    void offer_all(const TopRows& other) {
        for (const RankedCustomer& customer : other.heap_) {
            offer(customer.rank, customer.id);
        }
    }

    std::vector<RankedCustomer> sorted() && {
        std::ranges::sort(heap_, earlier());
        return std::move(heap_);
    }

  private:
    const CustomerFilter* filter_;
    std::size_t keep_;
    std::vector<RankedCustomer> heap_;  // the last of them in front
};

}  // namespace patron::endpoints
