#include "scoring/vector_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kSeed = 20260711;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Distance from the 80-bit value in units of the last place of the nearest double.
double ulps_off(double got, long double want) {
    const double near = static_cast<double>(want);
    if (std::isinf(near) || near == 0.0) {
        return got == near ? 0.0 : kInf;
    }
    const double next = std::nextafter(std::fabs(near), kInf);
    const long double ulp = static_cast<long double>(next) - std::fabs(near);
    return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / ulp);
}

struct Worst {
    double ulps = 0;
    double at = 0;
};

template <typename Ours, typename Exact>
Worst worst_over(const std::vector<double>& inputs, Ours ours, Exact exact) {
    Worst worst;
    for (const double x : inputs) {
        const double off = ulps_off(ours(x), exact(static_cast<long double>(x)));
        if (!(off <= worst.ulps)) {
            worst = {off, x};
        }
    }
    return worst;
}

// Evenly spread over [lo, hi], evenly over the magnitudes down to 1e-300, and both ends.
std::vector<double> dense_inputs(double lo, double hi) {
    std::mt19937_64 random(kSeed);
    std::uniform_real_distribution<double> linear(lo, hi);
    std::uniform_real_distribution<double> decades(-300, 3);
    std::vector<double> inputs{lo, hi};
    for (int i = 0; i < 400'000; ++i) {
        inputs.push_back(linear(random));
        const double magnitude = std::pow(10.0, decades(random));
        for (const double x : {magnitude, -magnitude}) {
            if (x >= lo && x <= hi) {
                inputs.push_back(x);
            }
        }
    }
    return inputs;
}

std::vector<double> positive_doubles_of_every_exponent() {
    std::mt19937_64 random(kSeed);
    std::vector<double> inputs;
    for (std::uint64_t exponent = 1; exponent < 2046; ++exponent) {
        for (int i = 0; i < 200; ++i) {
            inputs.push_back(std::bit_cast<double>((exponent << 52) | (random() >> 12)));
        }
    }
    return inputs;
}

void expect_within(const Worst& worst, double bound) {
    EXPECT_LE(worst.ulps, bound) << "at " << worst.at << ", seed " << kSeed;
}

TEST(VectorMath, ExpIsWithinOneAndAQuarterUlp) {
    const auto exact = [](long double x) {
        return std::exp(x);
    };
    expect_within(worst_over(dense_inputs(-708, 709.7), vm::exp, exact), 1.25);
    expect_within(worst_over(dense_inputs(-2, 2), vm::exp, exact), 1.25);
}

TEST(VectorMath, ExpEndsInZeroAndInfinity) {
    EXPECT_EQ(vm::exp(0.0), 1.0);
    EXPECT_EQ(vm::exp(-0.0), 1.0);
    EXPECT_EQ(vm::exp(-708.5), 0.0);
    EXPECT_EQ(vm::exp(-kInf), 0.0);
    EXPECT_EQ(vm::exp(709.79), kInf);
    EXPECT_EQ(vm::exp(kInf), kInf);
    EXPECT_TRUE(std::isfinite(vm::exp(709.782712893383973)));
    EXPECT_TRUE(std::isnan(vm::exp(kNan)));
}

TEST(VectorMath, Expm1IsWithinTwoUlp) {
    const auto exact = [](long double x) {
        return std::expm1(x);
    };
    expect_within(worst_over(dense_inputs(-60, 709.7), vm::expm1, exact), 2.0);
    expect_within(worst_over(dense_inputs(-2, 2), vm::expm1, exact), 2.0);
}

TEST(VectorMath, Expm1StaysAboveMinusOne) {
    EXPECT_EQ(vm::expm1(0.0), 0.0);
    EXPECT_EQ(vm::expm1(-kInf), -1.0);
    EXPECT_EQ(vm::expm1(kInf), kInf);
    EXPECT_TRUE(std::isnan(vm::expm1(kNan)));
    for (double x = -800; x < 0; x += 0.01) {
        ASSERT_GE(vm::expm1(x), -1.0) << x;
        ASSERT_LT(vm::expm1(x), 0.0) << x;
    }
}

TEST(VectorMath, LogIsWithinOneUlp) {
    const auto exact = [](long double x) {
        return std::log(x);
    };
    expect_within(worst_over(positive_doubles_of_every_exponent(), vm::log, exact), 1.0);
    expect_within(worst_over(dense_inputs(0.25, 4), vm::log, exact), 1.0);
}

TEST(VectorMath, LogEndsInInfinities) {
    EXPECT_EQ(vm::log(1.0), 0.0);
    EXPECT_EQ(vm::log(0.0), -kInf);
    EXPECT_EQ(vm::log(kInf), kInf);
    EXPECT_TRUE(std::isnan(vm::log(kNan)));
}

TEST(VectorMath, Log1pIsWithinOneAndAHalfUlp) {
    const auto exact = [](long double x) {
        return std::log1p(x);
    };
    expect_within(worst_over(dense_inputs(-0.999999, 1000), vm::log1p, exact), 1.5);
    expect_within(worst_over(dense_inputs(-0.5, 1), vm::log1p, exact), 1.5);
    std::vector<double> all = positive_doubles_of_every_exponent();
    std::erase_if(all, [](double x) { return x > 0x1p1022; });
    expect_within(worst_over(all, vm::log1p, exact), 1.5);
}

TEST(VectorMath, Log1pEndsInInfinity) {
    EXPECT_EQ(vm::log1p(0.0), 0.0);
    EXPECT_EQ(vm::log1p(kInf), kInf);
    EXPECT_EQ(vm::log1p(1e-300), 1e-300);
    EXPECT_TRUE(std::isnan(vm::log1p(kNan)));
}

TEST(VectorMath, SigmoidIsWithinTwoAndAHalfUlpAndInTheUnitInterval) {
    const auto exact = [](long double x) {
        return 1 / (1 + std::exp(-x));
    };
    const std::vector<double> inputs = dense_inputs(-700, 700);
    expect_within(worst_over(inputs, vm::sigmoid, exact), 2.5);
    expect_within(worst_over(dense_inputs(-20, 20), vm::sigmoid, exact), 2.5);
    for (const double x : inputs) {
        ASSERT_GE(vm::sigmoid(x), 0.0);
        ASSERT_LE(vm::sigmoid(x), 1.0);
    }
    EXPECT_EQ(vm::sigmoid(-kInf), 0.0);
    EXPECT_EQ(vm::sigmoid(kInf), 1.0);
    EXPECT_EQ(vm::sigmoid(0.0), 0.5);
    EXPECT_TRUE(std::isnan(vm::sigmoid(kNan)));
}

TEST(VectorMath, SoftplusIsWithinTwoUlp) {
    const auto exact = [](long double x) {
        return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    };
    expect_within(worst_over(dense_inputs(-700, 700), vm::softplus, exact), 2.0);
    expect_within(worst_over(dense_inputs(-20, 20), vm::softplus, exact), 2.0);
    EXPECT_EQ(vm::softplus(kInf), kInf);
    EXPECT_EQ(vm::softplus(-kInf), 0.0);
    EXPECT_TRUE(std::isnan(vm::softplus(kNan)));
}

// FNV-1a over the results' bits for inputs that need no libm to make.
template <typename Function>
std::uint64_t hash_of_results(Function f, double lo, double hi) {
    std::mt19937_64 random(kSeed);
    std::uint64_t hash = 0xcbf29ce484222325;
    for (int i = 0; i < 20'000; ++i) {
        const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
        hash = (hash ^ std::bit_cast<std::uint64_t>(f(lo + (hi - lo) * unit))) * 0x100000001b3;
    }
    return hash;
}

// Stored scores and decisions rest on these bits: a change here is a change of every score.
TEST(VectorMath, BitsAreThoseOfEveryOtherBuild) {
    EXPECT_EQ(hash_of_results(vm::exp, -700, 700), 0x2178d4095bdd263u);
    EXPECT_EQ(hash_of_results(vm::expm1, -2, 2), 0x91f581bad9f1a93cu);
    EXPECT_EQ(hash_of_results(vm::log, 0, 100), 0x9138e16ce49f3a11u);
    EXPECT_EQ(hash_of_results(vm::log1p, 0, 100), 0x2f2154f8c0fe34c4u);
    EXPECT_EQ(hash_of_results(vm::sigmoid, -50, 50), 0xb58ea773495ec592u);
    EXPECT_EQ(hash_of_results(vm::softplus, -50, 50), 0x26e2691f58cead91u);
}

}  // namespace
}  // namespace patron::scoring
