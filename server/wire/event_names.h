#pragma once
// The words that stand for the enumerators of an event on the wire, in the enumerators' order.
//
// Shapes     an empty word has no spelling: leaving the field out says it.
// Threads    constants.
// Source     semantics: the table of events.

#include <array>
#include <string_view>

#include "store/event.h"

namespace patron::wire {

inline constexpr std::array<std::string_view, 3> kOrderKindNames{"", "product", "service"};
inline constexpr std::array<std::string_view, 3> kSurveyKindNames{"nps", "csat", "research"};
inline constexpr std::array<std::string_view, 3> kDimensionNames{"overall", "service", "product"};
inline constexpr std::array<std::string_view, 3> kStrategicNames{"none", "potential", "key"};
inline constexpr std::array<std::string_view, 4> kOverrideModeNames{
    "clear", "pin", "floor", "ceiling"
};
inline constexpr std::array<std::string_view, 5> kChurnReasonNames{
    "service", "product", "price", "competitor", "other"
};

static_assert(static_cast<std::size_t>(store::OrderKind::Service) + 1 == kOrderKindNames.size());
static_assert(static_cast<std::size_t>(store::SurveyKind::Research) + 1 == kSurveyKindNames.size());
static_assert(
    static_cast<std::size_t>(store::SurveyDimension::Product) + 1 == kDimensionNames.size()
);
static_assert(static_cast<std::size_t>(store::Strategic::Key) + 1 == kStrategicNames.size());
static_assert(
    static_cast<std::size_t>(store::OverrideMode::Ceiling) + 1 == kOverrideModeNames.size()
);
static_assert(static_cast<std::size_t>(store::ChurnReason::Other) + 1 == kChurnReasonNames.size());

}  // namespace patron::wire
