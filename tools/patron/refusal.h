#pragma once
// Why a row was not taken: a stable word to count by, and a sentence for people.
//
// Threads    a value.

#include <string>

namespace patron::tools {

struct Refusal {
    std::string reason;
    std::string detail;
};

}  // namespace patron::tools
