#pragma once
// Random numbers that are the same on every machine: own generator, own samplers, own exp and log.
//
// Shapes     one stream per (seed, stream); streams do not depend on each other's use.
// Accuracy   samplers are exact up to the rounding of doubles (rejection, no tables).
// Threads    one owner.
// Source     xoshiro256++ and splitmix64 (Blackman, Vigna); polar normals (Marsaglia, Bray 1964);
// gamma
//            by Marsaglia and Tsang (2000); beta as a ratio of gammas.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "scoring/vector_math.h"

namespace patron::tools {

class SeededRandom {
  public:
    SeededRandom(std::uint64_t seed, std::uint64_t stream) {
        std::uint64_t mixer = seed ^ (stream * 0xD1B5'4A32'D192'ED03);
        for (std::uint64_t& word : state_) {
            mixer += 0x9E37'79B9'7F4A'7C15;
            std::uint64_t z = mixer;
            z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9;
            z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EB;
            word = z ^ (z >> 31U);
        }
    }

    std::uint64_t bits() {
        const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // In (0, 1), never its ends.
    double uniform() { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    bool chance(double p) { return uniform() < p; }
    // 0 .. n-1, for n far below 2^32.
    std::uint32_t below(std::uint32_t n) {
        return static_cast<std::uint32_t>(((bits() >> 32U) * n) >> 32U);
    }

    double exponential(double mean) { return -mean * scoring::vm::log(uniform()); }
    double normal();
    double gamma(double shape);
    double beta(double a, double b) {
        const double x = gamma(a);
        const double y = gamma(b);
        return x / (x + y);
    }

  private:
    std::array<std::uint64_t, 4> state_;
};

inline double SeededRandom::normal() {
    for (;;) {
        const double x = uniform(-1, 1);
        const double y = uniform(-1, 1);
        const double square = x * x + y * y;
        if (square < 1 && square > 0) {
            return x * std::sqrt(-2 * scoring::vm::log(square) / square);
        }
    }
}

inline double SeededRandom::gamma(double shape) {
    if (shape < 1) {
        const double grown = gamma(shape + 1);
        return grown * scoring::vm::exp(scoring::vm::log(uniform()) / shape);
    }
    const double d = shape - 1.0 / 3.0;
    const double c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = normal();
        const double root = 1 + c * x;
        const double cube = root * root * root;
        if (cube > 0 &&
            scoring::vm::log(uniform()) < 0.5 * x * x + d - d * cube + d * scoring::vm::log(cube)) {
            return d * cube;
        }
    }
}

}  // namespace patron::tools
