#pragma once
// Redis answers (RESP2) as far as these loads provoke them: lines, numbers, strings, and arrays of
// strings.
//
// Errors     kind '-' is the server's own; kind 0 is an answer of another kind, which takes the
// input.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::bench {

struct RedisAnswer {
    std::size_t bytes = 0;  // 0: not whole yet
    char kind = 0;          // '+', '-', ':' or '$'
    std::string_view text;
    bool absent = false;  // a string that is not there
};

RedisAnswer take_redis_answer(std::string_view input);

struct RedisStrings {
    std::size_t bytes = 0;       // 0: not whole yet
    std::uint32_t strings = 0;   // that are there
    std::size_t text_bytes = 0;  // of all of them
};

// An array of strings; anything else takes the input and has none.
RedisStrings take_redis_strings(std::string_view input);

}  // namespace patron::bench
