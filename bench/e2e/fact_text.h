#pragma once
// Facts as text of a fixed shape: a piece for an order, a piece for a visit, digits written over.
//
// Shapes     `order` and `visit` are pieces with places for the digits; order and visit alternate
// when
//            the facts have visits.
// Threads    one owner.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/e2e/facts.h"

namespace patron::bench {

// What stands in a piece where digits go, beside kIdPlace.
inline constexpr std::string_view kSerialPlace = "00000000000001";
inline constexpr std::string_view kAtPlace = "0000000000002";
inline constexpr std::string_view kAmountPlace = "000.03";

class FactPiece {
  public:
    explicit FactPiece(std::string_view text);
    std::string_view text() const { return text_; }
    void write(char* to, const Fact& fact) const;

  private:
    std::string text_;
    std::vector<std::size_t> customers_;
    std::vector<std::size_t> serials_;
    std::vector<std::size_t> ats_;
    std::vector<std::size_t> amounts_;
};

class FactText {
  public:
    FactText(std::string_view order, std::string_view visit) : order_(order), visit_(visit) {}
    // `count` pieces with no digits yet.
    std::string blank(std::uint32_t count, bool with_visits) const;
    // Writes `count` facts over the pieces from `at`.
    void write(char* at, std::uint32_t count, Facts& facts) const;

  private:
    const FactPiece& piece(std::uint32_t place, bool with_visits) const {
        return with_visits && place % 2 == 1 ? visit_ : order_;
    }

    FactPiece order_;
    FactPiece visit_;
};

}  // namespace patron::bench
