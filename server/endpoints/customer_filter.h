#pragma once
// Which customers a list shows, in which order, and how many of them.
//
// Shapes     parameters: those of customer_choice.h, sort, order, limit, cursor, at, min_seq.
// Range      sort: customer_id (default), churn_risk, value_index, gap, spend_<N>d of the longest
//            window. order: asc or desc; default asc for customer_id and gap, else desc. Customers
//            without the number come last either way. Ties go by id, ascending.
// Choices    gap orders by the missing number as it is printed, whatever its feature.
// Errors     BadParameter.
// Threads    values; tiers are indices of the policy it was read under.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/endpoints/customer_choice.h"
#include "server/endpoints/page_cursor.h"
#include "server/endpoints/read_parameters.h"
#include "server/wire/policy_texts.h"
#include "store/store.h"

namespace patron::endpoints {

enum class ListSort : std::uint8_t { CustomerId, ChurnRisk, ValueIndex, Gap, Spend };

struct CustomerFilter {
    static constexpr std::size_t kLimitDefault = 100;

    CustomerChoice who;
    ListSort sort = ListSort::CustomerId;
    bool descending = false;
    std::size_t limit = kLimitDefault;
    std::optional<PageCursor> cursor;
    ReadParameters read;

    static store::Result<CustomerFilter> parse(
        std::string_view query, const wire::PolicyTexts& texts
    );

    bool matches(const store::ScanRow& row) const { return who.matches(row); }
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
