#pragma once
// exp, log and kin in plain arithmetic, so that one row and a vector of rows give the same bits.
//
// The C library's functions differ in the last bit from their vector forms and from version to
// version. These use only IEEE operations, integer shifts and selects: a loop over them vectorises,
// and every width and every CPU returns the same double (the build forbids contraction to FMA).
//
// Range      each function states its domain; results below the smallest normal double become 0.
// Accuracy   largest error seen against 80-bit libm on dense random and edge inputs, in ulp:
//            exp 1.0, expm1 1.9, log 0.8, log1p 1.3, sigmoid 2.3, softplus 1.6.
// Errors     NaN gives NaN.
// Threads    pure.
// Source     range reduction by powers of two and the odd series of atanh are textbook (Muller,
//            Elementary Functions); coefficients are Chebyshev fits computed at 70 digits.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace patron::scoring::vm {

namespace detail {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kMinNormal = std::numeric_limits<double>::min();
inline constexpr double kMaxFinite = std::numeric_limits<double>::max();
inline constexpr double kLog2E = 0x1.71547652b82fep0;
// ln 2 in two parts; the first has 40 bits, so that its product with an exponent is exact.
inline constexpr double kLn2Hi = 0x1.62e42fefa2p-1;
inline constexpr double kLn2Lo = 0x1.9ef35793c7673p-41;
// Adding this rounds to an integer and leaves that integer in the low bits.
inline constexpr double kRound = 0x1.8p52;
inline constexpr double kExpMin = -708.0;
inline constexpr double kExpMax = 0x1.62e42fefa39efp9;  // ln of the largest double

// e^r - 1 for |r| <= ln(2)/2; the fit is good to 1e-17.
inline double expm1_reduced(double r) {
    const double r2 = r * r;
    const double r4 = r2 * r2;
    const double q01 = 0x1.5555555555556p-3 + r * 0x1.5555555555555p-5;
    const double q23 = 0x1.11111111109a2p-7 + r * 0x1.6c16c16c167d8p-10;
    const double q45 = 0x1.a01a01a7d176dp-13 + r * 0x1.a01a01a482a5bp-16;
    const double q67 = 0x1.71de0d7a972efp-19 + r * 0x1.27e4e1d6ed7e8p-22;
    const double q89 = 0x1.af3924be99a57p-26 + r * 0x1.1f6725cc8f974p-29;
    const double q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * q89);
    return r + r2 * (0.5 + r * q);
}

// x = n ln 2 + r, with half = 2^(n-1): n reaches 1024, whose own power overflows.
struct ExpParts {
    double r;
    double half;
};

inline ExpParts exp_parts(double x) {
    const double above = x < kExpMin ? kExpMin : x;
    const double bounded = above > kExpMax ? kExpMax : above;
    const double shifted = bounded * kLog2E + kRound;
    const double n = shifted - kRound;
    const double r = (bounded - n * kLn2Hi) - n * kLn2Lo;
    return {r, std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1022) << 52)};
}

// A positive normal u as 2^k m with m in [sqrt(1/2), sqrt(2)); `biased` is k + 1023.
struct LogParts {
    double k;
    double m;
    std::uint64_t biased;
};

inline LogParts log_parts(double u) {
    constexpr std::uint64_t kOne = 0x3ff0'0000'0000'0000;
    constexpr std::uint64_t kSqrtHalf = 0x3fe6'a09e'0000'0000;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(u) + (kOne - kSqrtHalf);
    const std::uint64_t biased = bits >> 52;
    const std::uint64_t mantissa = (bits & 0x000f'ffff'ffff'ffff) + kSqrtHalf;
    // 2^52 + biased, as bits: a conversion that every instruction set has.
    const double k = std::bit_cast<double>(biased | 0x4330'0000'0000'0000) - (0x1p52 + 1023);
    return {k, std::bit_cast<double>(mantissa), biased};
}

// k ln 2 + log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)], through atanh(s), s = f / (2 + f).
inline double log_reduced(double k, double f) {
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double z2 = z * z;
    const double p01 = 0x1.5555555555558p-1 + z * 0x1.99999999952b2p-2;
    const double p23 = 0x1.2492492df6947p-2 + z * 0x1.c71c62debf86bp-3;
    const double p45 = 0x1.7462b69705382p-3 + z * 0x1.39fe208c33457p-3;
    const double p = (p01 + z2 * p23) + (z2 * z2) * (p45 + z2 * 0x1.2b5b5fb2eac92p-3);
    const double half_square = 0.5 * (f * f);
    const double small = s * (half_square + z * p) + k * kLn2Lo;
    return k * kLn2Hi + (f - (half_square - small));
}

}  // namespace detail

// Any x. Below -708 the result is 0, above ln(max double) +inf.
inline double exp(double x) {
    const detail::ExpParts parts = detail::exp_parts(x);
    const double y = (2.0 * (1.0 + detail::expm1_reduced(parts.r))) * parts.half;
    const double floored = x < detail::kExpMin ? 0.0 : y;
    return x > detail::kExpMax ? detail::kInf : floored;
}

// e^x - 1 for any x; never below -1.
inline double expm1(double x) {
    const detail::ExpParts parts = detail::exp_parts(x);
    const double y = 2.0 * (parts.half * detail::expm1_reduced(parts.r) + (parts.half - 0.5));
    return x > detail::kExpMax ? detail::kInf : y;
}

// x >= 0. Zero and subnormal x give -inf, +inf gives +inf.
inline double log(double x) {
    const detail::LogParts parts = detail::log_parts(x);
    const double y = detail::log_reduced(parts.k, parts.m - 1.0);
    const double low = x < detail::kMinNormal ? -detail::kInf : y;
    return x <= detail::kMaxFinite ? low : x;
}

// log(1 + x) for -1 < x <= 2^1022; above that +inf.
inline double log1p(double x) {
    const double u = 1.0 + x;
    const double back = u - 1.0;
    const double lost = (1.0 - (u - back)) + (x - back);  // what the sum u dropped, exactly
    const detail::LogParts parts = detail::log_parts(u);
    const double scale = std::bit_cast<double>((2046 - parts.biased) << 52);  // 2^-k
    const double y = detail::log_reduced(parts.k, (parts.m - 1.0) + lost * scale);
    return x <= 0x1p1022 ? y : x * detail::kInf;
}

// 1 / (1 + e^-x) for any x, in [0, 1]; 0 below -708.
inline double sigmoid(double x) {
    const double e = exp(-std::fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

// log(1 + e^x) for any x.
inline double softplus(double x) {
    const double e = exp(-std::fabs(x));
    return (x > 0.0 ? x : 0.0) + log1p(e);
}

}  // namespace patron::scoring::vm
