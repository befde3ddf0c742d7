#pragma once
// HTTP/1.1 answers taken apart as far as a load must: status, length, whether the connection stays.
//
// Shapes     fed with what has come and not been used yet; says how much it used. A body of up to
//            kBodyKept bytes is handed on whole, of a longer one only its end is waited for.
// Bounds     a head of at most kHeadBytesMax.
// Errors     Answer::Garbled with a sentence why: chunked or endless bodies, no HTTP. The connection is
//            of no use then.
// Threads    one owner: it remembers the last head, since the next one mostly looks the same.

#include <cstddef>
#include <cstdint>
#include <string>
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
        std::size_t bytes = 0;
        std::size_t length = 0;
        int status = 0;
        bool closes = false;
    };

    bool looks_like_the_last(std::string_view input) const;
    std::string_view learn(std::string_view head_text);
    bool read_length(std::string_view input);
    Answer skip(std::string_view input);

    std::string until_length_;  // of the last head: all up to the digits of its length
    std::string behind_length_;
    Head head_;
    bool skipping_ = false;
    std::size_t left_ = 0;  // of a body that is skipped
};

}  // namespace patron::tools
