#pragma once
// Where the rows of a file go: events on their way to the server, refusals to whoever counts them.
//
// Shapes     a Place is a file (its number on the command line) and a line in it, packed.
// Owns       nothing; the views end with the call.

#include <cstdint>
#include <string_view>

#include "tools/patron/refusal.h"

namespace patron::tools {

struct Place {
    std::uint32_t file = 0;
    std::uint64_t line = 0;

    static constexpr unsigned kLineBits = 40;
    std::uint64_t packed() const { return (std::uint64_t{file} << kLineBits) | line; }
    static Place unpacked(std::uint64_t value) {
        return {
            static_cast<std::uint32_t>(value >> kLineBits),
            value & ((std::uint64_t{1} << kLineBits) - 1)
        };
    }
};

class ImportSink {
  public:
    virtual ~ImportSink() = default;
    virtual void event(std::string_view customer, std::string_view line, Place place) = 0;
    virtual void refuse(Place place, const Refusal& refusal, std::string_view raw) = 0;
};

struct ImportTally {
    std::uint64_t rows = 0;        // without headers and empty lines
    std::uint64_t rows_later = 0;  // left out: behind the instant asked for
    std::uint64_t orders_cut = 0;  // times that open orders had to be sent before the end
};

}  // namespace patron::tools
