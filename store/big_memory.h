#pragma once
// Memory for what is large, long-lived and read at random: columns, ledgers, index tables. In huge pages,
// where the system gives them.
//
// Why        among ten million customers every step of a read or an event misses the TLB with pages of
//            4 KiB, and a start from a snapshot spends more on page faults than on its rows.
// Shapes     pieces of any size, aligned to 64 bytes, contents undefined; they never move. Small ones are
//            cut from regions that all share, so that a small store stays small.
// Errors     std::bad_alloc.
// Threads    any.
// Cost       meant for pieces of kilobytes and more: a lock each; a piece given back is used again for one
//            of the same size. Under sanitizers every piece is an allocation of its own, so that they see
//            its ends.

#include <cstddef>

namespace patron::store {

void* take_big_memory(std::size_t bytes);
void give_back_big_memory(void* piece, std::size_t bytes);

// The same for what comes and goes, as ledgers do when they are packed: cut from other regions, so that no
// huge page is torn whose rest is in use for long; from kOwnMappingBytes on a mapping of its own.
inline constexpr std::size_t kOwnMappingBytes = std::size_t{2} << 20;
void* take_passing_memory(std::size_t bytes);
void give_back_passing_memory(void* piece, std::size_t bytes);

// Gives the system some of the pages of passing pieces that were given back and are not in use again;
// false: there were none. Their addresses stay for the next that ask.
bool trim_passing_memory();

// A mapping of its own: zero, aligned to its pages, its room reserved and paid for when it is touched.
void* map_big_memory(std::size_t bytes);
void unmap_big_memory(void* piece, std::size_t bytes);

}  // namespace patron::store
