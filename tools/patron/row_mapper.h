#pragma once
// A row of a file as the event it stands for, still without its neighbours.
//
// Shapes     views point into the row.
// Errors     a Refusal: broken_row, missing_column, no_customer, no_order_id, bad_time, bad_number,
//            no_amount, bad_text, bad_flag.
// Threads    one owner.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "scoring/day_clock.h"
#include "scoring/units.h"
#include "tools/patron/column_map.h"
#include "tools/patron/csv_reader.h"
#include "tools/patron/exact_amount.h"
#include "tools/patron/refusal.h"
#include "tools/patron/time_format.h"

namespace patron::tools {

enum class HeaderRow { Yes, No, Auto };

struct RowRules {
    ColumnMap map;
    HeaderRow header = HeaderRow::Auto;
    TimeFormat time_format;
    scoring::DayClock zone;
    char decimal_mark = '.';
    bool trim_decimal_ids = false;  // 17850.0 is 17850
};

struct RowEvent {
    std::string_view type;  // "order" where there is no such column
    std::string_view customer;
    std::string_view id;
    std::string_view order_id;
    std::string_view currency;
    scoring::Instant at;
    std::optional<ExactAmount> amount;
    std::string extras;  // `,"kind":"service"`: the other mapped fields that have a value
};

class RowMapper {
  public:
    explicit RowMapper(RowRules rules) : rules_(std::move(rules)) {}

    // The first row of a file: true if it was its header.
    bool take_header(const CsvRow& row);
    std::expected<void, Refusal> map(const CsvRow& row, RowEvent& out) const;

  private:
    using Mapped = std::expected<void, Refusal>;

    std::optional<std::string_view> value_of(const CsvRow& row, ColumnKind kind) const;
    Mapped map_identity(const CsvRow& row, RowEvent& out) const;
    Mapped map_time(const CsvRow& row, RowEvent& out) const;
    Mapped map_amount(const CsvRow& row, RowEvent& out) const;
    Mapped map_extras(const CsvRow& row, RowEvent& out) const;
    std::expected<ExactAmount, Refusal> number_of(const CsvRow& row, ColumnKind kind) const;
    std::string_view trimmed_id(std::string_view id) const;

    RowRules rules_;
};

}  // namespace patron::tools
