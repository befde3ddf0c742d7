#include "scoring/moment.h"

#include <algorithm>
#include <cmath>

#include "scoring/signals.h"
#include "scoring/value_index.h"

namespace patron::scoring {
namespace {

double days(std::int64_t ms) {
    return static_cast<double>(ms) / static_cast<double>(kDayMs);
}

double money(Money m) {
    return static_cast<double>(m.minor);
}

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : kUnknown;
}

double windowed(const Moment& m, Feature feature) {
    const SpendSums& sums = m.rollup.window[feature.window];
    switch (feature.kind) {
        case FeatureKind::SpendWindow:
            return money(sums.spend);
        case FeatureKind::OrdersWindow:
            return sums.orders;
        default:
            return sums.return_rate();
    }
}

double order_interval(const Rollup& r) {
    return r.purchase_days >= 2 ? static_cast<double>(r.t_x_days()) / r.x() : kUnknown;
}

double rfm_score(const std::optional<RfmCutPoints>& cuts, FeatureKind kind, double value) {
    if (!cuts) {
        return kUnknown;
    }
    const auto& four = kind == FeatureKind::RfmR   ? cuts->r
                       : kind == FeatureKind::RfmF ? cuts->f
                                                   : cuts->m;
    return 1 + static_cast<double>(std::count_if(four.begin(), four.end(), [value](double cut) {
               return value > cut;
           }));
}

// Features that only a customer with a purchase has.
double of_purchases(const Moment& m, FeatureKind kind) {
    const Rollup& r = m.rollup;
    if (!r.has_purchase()) {
        return kUnknown;
    }
    const Day today = m.policy.days->day_of(m.now);
    switch (kind) {
        case FeatureKind::X:
            return r.x();
        case FeatureKind::TXDays:
            return r.t_x_days();
        case FeatureKind::OrderIntervalDays:
            return order_interval(r);
        case FeatureKind::RecencyDays:
            return days(m.now.ms - r.last_purchase.ms);
        case FeatureKind::TenureDays:
            return days(m.now.ms - r.first_midnight.ms);
        case FeatureKind::RecencyWholeDays:
            return today - r.last_day;
        case FeatureKind::TenureWholeDays:
            return today - r.first_day;
        case FeatureKind::RfmR:
            return rfm_score(m.policy.policy.rfm, kind, -static_cast<double>(today - r.last_day));
        case FeatureKind::RfmF:
            return rfm_score(m.policy.policy.rfm, kind, r.purchase_days);
        case FeatureKind::RfmM:
            return rfm_score(m.policy.policy.rfm, kind, money(r.lifetime.spend));
        case FeatureKind::AverageOrderValue:
            return ratio(money(r.lifetime.spend), r.lifetime.orders);
        default: {
            const ModelInputs in = model_inputs(m);
            return kind == FeatureKind::PAlive ? m.policy.model.p_alive(in.x, in.t_x, in.age)
                                               : m.policy.model.p_any(in.x, in.t_x, in.age);
        }
    }
}

}  // namespace

ModelInputs model_inputs(const Moment& m) {
    return model_inputs(
        m.policy, m.rollup.x(), m.rollup.t_x_days(), m.rollup.first_midnight, m.now
    );
}

double value_index(const Moment& moment) {
    if (moment.policy.policy.dimensions.empty()) {
        return kUnknown;
    }
    double sum = 0;
    for (const Dimension& d : moment.policy.policy.dimensions) {
        sum += d.weight * points(d.norm, feature_value(moment, d.feature));
    }
    return sum;
}

double data_completeness(const Moment& moment) {
    int wanted = 0;
    int known = 0;
    const SignalValues signals = signal_values(moment, {});
    for (std::size_t s = 0; s < kSignals; ++s) {
        if (moment.policy.policy.signal_weights[s] != 0) {
            ++wanted;
            known += std::isnan(signals.value[s]) ? 0 : 1;
        }
    }
    for (const Dimension& d : moment.policy.policy.dimensions) {
        ++wanted;
        known += std::isnan(feature_value(moment, d.feature)) ? 0 : 1;
    }
    return wanted == 0 ? 1.0 : static_cast<double>(known) / wanted;
}

double feature_value(const Moment& m, Feature feature) {
    const Rollup& r = m.rollup;
    switch (feature.kind) {
        case FeatureKind::SpendWindow:
        case FeatureKind::OrdersWindow:
        case FeatureKind::ReturnRateWindow:
            return windowed(m, feature);
        case FeatureKind::SpendLifetime:
            return money(r.lifetime.spend);
        case FeatureKind::OrdersLifetime:
            return r.lifetime.orders;
        case FeatureKind::ReturnRateLifetime:
            return r.lifetime.return_rate();
        case FeatureKind::PurchaseDays:
            return r.purchase_days;
        case FeatureKind::Contribution365d:
            return r.margin_known ? money(r.margin_365d - r.cost_365d) : kUnknown;
        case FeatureKind::CostToServe365d:
            return r.cost_known ? money(r.cost_365d) : kUnknown;
        case FeatureKind::NpsLast:
            return r.nps_last;
        case FeatureKind::CsatLast:
            return r.csat_last;
        case FeatureKind::CsatEwma:
            return r.csat_ewma;
        case FeatureKind::ReviewScore:
            return r.review_score;
        case FeatureKind::FeedbackSentiment:
            return r.feedback_sentiment;
        case FeatureKind::OpenTickets:
            return r.open_tickets;
        case FeatureKind::OldestOpenHours:
            return r.open_tickets > 0 ? 24 * days(m.now.ms - r.oldest_open.ms) : kUnknown;
        case FeatureKind::FirstResponseHours:
            return r.first_response_hours;
        case FeatureKind::ReferralsMade:
            return r.referrals_made;
        case FeatureKind::ReferralsConverted:
            return r.referrals_converted;
        case FeatureKind::TrainingsCompleted:
            return r.trainings_completed;
        case FeatureKind::Activity:
            return r.activity;
        case FeatureKind::ComplaintLoad:
            return r.complaint_load;
        case FeatureKind::ContactPressure:
            return r.contact_pressure;
        case FeatureKind::Influence:
            return m.facts.profile.influence;
        case FeatureKind::Strategic:
            return m.facts.profile.strategic;
        case FeatureKind::ExpertScore:
            return m.facts.profile.expert_score;
        case FeatureKind::ValueIndex:
            return value_index(m);
        default:
            return of_purchases(m, feature.kind);
    }
}

}  // namespace patron::scoring
