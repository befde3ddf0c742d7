#pragma once
// How many files and sockets this process may have open.
//
// Threads    at the start, before others open any.
// Source     getrlimit(2): the soft limit of a login shell is often 1,024, the hard one far above.

#include <cstddef>

namespace patron::server {

// Raises the soft limit to `wanted` as far as the hard limit lets it; what it is then.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace patron::server
