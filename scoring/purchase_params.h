#pragma once
// The parameters of a purchase model and the history of one customer that it reads.
//
// Units      `unit_days` is the length of the model's time unit in days (7: weeks). `alpha`,
//            `t_x` and `age` are in model units; the other parameters are pure numbers.
// Range      parameters in [kPurchaseParamMin, kPurchaseParamMax]; x <= kRepeatPurchasesMax;
//            0 <= t_x <= age <= kModelTimeMax; x == 0 means t_x == 0.
// Errors     none; `valid` says whether a value may be handed to the models.
// Threads    values.
// Source     Fader, Hardie, Lee (2005), BG/NBD; Batislam, Denizel, Filiztekin (2007), MBG/NBD.

#include <cstdint>

namespace patron::scoring {

// BgNbd: a customer may leave after each repeat purchase, so one-time buyers count as alive.
// MbgNbd: a customer may also leave right after the first purchase.
enum class PurchaseModel : std::uint8_t { MbgNbd, BgNbd };

// Wide enough for every fit (its box is e^-12 .. e^12), narrow enough that nothing below overflows.
inline constexpr double kPurchaseParamMin = 1e-12;
inline constexpr double kPurchaseParamMax = 1e12;
inline constexpr double kModelTimeMax = 1e12;
inline constexpr std::uint32_t kRepeatPurchasesMax = 0x7fff'ffff;

// Purchase rates follow Gamma(r, rate alpha); the chance to leave after a purchase follows Beta(a,
// b).
struct PurchaseParams {
    PurchaseModel model = PurchaseModel::MbgNbd;
    double r = 0;
    double alpha = 0;
    double a = 0;
    double b = 0;
    double unit_days = 7;
    bool operator==(const PurchaseParams&) const = default;
};

struct PurchaseHistory {
    std::uint32_t x = 0;  // purchase days after the first
    double t_x = 0;       // from the first purchase day to the last
    double age = 0;       // from the first purchase day to now ("T")
    bool operator==(const PurchaseHistory&) const = default;
};

// False for NaN, as every comparison with NaN is.
constexpr bool valid_purchase_param(double value) {
    return value >= kPurchaseParamMin && value <= kPurchaseParamMax;
}

constexpr bool valid(const PurchaseParams& p) {
    const bool known_model = p.model == PurchaseModel::MbgNbd || p.model == PurchaseModel::BgNbd;
    return known_model && valid_purchase_param(p.r) && valid_purchase_param(p.alpha) &&
           valid_purchase_param(p.a) && valid_purchase_param(p.b) &&
           valid_purchase_param(p.unit_days);
}

constexpr bool valid(const PurchaseHistory& h) {
    return h.t_x >= 0 && h.t_x <= h.age && h.age <= kModelTimeMax && h.x <= kRepeatPurchasesMax &&
           (h.x != 0 || h.t_x == 0);
}

// Maximum-likelihood estimates on the CDNOW 1/10 sample (2,357 customers, weeks, calibration period
// to 1997-09-30): log-likelihood -9582.135716 and -9582.429207. For BG/NBD the paper publishes
// .243, 4.414, .793, 2.426.
inline constexpr PurchaseParams kCdnowMbgNbd{
    PurchaseModel::MbgNbd, .52484316, 6.18308528, .89135939, 1.61400224, 7
};
inline constexpr PurchaseParams kCdnowBgNbd{
    PurchaseModel::BgNbd, .24259452, 4.41360202, .79292202, 2.42590678, 7
};

}  // namespace patron::scoring
