#pragma once
// Answers to requests that carried an Idempotency-Key: the same request gets the same answer.
//
// Shapes     a key of 1..kIdempotencyKeyBytesMax bytes; `fingerprint` is 128 bits of the request;
//            `answer` is whatever the endpoint wants back.
// Order      begin -> (the request is logged with its answer) -> keep, or release if it was refused.
// Bounds     kIdempotencyKeysMax keys, kIdempotencyBytesMax bytes of keys and answers,
//            kIdempotencyKeepMs; the oldest are forgotten first, by the instant of their answer. What is
//            in flight is bounded by the queue.
// Threads    any.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scoring/units.h"
#include "store/partition_map.h"

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
    // By instant; of equal instants, in the order in which they were kept.
    struct Age {
        scoring::Instant at;
        std::uint64_t ticket = 0;
        auto operator<=>(const Age&) const = default;
    };

  public:
    enum class Begin : std::uint8_t { New, InFlight, OtherRequest, Answered };
    struct Found {
        Begin what = Begin::New;
        std::string answer;  // Answered
    };
    IdempotencyTable();

    // New: the caller goes on and ends with `keep` or `release`. OtherRequest: the key came with another
    // fingerprint, be that one under way or answered.
    Found begin(std::string_view key, Fingerprint fingerprint, scoring::Instant now);
    // Also of keys that nobody began: those of an earlier process. The later of two answers stays.
    void keep(KeptAnswer answer);
    // Nothing, unless the key is in flight.
    void release(std::string_view key);

    struct Sizes {  // of what is kept
        std::size_t keys = 0;
        std::size_t bytes = 0;
    };
    Sizes sizes() const;

  private:
    struct Entry {
        Fingerprint fingerprint{};
        bool in_flight = true;
        Age age;
        std::string answer;
    };
    struct Hash {
        using is_transparent = void;
        std::uint64_t seed;  // keys come from outside
        std::size_t operator()(std::string_view key) const { return hash_bytes(key, seed); }
    };
    using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

    void forget_oldest(scoring::Instant now);

    mutable std::mutex mutex_;
    Entries entries_;
    std::map<Age, Entries::const_pointer> kept_;  // oldest first; elements of entries_ never move
    std::uint64_t next_ticket_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace patron::store
