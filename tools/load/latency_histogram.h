#pragma once
// Latencies in buckets as wide as the value's leading digits ask for: quantiles of any number of them.
//
// Shapes     `bits` leading binary digits of a value are kept: 2^(bits-1) buckets to a power of two.
// Units      nanoseconds; negative ones count as 0.
// Accuracy   a quantile is within 2^-bits of the exact one (rank ceil(q n)) up to kTrackedNsMax; count,
//            min and max are exact at any size, the mean as exact as a double.
// Bounds     a fixed table: 270 KiB with kThreeDigits, 10 KiB with kTwoDigits.
// Threads    one owner. Cost: `add` is one increment in the table.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace patron::tools {

class LatencyHistogram {
  public:
    static constexpr unsigned kThreeDigits = 11;
    static constexpr unsigned kTwoDigits = 6;
    static constexpr std::int64_t kTrackedNsMax = 3'600'000'000'000;  // an hour; beyond: only max

    struct Bucket {
        std::int64_t low_ns = 0;
        std::int64_t high_ns = 0;  // the last one in it
        std::uint64_t count = 0;
    };

    explicit LatencyHistogram(unsigned bits = kThreeDigits);

    void add(std::int64_t ns, std::uint64_t times = 1) {
        const std::int64_t value = std::max<std::int64_t>(ns, 0);
        counts_[index_of(value)] += times;
        count_ += times;
        sum_ += static_cast<double>(value) * static_cast<double>(times);
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }
    // Both of the same `bits`.
    void merge(const LatencyHistogram& other);
    void clear();

    std::uint64_t count() const { return count_; }
    // 0 while nothing was added, as the quantiles.
    std::int64_t min_ns() const { return count_ == 0 ? 0 : min_; }
    std::int64_t max_ns() const { return max_; }
    double mean_ns() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
    std::int64_t quantile_ns(double q) const;
    // How many lie in buckets that begin at `ns` or above.
    std::uint64_t count_from(std::int64_t ns) const;
    // Those that hold something, in order.
    std::vector<Bucket> buckets() const;

  private:
    std::size_t index_of(std::int64_t ns) const {
        const auto value = static_cast<std::uint64_t>(std::min(ns, kTrackedNsMax));
        const unsigned width = static_cast<unsigned>(std::bit_width(value));
        const unsigned shift = width > bits_ ? width - bits_ : 0;
        return (std::size_t{shift} << (bits_ - 1)) + static_cast<std::size_t>(value >> shift);
    }
    Bucket bucket(std::size_t index) const;

    unsigned bits_;
    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::int64_t min_ = INT64_MAX;
    std::int64_t max_ = 0;
};

}  // namespace patron::tools
