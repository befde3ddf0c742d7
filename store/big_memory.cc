#include "store/big_memory.h"

#include <algorithm>
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
constexpr std::size_t kPage = 4096;
constexpr std::size_t kTrimBytes = 8 * kHugePage;  // at a time: well below a millisecond

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t rounded(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

// Pieces of all stores of the process.
class Regions {
  public:
    void* take(std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        FreePieces& free = free_[bytes];
        for (auto* pieces : {&free.resident, &free.trimmed}) {
            if (!pieces->empty()) {
                char* piece = pieces->back();
                pieces->pop_back();
                return piece;
            }
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
        free_[bytes].resident.push_back(static_cast<char*>(piece));
    }

    bool trim() {
        const std::lock_guard lock(mutex_);
        for (auto& [bytes, free] : free_) {
            if (!free.resident.empty()) {
                trim_some(bytes, free);
                return true;
            }
        }
        return false;
    }

  private:
    struct FreePieces {
        std::vector<char*> resident;
        std::vector<char*> trimmed;
    };

    // Neighbours in one call, so that a huge page goes as a whole where it can.
    static void trim_some(std::size_t bytes, FreePieces& free) {
        std::ranges::sort(free.resident);
        for (std::size_t trimmed = 0; trimmed < kTrimBytes && !free.resident.empty();) {
            char* const end = free.resident.back() + bytes;
            char* from = end;
            while (!free.resident.empty() && free.resident.back() + bytes == from &&
                   trimmed < kTrimBytes) {
                from = free.resident.back();
                free.trimmed.push_back(from);
                free.resident.pop_back();
                trimmed += bytes;
            }
            give_back_pages(from, end);
        }
    }

    static void give_back_pages(char* from, char* end) {
        const auto address = reinterpret_cast<std::uintptr_t>(from);
        const std::size_t before = rounded(address, kPage) - address;
        const auto bytes = static_cast<std::size_t>(end - from);
        if (before + kPage <= bytes) {
            madvise(from + before, (bytes - before) / kPage * kPage, MADV_DONTNEED);
        }
    }

    std::mutex mutex_;
    char* next_ = nullptr;
    char* end_ = nullptr;
    std::unordered_map<std::size_t, FreePieces> free_;  // by size
};

// They outlive whoever gives back at the end of the process.
Regions& lasting() {
    static Regions& regions = *new Regions;
    return regions;
}

Regions& passing() {
    static Regions& regions = *new Regions;
    return regions;
}

}  // namespace

void* take_big_memory(std::size_t bytes) {
    if constexpr (kSanitized) {
        return ::operator new(bytes, std::align_val_t{kLine});
    }
    return lasting().take(rounded(bytes, kLine));
}

void give_back_big_memory(void* piece, std::size_t bytes) {
    if constexpr (kSanitized) {
        return ::operator delete(piece, bytes, std::align_val_t{kLine});
    }
    lasting().give_back(piece, rounded(bytes, kLine));
}

void* take_passing_memory(std::size_t bytes) {
    if constexpr (kSanitized) {
        return take_big_memory(bytes);
    }
    return bytes >= kOwnMappingBytes ? map_big_memory(bytes)
                                     : passing().take(rounded(bytes, kLine));
}

void give_back_passing_memory(void* piece, std::size_t bytes) {
    if constexpr (kSanitized) {
        return give_back_big_memory(piece, bytes);
    }
    if (bytes >= kOwnMappingBytes) {
        return unmap_big_memory(piece, bytes);
    }
    passing().give_back(piece, rounded(bytes, kLine));
}

bool trim_passing_memory() {
    return passing().trim();
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
