#pragma once
// The bytes of a connection that are not answered yet.
//
// Shapes     [data, data + size) is received, [free, free + free_bytes) takes more. Nothing moves
// except
//            in `consume`, `grow` and `shrink`.
// Bounds     kReadBufferBytes to begin with; `grow` is charged to a budget shared by the
// connections of
//            an I/O thread and fails when that is used up.
// Owns       its memory.

#include <cstddef>
#include <memory>

namespace patron::net {

inline constexpr std::size_t kReadBufferBytes = 16 * 1024;

// What may still be taken beyond the first bytes of every buffer.
struct MemoryBudget {
    std::size_t bytes_left = 0;
};

class ReadBuffer {
  public:
    explicit ReadBuffer(MemoryBudget& budget);
    ~ReadBuffer();
    ReadBuffer(const ReadBuffer&) = delete;
    ReadBuffer& operator=(const ReadBuffer&) = delete;

    char* data() { return bytes_.get(); }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool is_grown() const { return capacity_ > kReadBufferBytes; }

    char* free() { return bytes_.get() + size_; }
    std::size_t free_bytes() const { return capacity_ - size_; }
    void commit(std::size_t n) { size_ += n; }
    void truncate(std::size_t size) { size_ = size; }

    // Drops the first `n` bytes.
    void consume(std::size_t n);
    // False if the budget does not allow it.
    bool grow(std::size_t capacity);
    // Back to the first size; the buffer must be empty.
    void shrink();

  private:
    MemoryBudget& budget_;
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = kReadBufferBytes;
    std::size_t size_ = 0;
};

}  // namespace patron::net
