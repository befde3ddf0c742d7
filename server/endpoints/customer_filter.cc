#include "server/endpoints/customer_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "scoring/feature.h"
#include "server/endpoints/query_reader.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using scoring::FeatureUnit;
using store::Fault;
using store::FaultCode;
using store::Result;
using store::ScanRow;
using wire::QueryString;

class FilterReader : public QueryReader {
  public:
    FilterReader(const QueryString& query, const wire::PolicyTexts& texts)
        : QueryReader(query), texts_(texts) {}

    bool read(CustomerFilter& out) {
        return take(CustomerChoice::read(query_, texts_), out.who) && sort(out) && page(out);
    }

  private:
    bool sort(CustomerFilter& out) {
        const std::array<std::string_view, 5> sorts{
            "customer_id", "churn_risk", "value_index", "gap", texts_.longest_spend()
        };
        constexpr std::array<std::string_view, 2> kOrders{"asc", "desc"};
        std::optional<std::size_t> sort;
        std::optional<std::size_t> order;
        if (!take(query_.choice("sort", sorts), sort) ||
            !take(query_.choice("order", kOrders), order)) {
            return false;
        }
        out.sort = static_cast<ListSort>(sort.value_or(0));
        const bool from_least = out.sort == ListSort::CustomerId || out.sort == ListSort::Gap;
        out.descending = order.value_or(from_least ? 0 : 1) == 1;
        return true;
    }

    bool page(CustomerFilter& out) {
        std::optional<std::uint64_t> limit;
        if (!take(query_.count("limit", store::limits::kListLimitMax), limit) ||
            !take(read_parameters(query_), out.read)) {
            return false;
        }
        if (limit == 0U) {
            return refuse("limit", "a page holds at least one customer");
        }
        out.limit = limit.value_or(CustomerFilter::kLimitDefault);
        const auto cursor = query_.find("cursor");
        if (!cursor) {
            return true;
        }
        out.cursor = decode_cursor(*cursor);
        const bool fits = out.cursor && out.cursor->descending == out.descending &&
                          out.cursor->sort == static_cast<std::uint8_t>(out.sort);
        return fits || refuse("cursor", "no cursor of a list sorted like this");
    }

    bool refuse(std::string_view name, std::string detail) {
        fault_ = {FaultCode::BadParameter, std::move(detail), std::string(name), store::kNoIndex};
        return false;
    }

    const wire::PolicyTexts& texts_;
};

// NaN has no place among numbers.
std::uint64_t ordered(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // -0.0 counts as 0.0
    constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double sort_value(ListSort sort, const ScanRow& row, int currency_digits) {
    switch (sort) {
        case ListSort::CustomerId:
            return 0;
        case ListSort::ChurnRisk:
            return row.reading.score.churn_risk;
        case ListSort::ValueIndex:
            return row.reading.standing.value_index;
        case ListSort::Spend:
            return static_cast<double>(row.spend_longest_window.minor);
        case ListSort::Gap:
            break;
    }
    const scoring::TimedGap& gap = row.reading.standing.to_next;
    if (!(gap.missing > 0)) {
        return scoring::kUnknown;
    }
    const bool money = scoring::info(gap.feature.kind).unit == FeatureUnit::Money;
    return money ? gap.missing / std::pow(10.0, currency_digits) : gap.missing;
}

}  // namespace

Result<CustomerFilter> CustomerFilter::parse(
    std::string_view query, const wire::PolicyTexts& texts
) {
    const auto parsed = QueryString::parse(
        query, CustomerChoice::parameters_and({"sort", "order", "limit", "cursor", "at", "min_seq"})
    );
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    CustomerFilter filter;
    FilterReader reader(*parsed, texts);
    if (!reader.read(filter)) {
        return std::unexpected(std::move(reader.fault()));
    }
    return filter;
}

std::uint64_t CustomerFilter::rank(const ScanRow& row, int currency_digits) const {
    if (sort == ListSort::CustomerId) {
        return 0;
    }
    const double value = sort_value(sort, row, currency_digits);
    if (std::isnan(value)) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    return descending ? ~ordered(value) : ordered(value);
}

}  // namespace patron::endpoints
