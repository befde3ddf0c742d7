#pragma once
// Room for one asynchronous operation at a time, inside whoever starts it: a thousand pending reads are
// more than Asio's own cache of freed operations holds.
//
// Bounds     an operation that is larger, or a second one, gets its memory from the heap.
// Threads    one.

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace patron::net {

class OperationMemory {
  public:
    OperationMemory() = default;
    OperationMemory(const OperationMemory&) = delete;
    OperationMemory& operator=(const OperationMemory&) = delete;

    void* take(std::size_t bytes) {
        if (bytes <= room_.size() && !std::exchange(taken_, true)) {
            return room_.data();
        }
        return ::operator new(bytes);
    }
    void give_back(void* memory) {
        if (memory == room_.data()) {
            taken_ = false;
        } else {
            ::operator delete(memory);
        }
    }

  private:
    static constexpr std::size_t kBytes = 192;

    alignas(std::max_align_t) std::array<std::byte, kBytes> room_;
    bool taken_ = false;
};

// The allocator of a handler whose operation lives there.
template <class T>
class OperationAllocator {
  public:
    using value_type = T;

    explicit OperationAllocator(OperationMemory& memory) : memory_(&memory) {}
    template <class U>
    OperationAllocator(const OperationAllocator<U>& other) : memory_(other.memory_) {}

    T* allocate(std::size_t n) {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        return static_cast<T*>(memory_->take(n * sizeof(T)));
    }
    void deallocate(T* at, std::size_t) { memory_->give_back(at); }

    template <class U>
    bool operator==(const OperationAllocator<U>& other) const {
        return memory_ == other.memory_;
    }

  private:
    template <class U>
    friend class OperationAllocator;

    OperationMemory* memory_;
};

}  // namespace patron::net
