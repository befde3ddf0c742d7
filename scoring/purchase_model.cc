#include "scoring/purchase_model.h"

#include "scoring/bg_nbd.h"
#include "scoring/check.h"
#include "scoring/expected_purchases.h"
#include "scoring/mbg_nbd.h"
#include "scoring/purchase_formulas.h"
#include "scoring/vector_math.h"

namespace patron::scoring {

namespace {

double log_habit(const PurchaseParams& params, std::uint32_t x) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::log_habit(params, x);
        case PurchaseModel::BgNbd:
            return bg_nbd::log_habit(params, x);
    }
    PATRON_CHECK(false);
}

double survival_shape(const PurchaseParams& params, std::uint32_t x) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::survival_shape(params, x);
        case PurchaseModel::BgNbd:
            return bg_nbd::survival_shape(params, x);
    }
    PATRON_CHECK(false);
}

}  // namespace

double log_odds_death(const PurchaseParams& params, const PurchaseHistory& history) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::log_odds_death(params, history);
        case PurchaseModel::BgNbd:
            return bg_nbd::log_odds_death(params, history);
    }
    PATRON_CHECK(false);
}

double p_alive(const PurchaseParams& params, const PurchaseHistory& history) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::p_alive(params, history);
        case PurchaseModel::BgNbd:
            return bg_nbd::p_alive(params, history);
    }
    PATRON_CHECK(false);
}

double p_any(const PurchaseParams& params, const PurchaseHistory& history, double horizon) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::p_any(params, history, horizon);
        case PurchaseModel::BgNbd:
            return bg_nbd::p_any(params, history, horizon);
    }
    PATRON_CHECK(false);
}

double no_purchase_logit(
    const PurchaseParams& params, const PurchaseHistory& history, double horizon
) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::no_purchase_logit(params, history, horizon);
        case PurchaseModel::BgNbd:
            return bg_nbd::no_purchase_logit(params, history, horizon);
    }
    PATRON_CHECK(false);
}

double age_at_p_alive(const PurchaseParams& params, const PurchaseHistory& history, double theta) {
    switch (params.model) {
        case PurchaseModel::MbgNbd:
            return mbg_nbd::age_at_p_alive(params, history, theta);
        case PurchaseModel::BgNbd:
            return bg_nbd::age_at_p_alive(params, history, theta);
    }
    PATRON_CHECK(false);
}

double expected_purchases_if_alive(
    const PurchaseParams& params, const PurchaseHistory& history, double t
) {
    return expected_purchases_alive(
        {.r = params.r,
         .alpha = params.alpha,
         .a = params.a,
         .shape = survival_shape(params, history.x),
         .x = history.x,
         .age = history.age},
        t
    );
}

double expected_purchases(const PurchaseParams& params, const PurchaseHistory& history, double t) {
    return p_alive(params, history) * expected_purchases_if_alive(params, history, t);
}

PreparedPurchaseModel PreparedPurchaseModel::prepare(
    const PurchaseParams& params, double horizon_units
) {
    PATRON_CHECK(valid(params));
    PATRON_CHECK(horizon_units >= kPurchaseParamMin && horizon_units <= kModelTimeMax);
    PreparedPurchaseModel model;
    model.params_ = params;
    model.horizon_units_ = horizon_units;
    model.log_a_ = vm::log(params.a);
    model.count_shift_ = params.model == PurchaseModel::BgNbd ? 1 : 0;
    for (std::uint32_t x = 0; x < kTableRows; ++x) {
        model.habit_table_[x] = log_habit(params, x);
    }
    return model;
}

double PreparedPurchaseModel::habit(std::uint32_t x) const {
    return x < kTableRows ? habit_table_[x] : log_habit(params_, x);
}

double PreparedPurchaseModel::log_odds_death(std::uint32_t x, double t_x, double age) const {
    const double rho = params_.r + static_cast<double>(x);
    return purchase_formulas::log_odds_death(habit(x), rho, params_.alpha, t_x, age);
}

double PreparedPurchaseModel::quiet_exponent(std::uint32_t x, double age) const {
    const double rho = params_.r + static_cast<double>(x);
    return purchase_formulas::quiet_exponent(rho, params_.alpha, age, horizon_units_);
}

ChurnBase PreparedPurchaseModel::churn_base(std::uint32_t x, double t_x, double age) const {
    const double odds = log_odds_death(x, t_x, age);
    const double quiet = quiet_exponent(x, age);
    return {purchase_formulas::no_purchase_logit(odds, quiet), purchase_formulas::p_alive(odds)};
}

double PreparedPurchaseModel::no_purchase_logit(std::uint32_t x, double t_x, double age) const {
    return purchase_formulas::no_purchase_logit(
        log_odds_death(x, t_x, age), quiet_exponent(x, age)
    );
}

double PreparedPurchaseModel::p_alive(std::uint32_t x, double t_x, double age) const {
    return purchase_formulas::p_alive(log_odds_death(x, t_x, age));
}

double PreparedPurchaseModel::p_any(std::uint32_t x, double t_x, double age) const {
    return purchase_formulas::p_any(log_odds_death(x, t_x, age), quiet_exponent(x, age));
}

}  // namespace patron::scoring
