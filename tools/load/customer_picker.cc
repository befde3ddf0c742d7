#include "tools/load/customer_picker.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scoring/check.h"

namespace patron::tools {

std::uint64_t scattering_stride(std::uint64_t customers) {
    std::uint64_t stride = customers * 5 / 8 + 1;
    while (std::gcd(stride, customers) != 1) {
        ++stride;
    }
    return stride;
}

CustomerPicker::CustomerPicker(
    std::uint32_t customers, double zipf_exponent, std::uint64_t seed, std::uint64_t stream
)
    : customers_(customers), exponent_(zipf_exponent), random_(seed, stream) {
    PATRON_CHECK(customers > 0 && zipf_exponent >= 0);
    if (exponent_ > 0) {
        stride_ = scattering_stride(customers);
        low_area_ = integral(1.5) - 1;
        high_area_ = integral(customers + 0.5);
        sure_ = 2 - inverse(integral(2.5) - std::pow(2.0, -exponent_));
    }
}

std::uint32_t CustomerPicker::pick() {
    if (exponent_ <= 0) {
        return random_.below(customers_);
    }
    return static_cast<std::uint32_t>((rank() - 1) * stride_ % customers_);
}

// Of x^-s from 1: (x^(1-s) - 1) / (1 - s), log x where s is 1.
double CustomerPicker::integral(double x) const {
    const double log_x = std::log(x);
    const double power = (1 - exponent_) * log_x;
    return std::abs(power) > 1e-8 ? std::expm1(power) / (1 - exponent_) : log_x * (1 + power / 2);
}

double CustomerPicker::inverse(double area) const {
    const double t = std::max(area * (1 - exponent_), -1.0);
    return std::exp(std::abs(t) > 1e-8 ? std::log1p(t) / (1 - exponent_) : area * (1 - t / 2));
}

std::uint32_t CustomerPicker::rank() {
    for (;;) {
        const double area = random_.uniform(low_area_, high_area_);
        const double x = inverse(area);
        const double k = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(customers_));
        if (k - x <= sure_ || area >= integral(k + 0.5) - std::pow(k, -exponent_)) {
            return static_cast<std::uint32_t>(k);
        }
    }
}

}  // namespace patron::tools
