#pragma once
// Prints what comes of a live stream, and ends after so many changes.
//
// Shapes     Json: each message as it came, one a line. Text: stream_text.h. A gap, and anything about the
//            connection, goes to `notices` in either case.
// Errors     StartError: IoError when `out` takes no more, Protocol for what is no message.
// Threads    one owner.

#include <cstdint>
#include <ostream>

#include "tools/patron/stream_session.h"
#include "tools/patron/stream_text.h"

namespace patron::tools {

struct StreamOutput {
    bool json = false;
    bool colours = false;
    std::uint64_t changes_max = 0;  // 0: endless
};

class StreamPrinter : public StreamSink {
  public:
    StreamPrinter(StreamOutput how, std::ostream& out, std::ostream& notices)
        : how_(how), text_(how.colours), out_(out), notices_(notices) {}

    bool message(std::string_view text) override;
    void caught_up() override;
    void notice(const std::string& text) override;

  private:
    StreamOutput how_;
    StreamText text_;
    std::ostream& out_;
    std::ostream& notices_;
    std::uint64_t changes_ = 0;
};

}  // namespace patron::tools
