#pragma once
// Whose turn it is: customers drawn uniformly, or by Zipf's law so that few are asked for often.
//
// Shapes     0 .. customers-1. With an exponent s > 0 the k-th most popular has a share ~ k^-s; who is
//            popular is scattered over the numbers.
// Threads    one owner. Cost: constant, no table.
// Source     rejection-inversion: Hoermann, Derflinger (1996), "Rejection-inversion to generate variates
//            from monotone discrete distributions".

#include <cstdint>

#include "tools/patron/seeded_random.h"

namespace patron::tools {

// A number prime to `customers`, about 5/8 of it: steps of it visit everybody, neighbours far apart.
std::uint64_t scattering_stride(std::uint64_t customers);

class CustomerPicker {
  public:
    CustomerPicker(
        std::uint32_t customers, double zipf_exponent, std::uint64_t seed, std::uint64_t stream
    );
    std::uint32_t pick();
    std::uint32_t customers() const { return customers_; }

  private:
    double integral(double x) const;
    double inverse(double area) const;
    std::uint32_t rank();

    std::uint32_t customers_;
    double exponent_;
    SeededRandom random_;
    std::uint64_t stride_ = 1;
    double low_area_ = 0;
    double high_area_ = 0;
    double sure_ = 0;
};

}  // namespace patron::tools
