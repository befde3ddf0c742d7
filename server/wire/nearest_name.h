#pragma once
// What somebody probably meant by a misspelt name.
//
// Accuracy   fewest insertions, deletions, replacements and swaps of neighbours (optimal string
//            alignment); at most a third of the name's length, else nothing.
// Range      names longer than 64 bytes have no neighbours.
// Threads    pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patron::wire {

std::size_t edit_distance(std::string_view a, std::string_view b);

// The first of the nearest.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> known);

// ` (did you mean "spend_365d"?)`, or nothing.
std::string suggestion(std::string_view name, std::span<const std::string> known);

}  // namespace patron::wire
