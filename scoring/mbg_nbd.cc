#include "scoring/mbg_nbd.h"

#include "scoring/purchase_formulas.h"
#include "scoring/vector_math.h"

namespace patron::scoring::mbg_nbd {

double log_habit(const PurchaseParams& params, std::uint32_t x) {
    return vm::log(params.a) - vm::log(params.b + static_cast<double>(x));
}

double survival_shape(const PurchaseParams& params, std::uint32_t x) {
    return params.b + static_cast<double>(x) + 1.0;
}

double log_odds_death(const PurchaseParams& params, const PurchaseHistory& history) {
    const double rho = params.r + static_cast<double>(history.x);
    return purchase_formulas::log_odds_death(
        log_habit(params, history.x), rho, params.alpha, history.t_x, history.age
    );
}

double p_alive(const PurchaseParams& params, const PurchaseHistory& history) {
    return purchase_formulas::p_alive(log_odds_death(params, history));
}

double p_any(const PurchaseParams& params, const PurchaseHistory& history, double horizon) {
    const double rho = params.r + static_cast<double>(history.x);
    return purchase_formulas::p_any(
        log_odds_death(params, history),
        purchase_formulas::quiet_exponent(rho, params.alpha, history.age, horizon)
    );
}

double no_purchase_logit(
    const PurchaseParams& params, const PurchaseHistory& history, double horizon
) {
    const double rho = params.r + static_cast<double>(history.x);
    return purchase_formulas::no_purchase_logit(
        log_odds_death(params, history),
        purchase_formulas::quiet_exponent(rho, params.alpha, history.age, horizon)
    );
}

double age_at_p_alive(const PurchaseParams& params, const PurchaseHistory& history, double theta) {
    const double rho = params.r + static_cast<double>(history.x);
    const double theta_logit = vm::log(theta) - vm::log1p(-theta);
    return purchase_formulas::age_at_p_alive(
        log_habit(params, history.x), rho, params.alpha, history.t_x, theta_logit
    );
}

}  // namespace patron::scoring::mbg_nbd
