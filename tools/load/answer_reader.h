#pragma once
// HTTP/1.1 answers taken apart as far as a load must: status, length, whether the connection stays.
//
// Shapes     fed with what has come and not been used yet; says how much it used. A body of up to
//            kBodyKept bytes is handed on whole, of a longer one only its end is waited for.
// Bounds     a head of at most kHeadBytesMax.
// Errors     Answer::Garbled with a sentence why: chunked or endless bodies, no HTTP. The connection is
//            of no use then.
// Threads    one owner. Cost: one pass over the head's lines, no allocation.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::tools {

struct Answer {
    enum class State : std::uint8_t { Incomplete, Whole, Garbled };
    State state = State::Incomplete;
    std::size_t used = 0;  // of the input, also when incomplete
    int status = 0;
    bool closes = false;    // the server ends the connection behind it
    std::string_view body;  // empty for one that is too long to keep
    std::string_view why;   // Garbled
};

class AnswerReader {
  public:
    static constexpr std::size_t kBodyKept = 4096;
    static constexpr std::size_t kHeadBytesMax = 8192;

    Answer read(std::string_view input);
    // For a new connection.
    void reset() { skipping_ = false; }

  private:
    struct Head {
        std::size_t bytes = 0;  // 0: has not come whole
        std::size_t length = 0;
        int status = 0;
        bool closes = false;
        std::string_view why;  // it is of no use
    };

    static Head read_head(std::string_view input);
    static void read_field(std::string_view line, Head& head, bool& has_length);
    Answer skip(std::string_view input);

    Head head_;
    bool skipping_ = false;
    std::size_t left_ = 0;  // of a body that is skipped
};

}  // namespace patron::tools
