#include "scoring/policy.h"

#include <string_view>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

constexpr std::array<std::string_view, kStages> kStageNames{
    "prospect", "new", "active", "at_risk", "dormant", "churned", "won_back"
};
constexpr std::array<std::string_view, kBands> kBandNames{"none", "low", "medium", "high"};
constexpr std::array<std::string_view, kSignals> kSignalNames{
    "complaint",
    "open_ticket",
    "slow_response",
    "detractor",
    "dissatisfied",
    "bad_review",
    "returns",
    "activity_drop",
    "spend_drop",
    "follow_up_overdue",
    "untrained"
};

template <class Enum, std::size_t n>
std::string_view name_of(Enum value, const std::array<std::string_view, n>& names) {
    const auto index = static_cast<std::size_t>(value);
    PATRON_CHECK(index < n);
    return names[index];
}

}  // namespace

std::string_view stage_name(Stage stage) {
    return name_of(stage, kStageNames);
}
std::string_view band_name(Band band) {
    return name_of(band, kBandNames);
}
std::string_view signal_name(Signal signal) {
    return name_of(signal, kSignalNames);
}

}  // namespace patron::scoring
