#include "store/customer_columns.h"

#include <new>

#include <sys/mman.h>

#include "scoring/check.h"
#include "store/big_memory.h"

namespace patron::store {
namespace {

constexpr std::size_t kDirectoryBytes = kChunksMax * sizeof(void*);

}  // namespace

CustomerColumns::CustomerColumns() {
    void* memory = mmap(
        nullptr,
        kDirectoryBytes,
        PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
        -1,
        0
    );
    PATRON_CHECK(memory != MAP_FAILED);
    directory_.reset(static_cast<std::atomic<Chunk*>*>(memory));
}

void CustomerColumns::Unmap::operator()(std::atomic<Chunk*>* directory) const {
    for (std::size_t i = 0; i < kChunksMax; ++i) {
        Chunk* chunk = directory[i].load(std::memory_order_relaxed);
        if (chunk == nullptr) {
            break;
        }
        chunk->~Chunk();
        give_back_big_memory(chunk, sizeof(Chunk));
    }
    munmap(directory, kDirectoryBytes);
}

std::optional<Row> CustomerColumns::add_row() {
    const std::size_t row = rows_;
    if (row / kChunkRows >= kChunksMax) {
        return std::nullopt;
    }
    if (row % kChunkRows == 0) {
        Chunk* chunk = new (take_big_memory(sizeof(Chunk))) Chunk{};
        directory_[row / kChunkRows].store(chunk, std::memory_order_release);
    }
    ++rows_;
    return static_cast<Row>(row);
}

std::size_t CustomerColumns::bytes() const {
    return (rows_ + kChunkRows - 1) / kChunkRows * sizeof(Chunk);
}

void CustomerColumns::prefetch(Row row) const {
    const Chunk& c = chunk(row);
    const std::size_t i = row % kChunkRows;
    c.record[i].prefetch();
    const char* kept = reinterpret_cast<const char*>(&c.kept[i]);
    __builtin_prefetch(kept, 1);
    __builtin_prefetch(kept + sizeof(Kept) - 1, 1);
}

}  // namespace patron::store
