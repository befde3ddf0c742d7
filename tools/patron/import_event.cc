#include "tools/patron/import_event.h"

#include <array>

#include <xxhash.h>

#include "tools/patron/event_line.h"

namespace patron::tools {
namespace {

ExactAmount rounded(ExactAmount amount, const OrderRules& rules) {
    return rules.decimals ? amount.rounded(*rules.decimals) : amount;
}

ExactAmount size_of(ExactAmount amount) {
    return amount.is_negative() ? amount.negated() : amount;
}

class Fingerprint {
  public:
    Fingerprint& add(std::string_view text) {
        text_.append(text).append(1, '\0');
        return *this;
    }
    Fingerprint& add(std::int64_t number) { return add(std::to_string(number)); }

    // 128 bits: among a billion events two share one with probability 1e-21.
    std::string id() const {
        constexpr std::string_view kHex = "0123456789abcdef";
        const XXH128_hash_t hash = XXH3_128bits(text_.data(), text_.size());
        XXH128_canonical_t bytes;
        XXH128_canonicalFromHash(&bytes, hash);
        std::string out = "row-";
        for (const unsigned char byte : bytes.digest) {
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
        return out;
    }

  private:
    std::string text_;
};

std::string derived_id(const MergedOrder& order) {
    return Fingerprint()
        .add(order.customer)
        .add(order.order_id)
        .add(order.at.ms)
        .add(order.amount.text())
        .add(order.currency)
        .add(static_cast<std::int64_t>(order.first_line))
        .id();
}

std::string derived_id(const RowEvent& row, std::uint64_t line) {
    return Fingerprint()
        .add(row.type)
        .add(row.customer)
        .add(row.order_id)
        .add(row.at.ms)
        .add(row.amount ? row.amount->text() : "")
        .add(row.extras)
        .add(static_cast<std::int64_t>(line))
        .id();
}

std::unexpected<Refusal> empty_refund() {
    return std::unexpected(Refusal{"empty_refund", "the refund pays nothing back"});
}

}  // namespace

std::expected<void, Refusal> write_order(
    wire::ByteWriter& out, const MergedOrder& order, const OrderRules& rules
) {
    const bool prefixed =
        !rules.refund_prefix.empty() && order.order_id.starts_with(rules.refund_prefix);
    const bool refund = prefixed || order.amount.is_negative();
    const ExactAmount amount = rounded(size_of(order.amount), rules);
    if (refund && amount.is_zero()) {
        return empty_refund();
    }
    const std::string id = order.id.empty() ? derived_id(order) : order.id;
    EventLine line(out);
    line.text("id", id)
        .text("type", refund ? "refund" : "order")
        .text("customer", order.customer)
        .integer("at", order.at.ms)
        .text("order_id", order.order_id.empty() ? id : order.order_id)
        .raw("amount", amount.text());
    if (!order.currency.empty()) {
        line.text("currency", order.currency);
    }
    if (!refund) {
        out.append(order.extras);
    }
    line.finish();
    return {};
}

std::expected<void, Refusal> write_row(
    wire::ByteWriter& out, const RowEvent& row, std::uint64_t line_number, const OrderRules& rules
) {
    const bool refund = row.type == "refund";
    const auto amount =
        row.amount ? std::optional(rounded(size_of(*row.amount), rules)) : std::nullopt;
    if (refund && amount && amount->is_zero()) {
        return empty_refund();
    }
    EventLine line(out);
    line.text("id", row.id.empty() ? derived_id(row, line_number) : std::string(row.id))
        .text("type", row.type)
        .text("customer", row.customer)
        .integer("at", row.at.ms);
    if (refund) {
        line.text("order_id", row.order_id);
    }
    if (refund && amount) {
        line.raw("amount", amount->text());
    }
    if (!row.currency.empty() && (!refund || amount)) {
        line.text("currency", row.currency);
    }
    out.append(row.extras);
    line.finish();
    return {};
}

}  // namespace patron::tools
