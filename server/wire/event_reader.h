#pragma once
// Reads the objects of one JSON text one after the other, each in one pass in document order.
//
// Order      open, then next until it answers End or Broken.
// Errors     Broken ends the trust in the text: whoever gets it looks a second time with
//            find_json_flaw. An Event without Nested values has been checked to its last byte, and
//            so has everything before it; End is answered only at the true end of the text.
// Owns       a padded copy of the text and simdjson's parser; both are kept for the next text, but
// what
//            grew beyond kKeptBytesMax goes with the next text of less than half of that.
// Threads    one owner; one reader per thread.
// Cost       one copy of the text, no allocation once warm.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/wire/raw_event.h"

namespace patron::wire {

enum class ReadStatus : std::uint8_t {
    Event,      // `out` is filled
    NotObject,  // the next item is something else than an object
    End,        // no more items, nothing behind the document
    Broken,     // not JSON
};

enum class TextShape : std::uint8_t { Object, ObjectOrArray };

class EventReader {
  public:
    static constexpr std::size_t kKeptBytesMax = 1024 * 1024;

    EventReader();
    ~EventReader();
    EventReader(EventReader&&) noexcept;
    EventReader& operator=(EventReader&&) noexcept;

    void open(std::string_view text, TextShape shape);
    ReadStatus next(RawEvent& out);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace patron::wire
