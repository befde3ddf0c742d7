#pragma once
// A file, standard input or what is packed in a .gz, read as a stream.
//
// Shapes     `read` fills up to the whole span; 0 means the end.
// Bounds     64 KiB of buffer, and zlib's window for packed input; never the whole file.
// Errors     StartError: no such file (NoInput), a read that fails (IoError), a .gz that is damaged
// or
//            ends early (DataError).
// Source     gzip is told by its first two bytes, so a packed standard input works too; RFC 1952
// with
//            several members.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace patron::tools {

class ByteSource {
  public:
    virtual ~ByteSource() = default;
    virtual std::size_t read(std::span<char> into) = 0;
    // Bytes taken from the file so far, packed ones for a .gz; with `bytes_total` this is progress.
    virtual std::uint64_t bytes_taken() const = 0;
    virtual std::optional<std::uint64_t> bytes_total() const = 0;
};

// "-" is standard input.
std::unique_ptr<ByteSource> open_source(const std::string& path);

}  // namespace patron::tools
