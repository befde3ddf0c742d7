#pragma once
// A small fast source of random numbers with a seed: xorshift64*.
//
// Range      `below(n)` lies in [0, n), n > 0; its bias is n / 2^32, nothing for a load.
// Threads    one owner.

#include <cstdint>

namespace patron::bench {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed | 1U) {}

    std::uint64_t next() {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return state_ * 0x2545'F491'4F6C'DD1DU;
    }
    std::uint32_t below(std::uint32_t n) {
        return static_cast<std::uint32_t>(((next() >> 32U) * n) >> 32U);
    }

  private:
    std::uint64_t state_;
};

}  // namespace patron::bench
