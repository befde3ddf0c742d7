#pragma once
// Figures as people read them: 1,234,567 and 12.3 ms.
//
// Threads    pure.

#include <cstdint>
#include <string>

namespace patron::tools {

std::string count_text(std::uint64_t count);
std::string rate_text(double rate);  // three digits at least, a decimal only below 100
std::string time_text(std::int64_t ns);
std::string time_text(double ns);

}  // namespace patron::tools
