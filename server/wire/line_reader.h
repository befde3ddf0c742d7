#pragma once
// The lines of an NDJSON body, and the quick way to read one that holds an event as machines write
// them: one object of strings, numbers and literals, without a backslash.
//
// Shapes     lines ended by LF or CR LF; blank ones are left out.
// Order      next, then read if it is wanted.
// Errors     read answers false for whatever it is not sure of, sound or not: EventReader knows.
// What it
//            answers true for has been checked to its last byte.
// Owns       where the tokens of at most kChunkBytes of the body begin. The views in `out` are of
// the
//            body.
// Threads    one owner; one reader per thread.
// Cost       simdjson's first stage over whole chunks of lines; nothing is copied, no allocation
// once warm.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "server/wire/raw_event.h"

namespace patron::wire {

class LineReader {
  public:
    static constexpr std::size_t kChunkBytes = 32 * 1024;

    LineReader();
    ~LineReader();
    LineReader(LineReader&&) noexcept;
    LineReader& operator=(LineReader&&) noexcept;

    // `body` must outlive what is read from it.
    void open(std::string_view body);
    // False behind the last.
    bool next(std::string_view& line);
    // The line that `next` gave.
    bool read(RawEvent& out);

  private:
    static constexpr std::size_t kUsualMembers = 16;
    struct Indexer;

    void index_chunk();
    bool read_object(RawEvent& out, std::uint32_t end);
    std::optional<Field> field_at(std::size_t place, std::string_view name);

    std::unique_ptr<Indexer> indexer_;
    std::string_view rest_;                  // behind the chunk
    std::string_view chunk_;                 // whole lines
    std::size_t at_ = 0;                     // in the chunk: behind the line
    std::string_view line_;                  // of the chunk
    const std::uint32_t* tokens_ = nullptr;  // where they begin in the chunk, then its size
    std::size_t token_count_ = 0;            // 0: nothing is known of the chunk
    std::size_t token_ = 0;                  // the first that may lie in the line
    // The field seen last at each place of an object: clients keep to an order.
    std::array<Field, kUsualMembers> usual_{};
    bool backslashes_ = false;  // anywhere in the chunk
};

}  // namespace patron::wire
