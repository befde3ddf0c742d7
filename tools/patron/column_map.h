#pragma once
// Which column of a file is which field of an event.
//
// Shapes     "customer=CustomerID,at=3": a column by its name in the header or by its number
// from 1.
//            Fields: customer, at, type, id, order_id, amount, quantity, price, currency, and those
//            of the event types that are one value (severity, rating, score, ...).
// Errors     StartError (Usage) with what is wrong and what there is to choose from.
// Threads    values.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::tools {

enum class ColumnKind { Customer, At, Type, Id, OrderId, Amount, Quantity, Price, Currency, Extra };
enum class ValueKind { Text, Number, Flag };

struct ColumnField {
    std::string_view name;
    ColumnKind kind;
    ValueKind value;
};

const ColumnField* find_column_field(std::string_view name);

struct MappedColumn {
    const ColumnField* field = nullptr;
    std::string column;                // as the map names it
    std::optional<std::size_t> index;  // from 0; known from the start for numbers
};

class ColumnMap {
  public:
    static ColumnMap parse(const std::vector<std::string>& entries);

    // Nothing was mapped: a header's own names say it all.
    bool empty() const { return columns_.empty(); }
    bool needs_header() const;
    // Finds the columns that are named; an empty map takes every column named like a field.
    void bind(const std::vector<std::string_view>& header);
    // Checks that what every row needs is there.
    void check() const;

    const MappedColumn* find(ColumnKind kind) const;
    const std::vector<MappedColumn>& columns() const { return columns_; }

  private:
    void add(std::string_view name, std::string_view column);

    std::vector<MappedColumn> columns_;
};

}  // namespace patron::tools
