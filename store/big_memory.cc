#include "store/big_memory.h"

#include <cstdint>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include <sys/mman.h>

namespace patron::store {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kRegionBytes = 32 * kHugePage;
constexpr std::size_t kLine = 64;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t rounded(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

// The pieces of all stores of the process.
class Regions {
  public:
    void* take(std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        if (auto& free = free_[bytes]; !free.empty()) {
            void* piece = free.back();
            free.pop_back();
            return piece;
        }
        if (bytes > kRegionBytes / 4) {
            return map_big_memory(bytes);
        }
        if (static_cast<std::size_t>(end_ - next_) < bytes) {
            next_ = static_cast<char*>(map_big_memory(kRegionBytes));
            end_ = next_ + kRegionBytes;
        }
        char* piece = next_;
        next_ += bytes;
        return piece;
    }

    void give_back(void* piece, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        free_[bytes].push_back(piece);
    }

  private:
    std::mutex mutex_;
    char* next_ = nullptr;
    char* end_ = nullptr;
    std::unordered_map<std::size_t, std::vector<void*>> free_;  // by size
};

Regions& regions() {
    static Regions& all = *new Regions;  // outlives whoever gives back at the end of the process
    return all;
}

}  // namespace

void* take_big_memory(std::size_t bytes) {
    if constexpr (kSanitized) {
        return ::operator new(bytes, std::align_val_t{kLine});
    }
    return regions().take(rounded(bytes, kLine));
}

void give_back_big_memory(void* piece, std::size_t bytes) {
    if constexpr (kSanitized) {
        return ::operator delete(piece, bytes, std::align_val_t{kLine});
    }
    regions().give_back(piece, rounded(bytes, kLine));
}

void* map_big_memory(std::size_t bytes) {
    // With room to begin at a huge page; what is over is given back.
    const bool huge = bytes >= kHugePage;
    const std::size_t wanted = huge ? bytes + kHugePage : bytes;
    void* memory = mmap(
        nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    );
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    if (!huge) {
        return memory;
    }
    constexpr std::size_t kPage = 4096;
    char* const from = static_cast<char*>(memory);
    char* const piece =
        from + (kHugePage - reinterpret_cast<std::uintptr_t>(from) % kHugePage) % kHugePage;
    char* const end = piece + rounded(bytes, kPage);
    if (piece > from) {
        munmap(from, static_cast<std::size_t>(piece - from));
    }
    if (from + rounded(wanted, kPage) > end) {
        munmap(end, static_cast<std::size_t>(from + rounded(wanted, kPage) - end));
    }
    madvise(piece, bytes, MADV_HUGEPAGE);  // where it is refused, small pages serve
    return piece;
}

void unmap_big_memory(void* piece, std::size_t bytes) {
    munmap(piece, bytes);
}

}  // namespace patron::store
