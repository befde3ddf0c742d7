#pragma once
// The words of bands, stages, follow-up states and overrides, in the order of their enumerations.
//
// Threads    constants.

#include <span>
#include <string_view>

namespace patron::wire {

std::span<const std::string_view> band_names();       // "none" first
std::span<const std::string_view> stage_names();      // as scoring::Stage
std::span<const std::string_view> follow_up_names();  // "none" first
std::span<const std::string_view> override_names();   // "none" first

}  // namespace patron::wire
