#pragma once
// Whichever purchase model a policy names: a call per question, and a prepared form for hot reads.
//
// Units      times in model units of the parameters.
// Range      as mbg_nbd.h and bg_nbd.h; a prepared horizon lies in [kPurchaseParamMin,
//            kModelTimeMax].
// Errors     `prepare` stops the process on invalid parameters or horizon: callers check `valid`.
// Threads    pure; a prepared model is immutable.
// Cost       prepare: 256 logarithms. A prepared read: three logarithms, two exponentials (and one
//            more for P(alive)), no allocation.

#include <array>
#include <cstdint>

#include "scoring/purchase_params.h"

namespace patron::scoring {

double log_odds_death(const PurchaseParams& params, const PurchaseHistory& history);
double p_alive(const PurchaseParams& params, const PurchaseHistory& history);
double p_any(const PurchaseParams& params, const PurchaseHistory& history, double horizon);
double no_purchase_logit(
    const PurchaseParams& params, const PurchaseHistory& history, double horizon
);
double age_at_p_alive(const PurchaseParams& params, const PurchaseHistory& history, double theta);

// E[purchases in (age, age + t]], and the same given that the customer is alive.
double expected_purchases(const PurchaseParams& params, const PurchaseHistory& history, double t);
double expected_purchases_if_alive(
    const PurchaseParams& params, const PurchaseHistory& history, double t
);

// What a read needs, computed together.
struct ChurnBase {
    double no_purchase_logit = 0;
    double p_alive = 0;
    bool operator==(const ChurnBase&) const = default;
};

// A model with its horizon fixed and its logarithms of counts looked up. Every member returns the
// same bits as the free function of that name, and as the batch kernels.
class PreparedPurchaseModel {
  public:
    static constexpr std::uint32_t kTableRows = 256;

    static PreparedPurchaseModel prepare(const PurchaseParams& params, double horizon_units);

    ChurnBase churn_base(std::uint32_t x, double t_x, double age) const;
    double no_purchase_logit(std::uint32_t x, double t_x, double age) const;
    double p_alive(std::uint32_t x, double t_x, double age) const;
    double p_any(std::uint32_t x, double t_x, double age) const;

    const PurchaseParams& params() const { return params_; }
    double horizon_units() const { return horizon_units_; }

    // For the kernels: log_habit of x < kTableRows, and what the others are computed from.
    const double* habit_table() const { return habit_table_.data(); }
    double log_a() const { return log_a_; }
    double count_shift() const { return count_shift_; }

  private:
    double habit(std::uint32_t x) const;
    double log_odds_death(std::uint32_t x, double t_x, double age) const;
    double quiet_exponent(std::uint32_t x, double age) const;

    PurchaseParams params_;
    double horizon_units_ = 0;
    double log_a_ = 0;
    double count_shift_ = 0;  // 1 for BG/NBD, whose first purchase cannot be the last
    alignas(64) std::array<double, kTableRows> habit_table_{};
};

}  // namespace patron::scoring
