#include "tools/patron/row_mapper.h"

#include <algorithm>

#include "server/start_error.h"
#include "server/wire/byte_writer.h"
#include "server/wire/json_string.h"
#include "server/wire/money_text.h"
#include "tools/patron/utf8_check.h"

namespace patron::tools {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) {
        return c == ' ' || c == '\t';
    };
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// A value as a sentence may show it.
std::string shown(std::string_view text) {
    constexpr std::size_t kBytesMax = 64;
    std::string out = "'";
    while (!text.empty() && out.size() < kBytesMax) {
        const std::size_t n = utf8_sequence_bytes(text);
        const bool plain = n > 1 || (n == 1 && static_cast<unsigned char>(text.front()) >= 0x20);
        out += plain ? text.substr(0, n) : std::string_view("?");
        text.remove_prefix(std::max<std::size_t>(n, 1));
    }
    return out + (text.empty() ? "'" : "...'");
}

std::unexpected<Refusal> refuse(std::string reason, std::string detail) {
    return std::unexpected(Refusal{std::move(reason), std::move(detail)});
}

std::optional<std::string_view> flag_of(std::string_view text) {
    std::string word(text);
    std::ranges::transform(word, word.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    if (word == "true" || word == "1" || word == "yes" || word == "y") {
        return "true";
    }
    if (word == "false" || word == "0" || word == "no" || word == "n") {
        return "false";
    }
    return std::nullopt;
}

std::expected<void, Refusal> append_extra(
    const ColumnField& field, std::string_view value, char decimal_mark, wire::ByteWriter& out
) {
    out.append(",\"");
    out.append(field.name);
    out.append("\":");
    if (field.value == ValueKind::Text) {
        wire::append_json_string(out, value);
        return {};
    }
    if (field.value == ValueKind::Flag) {
        const auto flag = flag_of(value);
        if (!flag) {
            return refuse(
                "bad_flag", std::string(field.name) + " is not yes or no: " + shown(value)
            );
        }
        out.append(*flag);
        return {};
    }
    std::string number(value);
    std::ranges::replace(number, decimal_mark, '.');
    if (!wire::is_json_number(number)) {
        return refuse("bad_number", std::string(field.name) + " is not a number: " + shown(value));
    }
    out.append(number);
    return {};
}

}  // namespace

bool RowMapper::take_header(const CsvRow& row) {
    if (!row.flaw.empty() && (rules_.header == HeaderRow::Yes || rules_.map.needs_header())) {
        throw server::StartError(
            server::ExitCode::DataError,
            "the row that names the columns is broken: " + std::string(row.flaw)
        );
    }
    if (!row.flaw.empty()) {
        rules_.map.check();
        return false;
    }
    std::vector<std::string_view> names(row.fields);
    std::ranges::transform(names, names.begin(), trimmed);
    bool is_header = rules_.header == HeaderRow::Yes;
    if (rules_.header == HeaderRow::Auto) {
        is_header = rules_.map.needs_header();
        if (!is_header) {
            const auto at = value_of(row, ColumnKind::At);
            is_header = at && !rules_.time_format.parse(*at, rules_.zone);
        }
    }
    if (is_header) {
        rules_.map.bind(names);
    }
    rules_.map.check();
    return is_header;
}

// No such field in the map, or a row too short for it: nothing; an empty field: "".
std::optional<std::string_view> RowMapper::value_of(const CsvRow& row, ColumnKind kind) const {
    const MappedColumn* column = rules_.map.find(kind);
    if (column == nullptr || !column->index || *column->index >= row.fields.size()) {
        return std::nullopt;
    }
    return trimmed(row.fields[*column->index]);
}

std::string_view RowMapper::trimmed_id(std::string_view id) const {
    if (!rules_.trim_decimal_ids) {
        return id;
    }
    const std::size_t mark = id.find('.');
    if (mark == std::string_view::npos || mark == 0) {
        return id;
    }
    const bool only_zeros = id.find_first_not_of('0', mark + 1) == std::string_view::npos;
    const bool digits = id.find_first_not_of("0123456789") == mark;
    return only_zeros && digits ? id.substr(0, mark) : id;
}

RowMapper::Mapped RowMapper::map_identity(const CsvRow& row, RowEvent& out) const {
    out.customer = trimmed_id(value_of(row, ColumnKind::Customer).value_or(""));
    if (out.customer.empty()) {
        return refuse("no_customer", "the row has no customer");
    }
    const std::string_view type = value_of(row, ColumnKind::Type).value_or("order");
    out.type = type.empty() ? "order" : type;
    out.id = value_of(row, ColumnKind::Id).value_or("");
    out.currency = value_of(row, ColumnKind::Currency).value_or("");
    out.order_id = trimmed_id(value_of(row, ColumnKind::OrderId).value_or(""));
    if (out.order_id.empty() && rules_.map.find(ColumnKind::OrderId) != nullptr &&
        (out.type == "order" || out.type == "refund")) {
        return refuse("no_order_id", "the row has no order id");
    }
    return {};
}

RowMapper::Mapped RowMapper::map_time(const CsvRow& row, RowEvent& out) const {
    const std::string_view text = value_of(row, ColumnKind::At).value_or("");
    const auto at = rules_.time_format.parse(text, rules_.zone);
    if (!at) {
        return refuse("bad_time", "the time does not have the format asked for: " + shown(text));
    }
    out.at = *at;
    return {};
}

std::expected<ExactAmount, Refusal> RowMapper::number_of(const CsvRow& row, ColumnKind kind) const {
    const std::string_view text = value_of(row, kind).value_or("");
    const auto number = ExactAmount::parse(text, rules_.decimal_mark);
    if (!number) {
        const std::string name(rules_.map.find(kind)->field->name);
        return refuse(
            text.empty() ? "no_amount" : "bad_number", name + " is not a number: " + shown(text)
        );
    }
    return *number;
}

RowMapper::Mapped RowMapper::map_amount(const CsvRow& row, RowEvent& out) const {
    out.amount.reset();
    if (out.type != "order" && out.type != "refund") {
        return {};
    }
    if (rules_.map.find(ColumnKind::Quantity) != nullptr) {
        const auto quantity = number_of(row, ColumnKind::Quantity);
        const auto price = number_of(row, ColumnKind::Price);
        if (!quantity || !price) {
            return std::unexpected(quantity ? price.error() : quantity.error());
        }
        out.amount = ExactAmount::product(*quantity, *price);
        return {};
    }
    if (rules_.map.find(ColumnKind::Amount) == nullptr) {
        return out.type == "refund" ? Mapped() : refuse("no_amount", "no column holds the amount");
    }
    // A refund without an amount is one of the whole order.
    if (out.type == "refund" && value_of(row, ColumnKind::Amount).value_or("").empty()) {
        return {};
    }
    const auto amount = number_of(row, ColumnKind::Amount);
    if (!amount) {
        return std::unexpected(amount.error());
    }
    out.amount = *amount;
    return {};
}

RowMapper::Mapped RowMapper::map_extras(const CsvRow& row, RowEvent& out) const {
    wire::ByteWriter written(64);
    for (const MappedColumn& column : rules_.map.columns()) {
        if (column.field->kind != ColumnKind::Extra || *column.index >= row.fields.size()) {
            continue;
        }
        const std::string_view value = trimmed(row.fields[*column.index]);
        if (value.empty()) {
            continue;
        }
        if (!is_utf8(value)) {
            return refuse("bad_text", std::string(column.field->name) + " is not UTF-8");
        }
        if (auto added = append_extra(*column.field, value, rules_.decimal_mark, written); !added) {
            return added;
        }
    }
    out.extras = written.view();
    return {};
}

RowMapper::Mapped RowMapper::map(const CsvRow& row, RowEvent& out) const {
    if (!row.flaw.empty()) {
        return refuse("broken_row", std::string(row.flaw));
    }
    for (const MappedColumn& column : rules_.map.columns()) {
        if (column.field->kind != ColumnKind::Extra && *column.index >= row.fields.size()) {
            return refuse(
                "missing_column",
                "the row has " + std::to_string(row.fields.size()) + " columns, " +
                    std::string(column.field->name) + " is column " +
                    std::to_string(*column.index + 1)
            );
        }
    }
    if (auto done = map_identity(row, out); !done) {
        return done;
    }
    for (const std::string_view text :
         {out.customer, out.type, out.id, out.order_id, out.currency}) {
        if (!is_utf8(text)) {
            return refuse("bad_text", "not UTF-8: " + shown(text));
        }
    }
    if (auto done = map_time(row, out); !done) {
        return done;
    }
    if (auto done = map_amount(row, out); !done) {
        return done;
    }
    return map_extras(row, out);
}

}  // namespace patron::tools
