#pragma once
// Random parameters and histories for property tests: several decades of everything, and its
// borders.

#include <cmath>
#include <cstdint>
#include <random>

#include "scoring/purchase_params.h"

namespace patron::scoring {

class RandomCustomers {
  public:
    explicit RandomCustomers(std::uint64_t seed) : random_(seed) {}

    double log_uniform(double lo, double hi) {
        return std::exp(uniform(std::log(lo), std::log(hi)));
    }
    double uniform(double lo, double hi) {
        return std::uniform_real_distribution<double>(lo, hi)(random_);
    }
    std::uint64_t below(std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_);
    }

    PurchaseParams params(PurchaseModel model) {
        return {
            model,
            log_uniform(1e-3, 1e3),
            log_uniform(1e-3, 1e3),
            log_uniform(1e-3, 1e3),
            log_uniform(1e-3, 1e3),
            7
        };
    }

    PurchaseHistory history() {
        PurchaseHistory h;
        h.age = below(8) == 0 ? 0 : log_uniform(1e-3, 2e3);
        const std::uint64_t kind = below(4);
        h.x = kind == 0 ? 0 : static_cast<std::uint32_t>(log_uniform(1, kind == 1 ? 2000 : 40));
        if (h.x > 0) {
            h.t_x = below(8) == 0 ? h.age : h.age * uniform(0, 1);
        }
        return h;
    }

  private:
    std::mt19937_64 random_;
};

}  // namespace patron::scoring
