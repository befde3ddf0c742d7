#include "tools/patron/column_map.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "server/start_error.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;
using enum ValueKind;

constexpr std::array kFields{
    ColumnField{"customer", ColumnKind::Customer, Text},
    ColumnField{"at", ColumnKind::At, Text},
    ColumnField{"type", ColumnKind::Type, Text},
    ColumnField{"id", ColumnKind::Id, Text},
    ColumnField{"order_id", ColumnKind::OrderId, Text},
    ColumnField{"amount", ColumnKind::Amount, Number},
    ColumnField{"quantity", ColumnKind::Quantity, Number},
    ColumnField{"price", ColumnKind::Price, Number},
    ColumnField{"currency", ColumnKind::Currency, Text},
    ColumnField{"margin", ColumnKind::Extra, Number},
    ColumnField{"kind", ColumnKind::Extra, Text},
    ColumnField{"channel", ColumnKind::Extra, Text},
    ColumnField{"reason", ColumnKind::Extra, Text},
    ColumnField{"ticket_id", ColumnKind::Extra, Text},
    ColumnField{"severity", ColumnKind::Extra, Number},
    ColumnField{"cost", ColumnKind::Extra, Number},
    ColumnField{"topic", ColumnKind::Extra, Text},
    ColumnField{"rating", ColumnKind::Extra, Number},
    ColumnField{"public", ColumnKind::Extra, Flag},
    ColumnField{"score", ColumnKind::Extra, Number},
    ColumnField{"dimension", ColumnKind::Extra, Text},
    ColumnField{"sentiment", ColumnKind::Extra, Number},
    ColumnField{"referred", ColumnKind::Extra, Text},
    ColumnField{"converted", ColumnKind::Extra, Flag},
    ColumnField{"outcome", ColumnKind::Extra, Text},
    ColumnField{"campaign", ColumnKind::Extra, Text},
    ColumnField{"owner", ColumnKind::Extra, Text},
    ColumnField{"completed", ColumnKind::Extra, Flag},
    ColumnField{"influence", ColumnKind::Extra, Number},
    ColumnField{"strategic", ColumnKind::Extra, Text},
    ColumnField{"expert_score", ColumnKind::Extra, Number},
    ColumnField{"preferred_channel", ColumnKind::Extra, Text},
    ColumnField{"do_not_contact", ColumnKind::Extra, Flag},
    ColumnField{"region", ColumnKind::Extra, Text},
    ColumnField{"industry", ColumnKind::Extra, Text},
    ColumnField{"birthday", ColumnKind::Extra, Text},
    ColumnField{"source", ColumnKind::Extra, Text},
};

[[noreturn]] void fail_usage(const std::string& message) {
    throw StartError(ExitCode::Usage, message);
}

std::string field_names() {
    std::string names;
    for (const ColumnField& field : kFields) {
        names += (names.empty() ? "" : ", ") + std::string(field.name);
    }
    return names;
}

bool equal_without_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

std::optional<std::size_t> column_number(std::string_view text) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole && number > 0 ? std::optional(number - 1) : std::nullopt;
}

std::optional<std::size_t> find_column(
    const std::vector<std::string_view>& header, std::string_view name
) {
    const auto exact = std::ranges::find(header, name);
    const auto found =
        exact != header.end() ? exact : std::ranges::find_if(header, [&](std::string_view column) {
            return equal_without_case(column, name);
        });
    return found == header.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - header.begin()));
}

std::string listed(const std::vector<std::string_view>& header) {
    std::string list;
    for (const std::string_view column : header) {
        list += (list.empty() ? "" : ", ") + std::string(column.substr(0, 64));
    }
    return list;
}

}  // namespace

const ColumnField* find_column_field(std::string_view name) {
    const auto found = std::ranges::find(kFields, name, &ColumnField::name);
    return found == kFields.end() ? nullptr : &*found;
}

ColumnMap ColumnMap::parse(const std::vector<std::string>& entries) {
    ColumnMap map;
    for (const std::string& entry : entries) {
        std::string_view rest = entry;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view pair = rest.substr(0, comma);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || equals + 1 == pair.size()) {
                fail_usage("--map: '" + std::string(pair) + "' is not FIELD=COLUMN");
            }
            map.add(pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    return map;
}

void ColumnMap::add(std::string_view name, std::string_view column) {
    const ColumnField* field = find_column_field(name);
    if (field == nullptr) {
        fail_usage("--map: no field '" + std::string(name) + "'; there are: " + field_names());
    }
    for (const MappedColumn& mapped : columns_) {
        if (mapped.field == field) {
            fail_usage("--map: field '" + std::string(name) + "' is mapped twice");
        }
    }
    columns_.push_back({field, std::string(column), column_number(column)});
}

bool ColumnMap::needs_header() const {
    return empty() ||
           std::ranges::any_of(columns_, [](const MappedColumn& mapped) { return !mapped.index; });
}

void ColumnMap::bind(const std::vector<std::string_view>& header) {
    if (empty()) {
        for (std::size_t i = 0; i < header.size(); ++i) {
            if (find_column_field(header[i]) != nullptr) {
                add(header[i], header[i]);
                columns_.back().index = i;
            }
        }
        return;
    }
    for (MappedColumn& mapped : columns_) {
        if (column_number(mapped.column)) {
            continue;
        }
        mapped.index = find_column(header, mapped.column);
        if (!mapped.index) {
            fail_usage(
                "--map: no column '" + mapped.column +
                "' in the header; there are: " + listed(header)
            );
        }
    }
}

void ColumnMap::check() const {
    for (const ColumnKind kind : {ColumnKind::Customer, ColumnKind::At}) {
        if (find(kind) == nullptr) {
            fail_usage(
                "no column for the customer or the time; say --map customer=COLUMN,at=COLUMN,..."
            );
        }
    }
    const bool amount = find(ColumnKind::Amount) != nullptr;
    const bool quantity = find(ColumnKind::Quantity) != nullptr;
    const bool price = find(ColumnKind::Price) != nullptr;
    if (quantity != price || (amount && quantity)) {
        fail_usage("--map: give amount, or quantity and price together");
    }
    if (!amount && !quantity && find(ColumnKind::Type) == nullptr) {
        fail_usage("no column for the amount; add amount=COLUMN, or quantity=COLUMN,price=COLUMN");
    }
}

const MappedColumn* ColumnMap::find(ColumnKind kind) const {
    const auto found = std::ranges::find_if(columns_, [&](const MappedColumn& mapped) {
        return mapped.field->kind == kind;
    });
    return found == columns_.end() ? nullptr : &*found;
}

}  // namespace patron::tools
