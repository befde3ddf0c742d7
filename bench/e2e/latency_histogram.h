#pragma once
// Latencies in buckets that grow with the value: 64 to a power of two.
//
// Units      nanoseconds.
// Accuracy   a quantile is the lower end of its bucket: at most 1/32 too small.
// Cost       `add` is one increment.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace patron::bench {

class LatencyHistogram {
  public:
    void add(std::uint64_t ns) {
        ++counts_[std::min(bucket_of(ns), counts_.size() - 1)];
        ++total_;
        max_ns_ = std::max(max_ns_, ns);
    }
    std::uint64_t max_ns() const { return max_ns_; }

    // 0 while nothing was added.
    std::uint64_t quantile_ns(double q) const {
        const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > rank) {
                return floor_of(i);
            }
        }
        return max_ns_;
    }

  private:
    static constexpr std::size_t kSteps = 64;
    static constexpr std::size_t kPowers = 36;  // up to an hour

    static std::size_t bucket_of(std::uint64_t ns) {
        const auto shift =
            static_cast<std::size_t>(std::max(static_cast<int>(std::bit_width(ns)), 6) - 6);
        return shift * kSteps + static_cast<std::size_t>(ns >> shift);
    }
    static std::uint64_t floor_of(std::size_t bucket) {
        const std::size_t shift = bucket < kSteps ? 0 : (bucket - kSteps / 2) / kSteps;
        return static_cast<std::uint64_t>(bucket - shift * kSteps) << shift;
    }

    std::array<std::uint64_t, kSteps * kPowers> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t max_ns_ = 0;
};

}  // namespace patron::bench
