#pragma once
// Bytes of an answer, appended in place: a growing buffer without zeroing, formatting by to_chars.
//
// Owns       its memory; `clear` keeps it for the next answer.
// Threads    one owner at a time.
// Cost       amortised constant per byte, no allocation once warm.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace patron::wire {

class ByteWriter {
  public:
    explicit ByteWriter(std::size_t capacity = 1024)
        : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

    void append(std::string_view text) {
        std::memcpy(reserve(text.size()), text.data(), text.size());
        size_ += text.size();
    }
    void append(char c) {
        *reserve(1) = c;
        ++size_;
    }
    void append_int(std::int64_t value) {
        char* at = reserve(20);
        size_ += static_cast<std::size_t>(std::to_chars(at, at + 20, value).ptr - at);
    }
    void append_uint(std::uint64_t value) {
        char* at = reserve(20);
        size_ += static_cast<std::size_t>(std::to_chars(at, at + 20, value).ptr - at);
    }

    // Room for `n` bytes at the end; what was written there counts after `advance`.
    char* reserve(std::size_t n) {
        if (size_ + n > capacity_) {
            grow(size_ + n);
        }
        return bytes_.get() + size_;
    }
    void advance(std::size_t n) { size_ += n; }
    void truncate(std::size_t size) { size_ = size; }
    void clear() { size_ = 0; }

    char* data() { return bytes_.get(); }
    const char* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    std::string_view view() const { return {bytes_.get(), size_}; }

  private:
    void grow(std::size_t needed) {
        std::size_t capacity = capacity_ * 2;
        while (capacity < needed) {
            capacity *= 2;
        }
        auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
        std::memcpy(bytes.get(), bytes_.get(), size_);
        bytes_ = std::move(bytes);
        capacity_ = capacity;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace patron::wire
