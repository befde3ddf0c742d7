#pragma once
// What readers see of one customer: three cache lines under a sequence guard.
//
// Order      the writer makes the guard odd, stores the words, makes it even; a reader that saw the
//            same even guard before and after has one whole record.
// Threads    one writer, any number of readers; nobody waits for a lock.
// Cost       24 loads.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "scoring/standing.h"
#include "store/customer_id.h"

namespace patron::store {

struct RecordBody {
    CustomerId id;  // empty: nobody lives here
    scoring::Standing standing;
};

class alignas(64) PublishedRecord {
  public:
    void publish(const RecordBody& body) {
        Words words;
        std::memcpy(words.data(), &body, sizeof body);
        const std::uint64_t guard = guard_.load(std::memory_order_relaxed);
        guard_.store(guard + 1, std::memory_order_relaxed);
        // Release on each word keeps the odd guard before it; on x86 these are plain stores.
        for (std::size_t i = 0; i < kWords; ++i) {
            words_[i].store(words[i], std::memory_order_release);
        }
        guard_.store(guard + 2, std::memory_order_release);
    }

    RecordBody read() const {
        Words words;
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        do {
            before = guard_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < kWords; ++i) {
                words[i] = words_[i].load(std::memory_order_acquire);
            }
            after = guard_.load(std::memory_order_relaxed);
        } while (before != after || before % 2 != 0);
        RecordBody body;
        std::memcpy(static_cast<void*>(&body), words.data(), sizeof body);
        return body;
    }

    // What is said of `wanted`; false, with anything in `out`, if somebody else lives here.
    bool read_of(const CustomerId& wanted, scoring::Standing& out) const {
        std::array<std::uint64_t, kIdWords> id;
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        do {
            before = guard_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < kIdWords; ++i) {
                id[i] = words_[i].load(std::memory_order_acquire);
            }
            auto* to = reinterpret_cast<std::byte*>(&out);
            for (std::size_t i = kIdWords; i < kWords; ++i, to += sizeof(std::uint64_t)) {
                const std::uint64_t word = words_[i].load(std::memory_order_acquire);
                std::memcpy(to, &word, sizeof word);
            }
            after = guard_.load(std::memory_order_relaxed);
        } while (before != after || before % 2 != 0);
        return std::bit_cast<CustomerId>(id).same(wanted);
    }

    // The writer's own look, while it writes nothing.
    RecordBody writer_read() const {
        static_assert(sizeof words_ == sizeof(RecordBody));
        RecordBody body;
        std::memcpy(static_cast<void*>(&body), static_cast<const void*>(&words_), sizeof body);
        return body;
    }

    // The writer's own look at the id alone: nobody else stores here.
    CustomerId writer_id() const {
        std::array<std::uint64_t, kIdWords> words;
        for (std::size_t i = 0; i < words.size(); ++i) {
            words[i] = words_[i].load(std::memory_order_relaxed);
        }
        return std::bit_cast<CustomerId>(words);
    }

    void prefetch() const {
        const char* first = reinterpret_cast<const char*>(this);
        __builtin_prefetch(first);
        __builtin_prefetch(first + 64);
        __builtin_prefetch(first + 128);
    }

  private:
    static constexpr std::size_t kWords = sizeof(RecordBody) / 8;
    static constexpr std::size_t kIdWords = sizeof(CustomerId) / 8;
    static_assert(offsetof(RecordBody, standing) == 8 * kIdWords);
    static_assert(sizeof(scoring::Standing) == 8 * (kWords - kIdWords));
    static_assert(sizeof(RecordBody) % 8 == 0);
    using Words = std::array<std::uint64_t, kWords>;

    std::atomic<std::uint64_t> guard_{0};
    std::array<std::atomic<std::uint64_t>, kWords> words_{};
};
static_assert(sizeof(PublishedRecord) == 192);

}  // namespace patron::store
