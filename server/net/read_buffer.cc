#include "server/net/read_buffer.h"

#include <cstring>

#include "store/check.h"

namespace patron::net {

ReadBuffer::ReadBuffer(MemoryBudget& budget)
    : budget_(budget), bytes_(std::make_unique_for_overwrite<char[]>(kReadBufferBytes)) {}

ReadBuffer::~ReadBuffer() {
    budget_.bytes_left += capacity_ - kReadBufferBytes;
}

void ReadBuffer::consume(std::size_t n) {
    PATRON_CHECK(n <= size_);
    size_ -= n;
    if (size_ != 0) {
        std::memmove(bytes_.get(), bytes_.get() + n, size_);
    }
}

bool ReadBuffer::grow(std::size_t capacity) {
    PATRON_CHECK(capacity > capacity_);
    const std::size_t more = capacity - capacity_;
    if (more > budget_.bytes_left) {
        return false;
    }
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    budget_.bytes_left -= more;
    return true;
}

void ReadBuffer::shrink() {
    PATRON_CHECK(size_ == 0);
    bytes_ = std::make_unique_for_overwrite<char[]>(kReadBufferBytes);
    budget_.bytes_left += capacity_ - kReadBufferBytes;
    capacity_ = kReadBufferBytes;
}

}  // namespace patron::net
