#pragma once
// Which customers a list shows, in which order, and how many of them.
//
// Shapes     parameters: tier, risk_band, lifecycle, follow_up, override (each a comma-separated
//            list of names; "none" is a band and an override too), service_level, region, industry,
//            owner (one exact value each), sort, order, limit, cursor, at, min_seq.
// Range      sort: customer_id (default), churn_risk, value_index, gap, spend_<N>d of the longest
//            window. order: asc or desc; default asc for customer_id and gap, else desc. Customers
//            without the number come last either way. Ties go by id, ascending.
// Choices    gap orders by the missing number as it is printed, whatever its feature.
// Errors     BadParameter.
// Threads    values; tiers are indices of the policy it was read under.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/endpoints/page_cursor.h"
#include "server/endpoints/read_parameters.h"
#include "server/wire/policy_texts.h"
#include "store/store.h"

namespace patron::endpoints {

enum class ListSort : std::uint8_t { CustomerId, ChurnRisk, ValueIndex, Gap, Spend };

struct CustomerFilter {
    static constexpr std::size_t kLimitDefault = 100;

    // Sets of names by index, one bit each; none set: all.
    std::uint32_t tiers = 0;
    std::uint32_t bands = 0;
    std::uint32_t stages = 0;
    std::uint32_t follow_ups = 0;
    std::uint32_t overrides = 0;
    std::optional<std::string> service_level;
    std::optional<std::string> region;
    std::optional<std::string> industry;
    std::optional<std::string> owner;

    ListSort sort = ListSort::CustomerId;
    bool descending = false;
    std::size_t limit = kLimitDefault;
    std::optional<PageCursor> cursor;
    ReadParameters read;

    static store::Result<CustomerFilter> parse(
        std::string_view query, const wire::PolicyTexts& texts
    );

    bool matches(const store::ScanRow& row) const;
    // Where a row stands in the list: smaller comes first.
    std::uint64_t rank(const store::ScanRow& row, int currency_digits) const;
    // Whether one customer comes before another.
    bool before(
        std::uint64_t rank_a, std::string_view id_a, std::uint64_t rank_b, std::string_view id_b
    ) const {
        if (rank_a != rank_b) {
            return rank_a < rank_b;
        }
        return sort == ListSort::CustomerId && descending ? id_b < id_a : id_a < id_b;
    }
};

}  // namespace patron::endpoints
