#pragma once
// HTTP answers taken apart as far as a load generator must: status, length, body.
//
// Errors     an answer without a readable length has status 0 and takes all of the input.
// Threads    one owner: it remembers the last head, since the next one mostly looks the same.

#include <cstddef>
#include <string>
#include <string_view>

namespace patron::bench {

struct HttpAnswer {
    std::size_t bytes = 0;  // 0: not whole yet
    int status = 0;
    std::string_view body;
};

class HttpAnswers {
  public:
    HttpAnswer take(std::string_view input);

  private:
    bool looks_like_the_last(std::string_view input) const;
    bool learn(std::string_view input, std::size_t head_bytes);
    HttpAnswer cut(std::string_view input) const;

    std::string
        until_length_;  // of the last head: status line and fields up to the length's digits
    std::size_t head_bytes_ = 0;
    int status_ = 0;
};

}  // namespace patron::bench
