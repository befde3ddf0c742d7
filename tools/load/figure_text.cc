#include "tools/load/figure_text.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace patron::tools {

std::string count_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string rate_text(double rate) {
    constexpr double kWholeFrom = 100;
    const bool whole = rate >= kWholeFrom || rate == std::floor(rate);
    return whole ? count_text(static_cast<std::uint64_t>(std::llround(rate)))
                 : fmt::format("{:.2f}", rate);
}

std::string time_text(double ns) {
    constexpr std::array<const char*, 4> kUnits{"ns", "\u00B5s", "ms", "s"};
    std::size_t unit = 0;
    while (unit + 1 < kUnits.size() && ns >= 999.5) {
        ns /= 1000;
        ++unit;
    }
    const int decimals = unit == 0 || ns >= 99.95 ? 0 : ns >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f} {}", ns, decimals, kUnits[unit]);
}

std::string time_text(std::int64_t ns) {
    return time_text(static_cast<double>(ns));
}

}  // namespace patron::tools
