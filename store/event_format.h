#pragma once
// The numbers of the log's format 1 (LOG_FORMAT.md): what stands in files and never changes again.
//
// Shapes     an enumerator's number in the format is its value in the program: the table below holds the
//            program to it. Whoever reorders an enumeration finds out here, not in an old log.
// Threads    constants.

#include <cstdint>

#include "store/event.h"

namespace patron::store::format {

enum class Record : std::uint8_t {
    Order = 1,
    Refund = 2,
    Visit = 3,
    Ticket = 4,
    Complaint = 5,
    Review = 6,
    Survey = 7,
    Feedback = 8,
    Referral = 9,
    FollowUp = 10,
    Training = 11,
    Profile = 12,
    Override = 13,
    ChurnConfirmed = 14,
    Erase = 15,
    Removed = 16,
};

template <class Enum>
constexpr bool is_numbered(Enum value, unsigned number) {
    return static_cast<unsigned>(value) == number;
}

static_assert(is_numbered(OrderKind::Unknown, 0));
static_assert(is_numbered(OrderKind::Product, 1));
static_assert(is_numbered(OrderKind::Service, 2));
static_assert(is_numbered(TicketPhase::Opened, 0));
static_assert(is_numbered(TicketPhase::FirstResponse, 1));
static_assert(is_numbered(TicketPhase::Resolved, 2));
static_assert(is_numbered(SurveyKind::Nps, 0));
static_assert(is_numbered(SurveyKind::Csat, 1));
static_assert(is_numbered(SurveyKind::Research, 2));
static_assert(is_numbered(SurveyDimension::Overall, 0));
static_assert(is_numbered(SurveyDimension::Service, 1));
static_assert(is_numbered(SurveyDimension::Product, 2));
static_assert(is_numbered(Strategic::None, 0));
static_assert(is_numbered(Strategic::Potential, 1));
static_assert(is_numbered(Strategic::Key, 2));
static_assert(is_numbered(OverrideMode::Clear, 0));
static_assert(is_numbered(OverrideMode::Pin, 1));
static_assert(is_numbered(OverrideMode::Floor, 2));
static_assert(is_numbered(OverrideMode::Ceiling, 3));
static_assert(is_numbered(ChurnReason::Service, 0));
static_assert(is_numbered(ChurnReason::Product, 1));
static_assert(is_numbered(ChurnReason::Price, 2));
static_assert(is_numbered(ChurnReason::Competitor, 3));
static_assert(is_numbered(ChurnReason::Other, 4));

template <class Enum>
constexpr unsigned number_of(Enum value) {
    return static_cast<unsigned>(value);
}

// The second byte of a record, filled and emptied from its lowest bit up.
class DetailBits {
  public:
    constexpr DetailBits() = default;
    constexpr explicit DetailBits(unsigned byte) : bits_(byte) {}

    constexpr DetailBits& put(unsigned width, unsigned value) {
        bits_ |= value << used_;
        used_ += width;
        return *this;
    }
    constexpr unsigned take(unsigned width) {
        const unsigned value = bits_ & ((1U << width) - 1);
        bits_ >>= width;
        return value;
    }
    constexpr unsigned bits() const { return bits_; }

  private:
    unsigned bits_ = 0;
    unsigned used_ = 0;
};

}  // namespace patron::store::format
