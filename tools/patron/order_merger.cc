#include "tools/patron/order_merger.h"

#include <algorithm>

#include "scoring/check.h"

namespace patron::tools {
namespace {

std::expected<void, Refusal> merge(MergedOrder& order, const RowEvent& row) {
    if (order.currency != row.currency) {
        return std::unexpected(
            Refusal{"mixed_currency", "another currency than the order's first line"}
        );
    }
    const auto sum = order.amount.plus(*row.amount);
    if (!sum) {
        return std::unexpected(Refusal{"bad_number", "the order's amounts add up to too much"});
    }
    order.amount = *sum;
    order.at = std::min(order.at, row.at);
    ++order.lines;
    return {};
}

}  // namespace

MergedOrder order_of(const RowEvent& row, std::uint64_t line) {
    PATRON_CHECK(row.amount.has_value());
    return {
        std::string(row.customer),
        std::string(row.order_id),
        std::string(row.id),
        std::string(row.currency),
        row.extras,
        row.at,
        *row.amount,
        line
    };
}

std::expected<void, Refusal> OrderMerger::add(const RowEvent& row, std::uint64_t line) {
    std::string key;
    key.reserve(row.customer.size() + 1 + row.order_id.size());
    key.append(row.customer).append(1, '\0').append(row.order_id);
    const auto found = open_.find(key);
    if (found != open_.end()) {
        return merge(found->second, row);
    }
    open_.emplace(std::move(key), order_of(row, line));
    return {};
}

std::vector<MergedOrder> OrderMerger::take_all() {
    std::vector<MergedOrder> orders;
    orders.reserve(open_.size());
    for (auto& [key, order] : open_) {
        orders.push_back(std::move(order));
    }
    open_.clear();
    std::ranges::sort(orders, {}, &MergedOrder::first_line);
    return orders;
}

}  // namespace patron::tools
