#pragma once
// Lines of one order become one order: the sum of their amounts at the earliest of their times.
//
// Shapes     an order is a customer and an order id; its lines may stand anywhere in the file. What
// else
//            it carries (id, currency, other fields) is that of its first line.
// Order      `take_all` gives the orders in the order of their first lines.
// Bounds     `open_orders_max`; at the bound the caller takes all of them, and an order whose lines
//            go on behind the cut becomes two (`cuts` counts).
// Errors     a Refusal: bad_number (a sum that leaves the range), mixed_currency.
// Threads    one owner.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/patron/row_mapper.h"

namespace patron::tools {

struct MergedOrder {
    std::string customer;
    std::string order_id;  // empty: the file has none
    std::string id;
    std::string currency;
    std::string extras;
    scoring::Instant at;
    ExactAmount amount;
    std::uint64_t first_line = 0;
    std::uint64_t lines = 1;
};

MergedOrder order_of(const RowEvent& row, std::uint64_t line);

class OrderMerger {
  public:
    static constexpr std::size_t kOpenOrdersMax = 500'000;

    explicit OrderMerger(std::size_t open_orders_max = kOpenOrdersMax)
        : open_orders_max_(open_orders_max) {}

    bool full() const { return open_.size() >= open_orders_max_; }
    std::expected<void, Refusal> add(const RowEvent& row, std::uint64_t line);
    std::vector<MergedOrder> take_all();

  private:
    std::size_t open_orders_max_;
    std::unordered_map<std::string, MergedOrder> open_;
};

}  // namespace patron::tools
