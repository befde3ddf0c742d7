#pragma once
// What a load says and what it expects to hear: bytes, without sockets.
//
// Shapes     a batch leaves in one write and is over when `answers` answers came back; `units` is
// what
//            it counts for (requests, events).
// Threads    one owner.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace patron::bench {

struct Batch {
    std::uint32_t answers = 0;  // 0: nothing is left to say
    std::uint32_t units = 0;
};

// The question an answer belongs to.
struct Asked {
    std::string_view batch;   // as sent
    std::uint32_t index = 0;  // of the answer in its batch
    std::uint32_t units = 0;  // of the batch
};

struct Taken {
    std::size_t bytes = 0;  // 0: the answer is not whole yet
    bool ok = true;
};

class Workload {
  public:
    virtual ~Workload() = default;
    // Writes the next batch into `bytes`, which holds this connection's previous one ("" at first).
    virtual Batch next(std::string& bytes) = 0;
    // Takes one answer from the front of `input`.
    virtual Taken take(std::string_view input, const Asked& asked) = 0;
};

}  // namespace patron::bench
