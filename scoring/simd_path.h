#pragma once
// Which instruction set the batch kernels run on. All paths return the same bits.
//
// Errors     none; a CPU without vectors takes Baseline.
// Threads    any; the CPU is asked once.

#include <cstdint>

namespace patron::scoring {

enum class SimdPath : std::uint8_t { Baseline, Avx2, Avx512 };

bool simd_path_supported(SimdPath path);
SimdPath best_simd_path();

}  // namespace patron::scoring
