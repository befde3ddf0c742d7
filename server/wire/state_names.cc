#include "server/wire/state_names.h"

#include <array>
#include <cstddef>

#include "server/wire/policy_texts.h"

namespace patron::wire {
namespace {

template <class Enum, std::size_t n>
std::array<std::string_view, n> names(std::string_view (*name)(Enum)) {
    std::array<std::string_view, n> all;
    for (std::size_t i = 0; i < n; ++i) {
        all[i] = name(static_cast<Enum>(i));
    }
    return all;
}

constexpr std::size_t kOverrideKinds = 4;
static_assert(static_cast<std::size_t>(scoring::OverrideKind::Ceiling) + 1 == kOverrideKinds);

}  // namespace

std::span<const std::string_view> band_names() {
    static const auto kNames = names<scoring::Band, scoring::kBands>(scoring::band_name);
    return kNames;
}

std::span<const std::string_view> stage_names() {
    static const auto kNames = names<scoring::Stage, scoring::kStages>(scoring::stage_name);
    return kNames;
}

std::span<const std::string_view> follow_up_names() {
    static const auto kNames =
        names<scoring::FollowUpState, scoring::kFollowUpStates>(follow_up_name);
    return kNames;
}

std::span<const std::string_view> override_names() {
    static const auto kNames = names<scoring::OverrideKind, kOverrideKinds>(override_name);
    return kNames;
}

}  // namespace patron::wire
