#include "server/wire/field_values.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "server/wire/instant_text.h"
#include "server/wire/money_text.h"
#include "server/wire/plain_text.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

using scoring::Instant;
using scoring::Money;
using store::FaultCode;

constexpr bool continues_sequence(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string in_words(std::string_view name, std::string_view rule) {
    return std::string(name) + " " + std::string(rule);
}

std::string listed(std::span<const std::string_view> names) {
    std::string list;
    for (const std::string_view name : names) {
        if (!name.empty()) {
            list += (list.empty() ? "" : ", ") + std::string(name);
        }
    }
    return list;
}

}  // namespace

std::string shown(std::string_view text) {
    std::size_t bytes = std::min(text.size(), kShownBytesMax);
    while (bytes > 0 && bytes < text.size() && continues_sequence(text[bytes])) {
        --bytes;
    }
    std::string out = "'";
    for (std::size_t i = 0; i < bytes; ++i) {
        const bool two_bytes = static_cast<unsigned char>(text[i]) == 0xC2;
        const std::size_t step = two_bytes && i + 1 < bytes ? 2 : 1;
        const std::string_view letter = text.substr(i, step);
        out += contains_control_character(letter) ? std::string_view("?") : letter;
        i += step - 1;
    }
    return out + (bytes < text.size() ? "...'" : "'");
}

bool FieldValues::refuse(FaultCode code, Field field, std::string detail) {
    fault_.code = code;
    fault_.field = field_name(field);
    fault_.detail = std::move(detail);
    return false;
}

bool FieldValues::refuse_no_string(Field field) {
    return refuse(FaultCode::WrongType, field, in_words(field_name(field), "must be a string"));
}

bool FieldValues::id(Field field, std::size_t bytes_max, std::string_view& out) {
    if (!has(field)) {
        return true;
    }
    if (!string_of(field, out)) {
        return false;
    }
    if (out.empty()) {
        return refuse(FaultCode::InvalidId, field, in_words(field_name(field), "is empty"));
    }
    if (out.size() > bytes_max) {
        const std::string rule = "has " + std::to_string(out.size()) + " bytes, at most " +
                                 std::to_string(bytes_max) + " are allowed: " + shown(out);
        return refuse(FaultCode::IdTooLong, field, in_words(field_name(field), rule));
    }
    if (contains_control_character(out)) {
        const std::string rule = "contains a control character: " + shown(out);
        return refuse(FaultCode::InvalidId, field, in_words(field_name(field), rule));
    }
    return true;
}

bool FieldValues::check_text(Field field, std::string_view& out) {
    constexpr std::size_t kBytesMax = store::limits::kTextFieldBytesMax;
    if (!string_of(field, out)) {
        return false;
    }
    if (out.size() > kBytesMax) {
        const std::string rule = "has " + std::to_string(out.size()) + " bytes, at most " +
                                 std::to_string(kBytesMax) + " are allowed: " + shown(out);
        return refuse(FaultCode::InvalidValue, field, in_words(field_name(field), rule));
    }
    return true;
}

bool FieldValues::text(Field field, std::string_view& out) {
    return !has(field) || check_text(field, out);
}

bool FieldValues::text(Field field, std::optional<std::string_view>& out) {
    return optionally(field, out, [&](std::string_view& value) {
        return check_text(field, value);
    });
}

bool FieldValues::check_texts(FieldMask fields) {
    for (FieldMask left = fields & raw_.present; left != 0; left &= left - 1) {
        std::string_view ignored;
        if (!check_text(static_cast<Field>(std::countr_zero(left)), ignored)) {
            return false;
        }
    }
    return true;
}

bool FieldValues::flag(Field field, bool& out) {
    if (!has(field)) {
        return true;
    }
    const RawKind kind = raw_.kind(field);
    if (kind != RawKind::True && kind != RawKind::False) {
        return refuse(
            FaultCode::WrongType, field, in_words(field_name(field), "must be true or false")
        );
    }
    out = kind == RawKind::True;
    return true;
}

bool FieldValues::flag(Field field, std::optional<bool>& out) {
    return optionally(field, out, [&](bool& value) { return flag(field, value); });
}

bool FieldValues::number(Field field, double low, double high, double& out) {
    if (!has(field)) {
        return true;
    }
    if (raw_.kind(field) != RawKind::Number) {
        return refuse(FaultCode::WrongType, field, in_words(field_name(field), "must be a number"));
    }
    const std::string_view digits = raw_.text(field);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (parsed.ec != std::errc() || !(out >= low && out <= high)) {
        const std::string rule = "is out of its range: " + shown(digits);
        return refuse(FaultCode::InvalidValue, field, in_words(field_name(field), rule));
    }
    return true;
}

bool FieldValues::number(Field field, double low, double high, std::optional<double>& out) {
    return optionally(field, out, [&](double& value) { return number(field, low, high, value); });
}

bool FieldValues::grade(Field field, std::uint8_t low, std::uint8_t high, std::uint8_t& out) {
    if (!has(field)) {
        return true;
    }
    if (raw_.kind(field) != RawKind::Number) {
        return refuse(FaultCode::WrongType, field, in_words(field_name(field), "must be a number"));
    }
    const auto value = parse_minor_units(raw_.text(field), 0);
    if (!value || *value < low || *value > high) {
        const std::string rule = "must be an integer from " + std::to_string(low) + " to " +
                                 std::to_string(high) + ": " + shown(raw_.text(field));
        return refuse(FaultCode::InvalidValue, field, in_words(field_name(field), rule));
    }
    out = static_cast<std::uint8_t>(*value);
    return true;
}

bool FieldValues::instant(Field field, Instant& out) {
    if (!has(field)) {
        return true;
    }
    const RawKind kind = raw_.kind(field);
    if (kind != RawKind::String && kind != RawKind::Number) {
        const std::string_view rule = "must be an RFC 3339 string or integer milliseconds";
        return refuse(FaultCode::WrongType, field, in_words(field_name(field), rule));
    }
    const std::string_view text = raw_.text(field);
    const auto parsed = kind == RawKind::String ? parse_instant(text) : parse_instant_ms(text);
    if (!parsed) {
        const std::string rule =
            "is no RFC 3339 time or integer milliseconds from 1900 to 2999: " + shown(text);
        return refuse(FaultCode::InvalidTime, field, in_words(field_name(field), rule));
    }
    out = *parsed;
    return true;
}

bool FieldValues::instant(Field field, std::optional<Instant>& out) {
    return optionally(field, out, [&](Instant& value) { return instant(field, value); });
}

bool FieldValues::currency() {
    currency_ = context_.currencies.base;
    currency_digits_ = context_.currencies.digits;
    if (!has(Field::Currency)) {
        return true;
    }
    std::string_view text;
    if (!string_of(Field::Currency, text)) {
        return false;
    }
    if (text == scoring::currency_text(context_.currencies.base)) {
        return true;
    }
    const auto code = scoring::parse_currency_code(text);
    rate_ = code ? context_.currencies.find(*code) : nullptr;
    if (rate_ == nullptr) {
        const std::string why =
            code ? "the policy has no rate for the currency " : "unknown currency ";
        return refuse(FaultCode::UnknownCurrency, Field::Currency, why + shown(text));
    }
    currency_ = *code;
    currency_digits_ = *scoring::currency_digits(*code);
    return true;
}

bool FieldValues::refuse_amount(FaultCode code, Field field, std::string_view text) {
    const std::string value = ": " + shown(text);
    if (code == FaultCode::AmountPrecision) {
        const std::string rule = "has more than the " + std::to_string(currency_digits_) +
                                 " decimals of " + std::string(scoring::currency_text(currency_));
        return refuse(code, field, in_words(field_name(field), rule + value));
    }
    if (code == FaultCode::AmountRange) {
        return refuse(code, field, in_words(field_name(field), "is too large" + value));
    }
    return refuse(code, field, in_words(field_name(field), "is not a decimal number" + value));
}

std::optional<Money> FieldValues::to_base(std::int64_t minor) const {
    if (rate_ != nullptr) {
        return scoring::to_base(minor, currency_digits_, *rate_, context_.currencies.digits);
    }
    const bool in_range = minor <= scoring::kMoneyMax.minor && minor >= -scoring::kMoneyMax.minor;
    return in_range ? std::optional(Money{minor}) : std::nullopt;
}

bool FieldValues::money(Field field, Sign sign, Money& out) {
    if (!has(field)) {
        return true;
    }
    const RawKind kind = raw_.kind(field);
    if (kind != RawKind::Number && kind != RawKind::String) {
        const std::string_view rule = "must be a number or a decimal string";
        return refuse(FaultCode::WrongType, field, in_words(field_name(field), rule));
    }
    const std::string_view text = raw_.text(field);
    const auto minor = parse_minor_units(text, currency_digits_);
    if (!minor) {
        return refuse_amount(minor.error(), field, text);
    }
    const auto base = to_base(*minor);
    if (!base) {
        return refuse_amount(FaultCode::AmountRange, field, text);
    }
    out = *base;
    if ((sign == Sign::NotNegative && out.minor < 0) ||
        (sign == Sign::Positive && out.minor <= 0)) {
        const std::string rule =
            sign == Sign::Positive ? "must be greater than zero: " : "must not be negative: ";
        return refuse(
            FaultCode::InvalidValue, field, in_words(field_name(field), rule + shown(text))
        );
    }
    return true;
}

bool FieldValues::money(Field field, Sign sign, std::optional<Money>& out) {
    return optionally(field, out, [&](Money& value) { return money(field, sign, value); });
}

bool FieldValues::choice_index(
    Field field, std::span<const std::string_view> names, std::size_t& out
) {
    if (!has(field)) {
        return true;
    }
    std::string_view word;
    if (!string_of(field, word)) {
        return false;
    }
    const auto found = std::ranges::find(names, word);
    if (found == names.end() || word.empty()) {
        const std::string rule = "must be one of " + listed(names) + ": " + shown(word);
        return refuse(FaultCode::InvalidValue, field, in_words(field_name(field), rule));
    }
    out = static_cast<std::size_t>(found - names.begin());
    return true;
}

}  // namespace patron::wire
