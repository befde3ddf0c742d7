#include "scoring/expected_purchases.h"

#include <algorithm>
#include <cmath>

#include "scoring/vector_math.h"

namespace patron::scoring {

namespace {

constexpr double kSeriesTermsMax = 2000;
constexpr double kLn10 = 2.302585092994045684;

// The forecast window as the negative binomial sees it: z = t / (alpha + age + t).
struct Window {
    double rho;
    double z;
    double one_less_z;
    double mode;  // most likely count of purchases, were nobody to leave
};

Window window_of(const ExpectedPurchasesInput& in, double t) {
    const double rho = in.r + static_cast<double>(in.x);
    const double start = in.alpha + in.age;
    const double z = t / (start + t);
    return {rho, z, start / (start + t), rho * t / start};
}

bool series_is_long(const Window& w) {
    const double log_z = w.z > 0.5 ? vm::log1p(-w.one_less_z) : vm::log(w.z);
    return 40.0 / -log_z + w.mode > kSeriesTermsMax;
}

// The integrand over y = logit p. The weight is taken relative to its peak; the sum of the weights
// normalises it, so no Beta function, and none of its cancellation, is needed.
struct LogitIntegrand {
    double a;
    double shape;
    double rho;
    double tau;
    double peak;

    double log_weight(double y) const { return -a * vm::softplus(-y) - shape * vm::softplus(y); }
    double weight(double y) const { return vm::exp(log_weight(y) - peak); }
    // (1 - (1 + p tau)^-rho) / p, between rho tau at p = 0 and its value at p = 1.
    double purchases(double y) const {
        const double p = vm::exp(-vm::softplus(-y));
        return p > 0 ? -vm::expm1(-rho * vm::log1p(p * tau)) / p : rho * tau;
    }
};

struct QuadratureSums {
    double weight = 0;
    double value = 0;
};

// From the peak to the left, until what remains cannot show, then the exact geometric tail: there
// the weight is e^(a y) and `purchases` has reached its limit.
void add_left(
    const LogitIntegrand& f, double y_peak, double y_min, double h, QuadratureSums& sums
) {
    const double decay = -vm::expm1(-f.a * h);
    const double limit = f.rho * f.tau;
    double y = y_peak - h;
    for (; y >= y_min; y -= h) {
        const double weight = f.weight(y);
        sums.weight += weight;
        sums.value += weight * f.purchases(y);
        const double rest = weight / decay;
        if (rest < 1e-18 * sums.weight && rest * limit < 1e-18 * sums.value) {
            return;
        }
    }
    const double rest = f.weight(y) / decay;
    sums.weight += rest;
    sums.value += rest * limit;
}

void add_right(
    const LogitIntegrand& f, double y_peak, double y_max, double h, QuadratureSums& sums
) {
    const double decay = -vm::expm1(-f.shape * h);
    double y = y_peak + h;
    for (; y <= y_max; y += h) {
        const double weight = f.weight(y);
        sums.weight += weight;
        sums.value += weight * f.purchases(y);
        if (weight / decay < 1e-18 * sums.weight &&
            f.purchases(y) * weight / decay < 1e-18 * sums.value) {
            return;
        }
    }
    const double rest = f.weight(y) / decay;
    sums.weight += rest;
    sums.value += rest * f.purchases(y);
}

}  // namespace

double expected_purchases_series(const ExpectedPurchasesInput& in, double t) {
    const Window win = window_of(in, t);
    double log_scale =
        win.z > 0.5 ? win.rho * vm::log(win.one_less_z) : win.rho * vm::log1p(-win.z);
    double w = 1;        // P(k purchases | immortal) / P(0), rescaled on the way
    double survive = 1;  // chance to survive k - 1 purchases
    double reached = 0;  // expected purchases made of k
    double sum = 0;
    for (double k = 1;; k += 1) {
        w *= (win.rho + k - 1) / k * win.z;
        reached += survive;
        survive *= (in.shape + k - 1) / (in.a + in.shape + k - 1);
        sum += w * reached;
        if (w > 1e200) {
            w *= 1e-200;
            sum *= 1e-200;
            log_scale += 200 * kLn10;
        }
        const double ratio = std::max(win.z, (win.rho + k) / (k + 1) * win.z);
        if (k > win.mode && ratio < 1) {
            const double left = 1 - ratio;
            if (w * (reached / left + survive * ratio / (left * left)) < 1e-16 * sum) {
                break;
            }
        }
    }
    return vm::exp(vm::log(sum) + log_scale);
}

double expected_purchases_quadrature(const ExpectedPurchasesInput& in, double t) {
    const double rho = in.r + static_cast<double>(in.x);
    const double tau = t / (in.alpha + in.age);
    const double y_peak = vm::log(in.a) - vm::log(in.shape);
    LogitIntegrand f{in.a, in.shape, rho, tau, 0};
    f.peak = f.log_weight(y_peak);

    // A trapezoid is exact to e^-(2 pi^2 (sd/h)^2) on a bell; 1/8 suits wide ones, and the weight
    // has a standard deviation of sqrt(1/a + 1/shape) when it is narrow.
    const double sd = std::sqrt(1 / in.a + 1 / in.shape);
    const double h = std::min(0.125, 0.7 * sd);
    const double y_min = std::min(-vm::log1p(tau) - vm::log1p(rho), y_peak) - 40;
    const double y_max = std::max(y_peak, 0.0) + 45;

    const double top = f.weight(y_peak);
    QuadratureSums sums{top, top * f.purchases(y_peak)};
    add_left(f, y_peak, y_min, h, sums);
    add_right(f, y_peak, y_max, h, sums);
    return sums.value / sums.weight;
}

double expected_purchases_alive(const ExpectedPurchasesInput& in, double t) {
    if (t <= 0) {
        return 0;
    }
    return series_is_long(window_of(in, t)) ? expected_purchases_quadrature(in, t)
                                            : expected_purchases_series(in, t);
}

}  // namespace patron::scoring
