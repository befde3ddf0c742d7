#include "tests/allocations/counted_heap.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> taken{0};
thread_local bool is_left_out = false;

void* take(std::size_t bytes) {
    if (!is_left_out) {
        taken.fetch_add(1);
    }
    void* memory = std::malloc(bytes);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
    return take(bytes);
}
void* operator new[](std::size_t bytes) {
    return take(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return take(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
    return take(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace patron {

std::uint64_t heap_blocks_taken() {
    return taken.load();
}

void leave_out_this_thread(bool left_out) {
    is_left_out = left_out;
}

}  // namespace patron
