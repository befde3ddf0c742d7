#pragma once
// The documents of the presets, put together from what they share and what is their own.
//
// Threads    pure.

#include <string>
#include <string_view>

namespace patron::wire {

// The members that the presets share: windows, models, signals, bands, lifecycle, follow-up, RFM.
std::string_view preset_common_members();

std::string loyalty_preset();
std::string value_preset();
std::string vip_preset();

}  // namespace patron::wire
