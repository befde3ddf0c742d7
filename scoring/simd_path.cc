#include "scoring/simd_path.h"

#include "scoring/check.h"

namespace patron::scoring {

bool simd_path_supported([[maybe_unused]] SimdPath path) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    switch (path) {
        case SimdPath::Baseline:
            return true;
        case SimdPath::Avx2:
            return __builtin_cpu_supports("avx2") != 0;
        case SimdPath::Avx512:
            return __builtin_cpu_supports("avx512f") != 0 &&
                   __builtin_cpu_supports("avx512dq") != 0 &&
                   __builtin_cpu_supports("avx512vl") != 0 &&
                   __builtin_cpu_supports("avx512bw") != 0;
    }
    PATRON_CHECK(false);
#else
    return path == SimdPath::Baseline;
#endif
}

SimdPath best_simd_path() {
    static const SimdPath best = simd_path_supported(SimdPath::Avx512) ? SimdPath::Avx512
                                 : simd_path_supported(SimdPath::Avx2) ? SimdPath::Avx2
                                                                       : SimdPath::Baseline;
    return best;
}

}  // namespace patron::scoring
