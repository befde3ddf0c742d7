#include "tests/support/reference_scoring.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace patron::scoring {

using namespace reference;

namespace {

constexpr std::int64_t kEver = std::int64_t{1} << 60;

}  // namespace

double ReferenceCustomer::feature(Feature which, Instant now) const {
    using enum FeatureKind;
    switch (which.kind) {
        case SpendWindow:
        case OrdersWindow:
        case ReturnRateWindow:
        case SpendLifetime:
        case OrdersLifetime:
        case ReturnRateLifetime: {
            const bool windowed = which.kind <= ReturnRateWindow;
            const Sums s = sums(
                now,
                windowed ? policy_.policy.window_days[which.window] * std::int64_t{86'400'000}
                         : kEver
            );
            if (which.kind == SpendWindow || which.kind == SpendLifetime) {
                return static_cast<double>(s.gross - s.refunded);
            }
            return which.kind == OrdersWindow || which.kind == OrdersLifetime
                       ? static_cast<double>(s.orders)
                       : s.return_rate();
        }
        case PurchaseDays:
            return static_cast<double>(seen(now).days.size());
        case Contribution365d: {
            const double cost = year_sum(now, EntryKind::Cost);
            return year_sum(now, EntryKind::Margin) - (std::isnan(cost) ? 0 : cost);
        }
        case CostToServe365d:
            return year_sum(now, EntryKind::Cost);
        case NpsLast:
            return last_value(now, EntryKind::Nps);
        case CsatLast:
            return last_value(now, EntryKind::Csat);
        case CsatEwma:
            return moving_average(now, EntryKind::Csat);
        case ReviewScore:
            return last_value(now, EntryKind::Review);
        case FeedbackSentiment:
            return moving_average(now, EntryKind::Feedback);
        case OpenTickets:
            return static_cast<double>(open_tickets(now).size());
        case OldestOpenHours: {
            const auto open = open_tickets(now);
            return open.empty() ? kUnknown : 24 * in_days(now.ms - open.front().ms);
        }
        case FirstResponseHours:
            return response_hours(now);
        case ReferralsMade:
            return count(now, EntryKind::ReferralMade);
        case ReferralsConverted:
            return count(now, EntryKind::ReferralConverted);
        case TrainingsCompleted:
            return count(now, EntryKind::TrainingCompleted);
        case FeatureKind::Activity:
            return activity(now);
        case ComplaintLoad:
            return decayed(now, EntryKind::Complaint, policy_.schema.complaint_half_life_days);
        case ContactPressure:
            return decayed(now, EntryKind::FollowUp, policy_.schema.contact_half_life_days);
        case Influence:
            return facts_.profile.influence;
        case Strategic:
            return facts_.profile.strategic;
        case ExpertScore:
            return facts_.profile.expert_score;
        case ValueIndex:
            return value_index(now);
        default:
            return has_purchase(now) ? of_purchases(which.kind, now) : kUnknown;
    }
}

double ReferenceCustomer::of_purchases(FeatureKind kind, Instant now) const {
    const Seen& s = seen(now);
    const Day today = policy_.days->day_of(now);
    const double x = static_cast<double>(s.days.size()) - 1;
    using enum FeatureKind;
    switch (kind) {
        case X:
            return x;
        case TXDays:
            return s.days.back() - s.days.front();
        case OrderIntervalDays:
            return x > 0 ? (s.days.back() - s.days.front()) / x : kUnknown;
        case RecencyDays:
            return in_days(now.ms - s.purchases.back().ms);
        case TenureDays:
            return in_days(now.ms - policy_.days->start_of(s.days.front()).ms);
        case RecencyWholeDays:
            return today - s.days.back();
        case TenureWholeDays:
            return today - s.days.front();
        case RfmR:
        case RfmF:
        case RfmM:
            return rfm(kind, now);
        case AverageOrderValue: {
            const Sums all = sums(now, kEver);
            return all.orders > 0 ? static_cast<double>(all.gross - all.refunded) / all.orders
                                  : kUnknown;
        }
        case PAlive:
            return static_cast<double>(1 / (1 + std::exp(log_odds_death(now))));
        case PurchaseProbability:
            return static_cast<double>(p_any(now));
        default:
            return kUnknown;
    }
}

double ReferenceCustomer::rfm(FeatureKind kind, Instant now) const {
    if (!policy_.policy.rfm) {
        return kUnknown;
    }
    const Seen& s = seen(now);
    std::array<double, 4> cuts = policy_.policy.rfm->m;
    double value = feature({FeatureKind::SpendLifetime, 0}, now);
    if (kind == FeatureKind::RfmR) {
        cuts = policy_.policy.rfm->r;
        value = -(policy_.days->day_of(now) - s.days.back());
    } else if (kind == FeatureKind::RfmF) {
        cuts = policy_.policy.rfm->f;
        value = static_cast<double>(s.days.size());
    }
    int score = 1;
    for (const double cut : cuts) {
        score += value > cut ? 1 : 0;
    }
    return score;
}

double ReferenceCustomer::value_index(Instant now) const {
    if (policy_.policy.dimensions.empty()) {
        return kUnknown;
    }
    long double sum = 0;
    for (const Dimension& d : policy_.policy.dimensions) {
        const double value = feature(d.feature, now);
        double points = d.norm.front().points;
        if (std::isnan(value)) {
            for (const Breakpoint& b : d.norm) {
                points = std::min(points, b.points);
            }
        } else {
            for (std::size_t i = 1; i < d.norm.size(); ++i) {
                const Breakpoint& low = d.norm[i - 1];
                const Breakpoint& high = d.norm[i];
                if (value >= low.at) {
                    const double share = clamped((value - low.at) / (high.at - low.at), 0, 1);
                    points = low.points + share * (high.points - low.points);
                }
            }
        }
        sum += static_cast<long double>(d.weight) * points;
    }
    return static_cast<double>(sum);
}

long double ReferenceCustomer::log_odds_death(Instant now) const {
    const Seen& s = seen(now);
    const PurchaseParams& p = policy_.policy.purchase;
    const long double x = static_cast<long double>(s.days.size()) - 1;
    const bool bg = p.model == PurchaseModel::BgNbd;
    if (bg && x == 0) {
        return -std::numeric_limits<long double>::infinity();
    }
    const long double day_ms = kDayMs;
    const long double t_x =
        (s.days.back() - s.days.front()) / static_cast<long double>(p.unit_days);
    const long double born = static_cast<long double>(policy_.days->start_of(s.days.front()).ms);
    const long double age =
        std::max((static_cast<long double>(now.ms) - born) / day_ms / p.unit_days, t_x);
    const long double silence = std::log1p((age - t_x) / (p.alpha + t_x));
    return std::log(static_cast<long double>(p.a)) - std::log(p.b + x - (bg ? 1 : 0)) +
           (p.r + x) * silence;
}

long double ReferenceCustomer::p_any(Instant now) const {
    const Seen& s = seen(now);
    const PurchaseParams& p = policy_.policy.purchase;
    const long double x = static_cast<long double>(s.days.size()) - 1;
    const long double unit_ms = static_cast<long double>(kDayMs) * p.unit_days;
    const long double t_x =
        (s.days.back() - s.days.front()) / static_cast<long double>(p.unit_days);
    const long double born = static_cast<long double>(policy_.days->start_of(s.days.front()).ms);
    const long double age = std::max((static_cast<long double>(now.ms) - born) / unit_ms, t_x);
    const long double horizon = policy_.policy.horizon_days / p.unit_days;
    const long double if_alive = -std::expm1(-(p.r + x) * std::log1p(horizon / (p.alpha + age)));
    return if_alive / (1 + std::exp(log_odds_death(now)));
}

double ReferenceCustomer::churn_risk(Instant now, std::uint8_t tier) const {
    if (!has_purchase(now)) {
        return kUnknown;
    }
    const long double any = p_any(now);
    long double logit = std::log((1 - any) / any);
    const auto values = signals(now, tier);
    for (std::size_t i = 0; i < kSignals; ++i) {
        const long double weight = policy_.policy.signal_weights[i];
        logit += std::isnan(values[i]) ? 0 : weight * values[i];
    }
    return static_cast<double>(1 / (1 + std::exp(-logit)));
}

double ReferenceCustomer::spend_drop(Instant now) const {
    const auto& windows = policy_.policy.window_days;
    const std::size_t middle = windows.size() / 2;
    const std::size_t longest = windows.size() - 1;
    if (middle == longest || !has_purchase(now)) {
        return kUnknown;
    }
    const std::int64_t age = now.ms - seen(now).purchases.front().ms;
    const double whole =
        feature({FeatureKind::SpendWindow, static_cast<std::uint8_t>(longest)}, now);
    if (age < windows[longest] * kDayMs || whole <= 0) {
        return kUnknown;
    }
    const double recent =
        feature({FeatureKind::SpendWindow, static_cast<std::uint8_t>(middle)}, now);
    const double daily_ratio = (recent / windows[middle]) / (whole / windows[longest]);
    return clamped(1 - daily_ratio, -1, 1);
}

Instant ReferenceCustomer::last_follow_up(Instant now) const {
    Instant last = kLongAgo;
    for (const LedgerEntry& e : seen(now).entries) {
        last = e.kind() == EntryKind::FollowUp ? e.at : last;
    }
    return last;
}

double ReferenceCustomer::overdue(Instant now, std::uint8_t tier) const {
    const Instant last = last_follow_up(now);
    const double cadence = policy_.policy.service_for(tier, Stage::Active).cadence_days;
    if (last == kLongAgo || cadence <= 0) {
        return kUnknown;
    }
    const double past = in_days(now.ms - last.ms - in_ms(cadence));
    return past < 0 ? 0 : clamped(std::floor(past) / cadence, 0, 1);
}

std::array<double, kSignals> ReferenceCustomer::signals(Instant now, std::uint8_t tier) const {
    std::array<double, kSignals> out{};
    const auto put = [&](Signal which, double value) {
        out[static_cast<std::size_t>(which)] = value;
    };
    const auto get = [&](FeatureKind kind) {
        return feature({kind, 0}, now);
    };
    put(Signal::Complaint, std::min(1.0, get(FeatureKind::ComplaintLoad)));
    const auto open = open_tickets(now);
    const bool asked = count(now, EntryKind::TicketOpened) +
                           count(now, EntryKind::TicketFirstResponse) +
                           count(now, EntryKind::TicketResolved) >
                       0;
    double ticket = asked ? 0 : kUnknown;
    if (!open.empty()) {
        const double age = std::floor(in_days(now.ms - open.front().ms));
        ticket = 0.25 + 0.75 * std::min(age, 14.0) / 14;
    }
    put(Signal::OpenTicket, ticket);
    const double target = policy_.policy.response_target_hours;
    const double hours = get(FeatureKind::FirstResponseHours);
    put(Signal::SlowResponse,
        std::isnan(hours) ? kUnknown : clamped((hours - target) / (3 * target), 0, 1));
    const double nps = get(FeatureKind::NpsLast);
    constexpr std::array<double, 11> kByNps{
        1, 6.0 / 7, 5.0 / 7, 4.0 / 7, 3.0 / 7, 2.0 / 7, 1.0 / 7, 0, 0, -0.5, -1
    };
    put(Signal::Detractor, std::isnan(nps) ? kUnknown : kByNps[static_cast<std::size_t>(nps)]);
    put(Signal::Dissatisfied, (3 - get(FeatureKind::CsatLast)) / 2);
    put(Signal::BadReview, (3 - get(FeatureKind::ReviewScore)) / 2);
    const auto longest = static_cast<std::uint8_t>(policy_.policy.window_days.size() - 1);
    const double returned = feature({FeatureKind::ReturnRateWindow, longest}, now);
    put(Signal::Returns, std::isnan(returned) ? kUnknown : std::min(1.0, 2 * returned));
    const double peak = facts_.activity.ref == kNoDay ? 0 : facts_.activity.sum;
    put(Signal::ActivityDrop, peak < 2 ? kUnknown : 1 - activity(now) / peak);
    put(Signal::SpendDrop, spend_drop(now));
    put(Signal::FollowUpOverdue, overdue(now, tier));
    const double done = count(now, EntryKind::TrainingCompleted);
    const double begun = count(now, EntryKind::TrainingStarted);
    put(Signal::Untrained, done > 0 ? 0 : (begun > 0 ? 1 : kUnknown));
    return out;
}

}  // namespace patron::scoring
