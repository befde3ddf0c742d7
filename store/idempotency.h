#pragma once
// Answers to requests that carried an Idempotency-Key: the same request gets the same answer.
//
// Shapes     a key of 1..kIdempotencyKeyBytesMax bytes; `fingerprint` is 128 bits of the request;
//            `answer` is whatever the endpoint wants back.
// Order      begin -> (the request is logged with its answer) -> keep, or release if it was refused.
// Bounds     kIdempotencyKeysMax keys, kIdempotencyBytesMax bytes of keys and answers,
//            kIdempotencyKeepMs; the oldest are forgotten first. What is in flight is bounded by the queue.
// Threads    any.

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scoring/units.h"

namespace patron::store {

using Fingerprint = std::array<std::uint64_t, 2>;

// 128 bits of XXH3.
Fingerprint fingerprint_of(std::string_view bytes);

struct KeptAnswer {
    std::string key;
    Fingerprint fingerprint{};
    scoring::Instant at;
    std::string answer;
};

class IdempotencyTable {
  public:
    enum class Begin : std::uint8_t { New, InFlight, OtherRequest, Answered };
    struct Found {
        Begin what = Begin::New;
        std::string answer;  // Answered
    };
    // New: the caller goes on and ends with `keep` or `release`.
    Found begin(std::string_view key, Fingerprint fingerprint, scoring::Instant now);
    void keep(KeptAnswer answer);
    void release(std::string_view key);

    struct Sizes {
        std::size_t keys = 0;
        std::size_t bytes = 0;
    };
    Sizes sizes() const;

  private:
    struct Entry {
        Fingerprint fingerprint{};
        bool in_flight = true;
        scoring::Instant at;
        std::string answer;
    };
    void forget_oldest(scoring::Instant now);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::deque<std::pair<scoring::Instant, std::string>> kept_;  // oldest first
    std::size_t bytes_ = 0;
};

}  // namespace patron::store
