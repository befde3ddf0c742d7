#pragma once
// Several scores in one JSON object: what a list, a batch read and a write answer with.
//
// Shapes     the caller writes the scores one by one between `begin` and `end`.
// Threads    one owner at a time.

#include <cstdint>
#include <optional>
#include <string_view>

#include "scoring/units.h"
#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"

namespace patron::wire {

// What every read says of itself.
struct AnswerStamp {
    std::uint64_t seq = 0;
    scoring::Instant as_of;
};

// `{"<member>":[`, items, `],"policy":…,"seq":…,"as_of":…}`.
class ListEncoder {
  public:
    ListEncoder(ByteWriter& out, std::string_view member);

    // Before every item; the item follows through `out`.
    void next() {
        if (!first_) {
            out_.append(',');
        }
        first_ = false;
    }
    void end(const PolicyTexts& texts, AnswerStamp stamp);
    // A list of which a page is shown: `next_cursor` is null on the last one.
    void end_page(
        const PolicyTexts& texts, AnswerStamp stamp, std::optional<std::string_view> next_cursor
    );

  private:
    ByteWriter& out_;
    bool first_ = true;
};

void append_stamp(ByteWriter& out, const PolicyTexts& texts, AnswerStamp stamp);

}  // namespace patron::wire
