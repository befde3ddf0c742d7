#include "scoring/lifecycle.h"

#include <algorithm>
#include <cmath>

namespace patron::scoring {
namespace {

std::int64_t limit_ms(const CompiledLimit& limit, const Rollup& rollup) {
    if (limit.unit != LimitUnit::Intervals || rollup.purchase_days < 2) {
        return limit.days_ms;
    }
    const double interval_days = static_cast<double>(rollup.t_x_days()) / rollup.x();
    return std::llround(limit.value * interval_days * static_cast<double>(kDayMs));
}

bool exceeded(const CompiledLimit& limit, const Moment& m) {
    if (limit.unit == LimitUnit::Probability) {
        const ModelInputs in = model_inputs(m);
        return m.policy.model.p_any(in.x, in.t_x, in.age) < limit.value;
    }
    return m.now.ms - m.rollup.last_purchase.ms >= limit_ms(limit, m.rollup);
}

}  // namespace

Stage stage_at(const Moment& m, Band band) {
    const Rollup& r = m.rollup;
    if (!r.has_purchase()) {
        return Stage::Prospect;
    }
    if (r.churn_confirmed || exceeded(m.policy.churned, m)) {
        return Stage::Churned;
    }
    if (exceeded(m.policy.dormant, m)) {
        return Stage::Dormant;
    }
    if (r.comeback != kLongAgo && m.now < plus_ms(r.comeback, m.policy.won_back_ms)) {
        return Stage::WonBack;
    }
    if (r.purchase_days == 1 && m.now < plus_ms(r.first_purchase, m.policy.new_ms)) {
        return Stage::New;
    }
    return band >= Band::Medium ? Stage::AtRisk : Stage::Active;
}

Instant next_stage_limit(const Moment& m) {
    const Rollup& r = m.rollup;
    if (!r.has_purchase()) {
        return kNever;
    }
    Instant next = kNever;
    const auto consider = [&](Instant t) {
        if (t > m.now) {
            next = std::min(next, t);
        }
    };
    for (const CompiledLimit* limit : {&m.policy.dormant, &m.policy.churned}) {
        if (limit->unit != LimitUnit::Probability) {
            consider(plus_ms(r.last_purchase, limit_ms(*limit, r)));
        }
    }
    if (r.comeback != kLongAgo) {
        consider(plus_ms(r.comeback, m.policy.won_back_ms));
    }
    consider(plus_ms(r.first_purchase, m.policy.new_ms));
    return next;
}

}  // namespace patron::scoring
