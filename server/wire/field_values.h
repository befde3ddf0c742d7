#pragma once
// The values of one raw event, each read under the rule of its field.
//
// Shapes     every reader answers false when the value is refused; `fault` then says why. Readers
// of
//            optional fields leave `out` as it is when the field is not given.
// Units      money in the base currency's minor units, converted from the event's `currency`.
// Range      ids: 1 to `bytes_max` bytes without control characters; other texts up to
//            limits::kTextFieldBytesMax bytes of any UTF-8.
// Errors     details name the value found, shortened to kShownBytesMax bytes, control characters as
// '?'. Threads    one owner at a time. Owns       nothing: texts are views of the raw event.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/wire/decode_context.h"
#include "server/wire/raw_event.h"
#include "store/result.h"

namespace patron::wire {

inline constexpr std::size_t kShownBytesMax = 40;

// `text` in single quotes, shortened, fit for a log line and a JSON string.
std::string shown(std::string_view text);

enum class Sign : std::uint8_t { Any, NotNegative, Positive };

class FieldValues {
  public:
    FieldValues(const RawEvent& raw, const DecodeContext& context, store::Fault& fault)
        : raw_(raw), context_(context), fault_(fault) {}

    bool has(Field field) const { return raw_.has(field); }
    const RawEvent& raw() const { return raw_; }
    const DecodeContext& context() const { return context_; }
    store::Fault& fault() { return fault_; }

    bool id(Field field, std::size_t bytes_max, std::string_view& out);
    bool text(Field field, std::string_view& out);
    bool text(Field field, std::optional<std::string_view>& out);
    bool check_texts(FieldMask fields);
    bool flag(Field field, bool& out);
    bool flag(Field field, std::optional<bool>& out);
    bool number(Field field, double low, double high, double& out);
    bool number(Field field, double low, double high, std::optional<double>& out);
    bool grade(Field field, std::uint8_t low, std::uint8_t high, std::uint8_t& out);
    bool instant(Field field, scoring::Instant& out);
    bool instant(Field field, std::optional<scoring::Instant>& out);

    // Before any amount: what `currency` means for them.
    bool currency();
    bool money(Field field, Sign sign, scoring::Money& out);
    bool money(Field field, Sign sign, std::optional<scoring::Money>& out);

    template <class Enum, std::size_t kCount>
    bool choice(Field field, const std::array<std::string_view, kCount>& names, Enum& out) {
        std::size_t index = static_cast<std::size_t>(out);
        const bool sound = choice_index(field, names, index);
        out = static_cast<Enum>(index);
        return sound;
    }

    bool refuse(store::FaultCode code, Field field, std::string detail);

  private:
    bool choice_index(Field field, std::span<const std::string_view> names, std::size_t& out);
    bool string_of(Field field, std::string_view& out) {
        out = raw_.text(field);
        return raw_.kind(field) == RawKind::String || refuse_no_string(field);
    }
    bool refuse_no_string(Field field);
    bool check_text(Field field, std::string_view& out);
    std::optional<scoring::Money> to_base(std::int64_t minor) const;
    bool refuse_amount(store::FaultCode code, Field field, std::string_view text);

    template <class T, class Read>
    bool optionally(Field field, std::optional<T>& out, Read read) {
        if (!has(field)) {
            return true;
        }
        return read(out.emplace());
    }

    const RawEvent& raw_;
    const DecodeContext& context_;
    const scoring::ExchangeRate* rate_ = nullptr;  // none: amounts are in the base currency
    scoring::CurrencyCode currency_{};
    int currency_digits_ = 0;
    store::Fault& fault_;
};

}  // namespace patron::wire
