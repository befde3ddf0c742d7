#include "bench/e2e/fact_text.h"

#include "bench/e2e/fixed_digits.h"

namespace patron::bench {
namespace {

constexpr std::uint32_t kMinorPerUnit = 100;
constexpr std::size_t kUnitDigits = 3;

std::vector<std::size_t> places_of(std::string_view text, std::string_view place) {
    std::vector<std::size_t> found;
    for (std::size_t at = text.find(place); at != std::string_view::npos;
         at = text.find(place, at + place.size())) {
        found.push_back(at);
    }
    return found;
}

}  // namespace

FactPiece::FactPiece(std::string_view text)
    : text_(text)
    , customers_(places_of(text, kIdPlace))
    , serials_(places_of(text, kSerialPlace))
    , ats_(places_of(text, kAtPlace))
    , amounts_(places_of(text, kAmountPlace)) {}

void FactPiece::write(char* to, const Fact& fact) const {
    for (const std::size_t at : customers_) {
        put_id(to + at, fact.customer);
    }
    if (!serials_.empty()) {
        char* first = to + serials_.front();
        put_fixed(first, kSerialPlace.size(), fact.serial);
        for (const std::size_t at : serials_) {
            std::memmove(to + at, first, kSerialPlace.size());
        }
    }
    for (const std::size_t at : ats_) {
        put_fixed(to + at, kAtPlace.size(), static_cast<std::uint64_t>(fact.at_ms));
    }
    for (const std::size_t at : amounts_) {
        put_fixed(to + at, kUnitDigits, fact.amount_minor / kMinorPerUnit);
        put_fixed(to + at + kUnitDigits + 1, 2, fact.amount_minor % kMinorPerUnit);
    }
}

std::string FactText::blank(std::uint32_t count, bool with_visits) const {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
        text += piece(i, with_visits).text();
    }
    return text;
}

void FactText::write(char* at, std::uint32_t count, Facts& facts) const {
    const bool with_visits = facts.has_visits();
    for (std::uint32_t i = 0; i < count; ++i) {
        const FactPiece& here = piece(i, with_visits);
        here.write(at, facts.next());
        at += here.text().size();
    }
}

}  // namespace patron::bench
