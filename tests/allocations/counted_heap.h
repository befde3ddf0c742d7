#pragma once
// How often anybody in this program has asked operator new for memory, which counted_heap.cc replaces.
//
// Threads    any.

#include <cstdint>

namespace patron {

std::uint64_t heap_blocks_taken();

// From here on what the calling thread asks for is not counted.
void leave_out_this_thread(bool left_out = true);

}  // namespace patron
