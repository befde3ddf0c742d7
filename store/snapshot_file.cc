#include "store/snapshot_file.h"

#include <charconv>

namespace patron::store {
namespace {

constexpr std::string_view kBefore = "snapshot-";
constexpr std::string_view kBehind = ".patron";
constexpr std::size_t kDigits = 20;

}  // namespace

std::string snapshot_name(std::uint64_t seq) {
    const std::string digits = std::to_string(seq);
    std::string name(kBefore);
    name.append(kDigits - digits.size(), '0');
    name.append(digits);
    name.append(kBehind);
    return name;
}

std::optional<std::uint64_t> snapshot_seq(std::string_view name) {
    if (name.size() != kBefore.size() + kDigits + kBehind.size() || !name.starts_with(kBefore) ||
        !name.ends_with(kBehind)) {
        return std::nullopt;
    }
    const char* first = name.data() + kBefore.size();
    std::uint64_t seq = 0;
    const auto read = std::from_chars(first, first + kDigits, seq);
    if (read.ec != std::errc{} || read.ptr != first + kDigits) {
        return std::nullopt;
    }
    return seq;
}

}  // namespace patron::store
