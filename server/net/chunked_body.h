#pragma once
// Decodes a chunked body in place, byte by byte, in the strict grammar `size CRLF data CRLF ... 0
// CRLF CRLF`: no extensions, no trailers.
//
// Shapes     `decode` takes the raw bytes that arrived and writes their payload at `to`, which
// stands at
//            or before them in the same buffer; how the bytes are split over calls does not matter.
// Bounds     `payload_bytes_max` over all chunks; 8 hexadecimal digits in a size.
// Errors     Bad and TooLarge are final.
// Source     RFC 9112 section 7.1. Not Beast's decoder, because that one bounds neither extensions
// nor
//            trailers; the tests compare the two on bodies that have none.

#include <cstddef>
#include <cstdint>

namespace patron::net {

class ChunkedBody {
  public:
    enum class State : std::uint8_t { NeedMore, Complete, Bad, TooLarge };

    explicit ChunkedBody(std::size_t payload_bytes_max) : room_(payload_bytes_max) {}

    // Advances `raw` over what was consumed and `to` over what was written.
    State decode(const char*& raw, const char* end, char*& to);

  private:
    enum class At : std::uint8_t {
        SizeFirst,
        Size,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        LastCr,
        LastLf,
        Done
    };

    bool take_syntax(char c);
    bool take_size_digit(char c);
    void take_data(const char*& raw, const char* end, char*& to);

    std::size_t room_;
    std::size_t chunk_left_ = 0;
    unsigned digits_ = 0;
    At at_ = At::SizeFirst;
};

}  // namespace patron::net
