#include "tools/load/latency_histogram.h"

#include <cmath>

#include "scoring/check.h"

namespace patron::tools {

LatencyHistogram::LatencyHistogram(unsigned bits) : bits_(bits) {
    counts_.resize(index_of(kTrackedNsMax) + 1);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
    PATRON_CHECK(bits_ == other.bits_);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        counts_[i] += other.counts_[i];
    }
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

void LatencyHistogram::clear() {
    *this = LatencyHistogram(bits_);
}

std::int64_t LatencyHistogram::quantile_ns(double q) const {
    if (count_ == 0) {
        return 0;
    }
    const double exact_rank = std::ceil(q * static_cast<double>(count_));
    const auto rank =
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(exact_rank, 1.0)), 1, count_);
    if (rank == count_) {
        return max_;
    }
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= rank) {
            const Bucket found = bucket(i);
            return std::clamp(found.low_ns + (found.high_ns - found.low_ns) / 2, min_, max_);
        }
    }
    return max_;
}

std::uint64_t LatencyHistogram::count_from(std::int64_t ns) const {
    std::uint64_t found = 0;
    for (std::size_t i = index_of(std::max<std::int64_t>(ns, 0)); i < counts_.size(); ++i) {
        found += bucket(i).low_ns >= ns ? counts_[i] : 0;
    }
    return found;
}

std::vector<LatencyHistogram::Bucket> LatencyHistogram::buckets() const {
    std::vector<Bucket> out;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] != 0) {
            out.push_back(bucket(i));
        }
    }
    return out;
}

LatencyHistogram::Bucket LatencyHistogram::bucket(std::size_t index) const {
    const std::size_t half = std::size_t{1} << (bits_ - 1);
    const std::size_t shift = index < 2 * half ? 0 : index / half - 1;
    const auto leading = static_cast<std::int64_t>(index - shift * half);
    return {leading << shift, ((leading + 1) << shift) - 1, counts_[index]};
}

}  // namespace patron::tools
