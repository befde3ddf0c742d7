#include "scoring/signals.h"

#include <algorithm>
#include <cmath>

namespace patron::scoring {
namespace {

constexpr double kActivePeak = 2;
constexpr double kReturnsFull = 0.5;

double open_ticket(const Rollup& r, Instant now) {
    if (!r.tickets_known) {
        return kUnknown;
    }
    if (r.open_tickets == 0) {
        return 0;
    }
    const std::int64_t age_days = std::min((now.ms - r.oldest_open.ms) / kDayMs, kTicketAgeDaysMax);
    return 0.25 + 0.75 * static_cast<double>(age_days) / static_cast<double>(kTicketAgeDaysMax);
}

double detractor(double nps) {
    if (std::isnan(nps)) {
        return kUnknown;
    }
    if (nps >= 9) {
        return nps >= 10 ? -1 : -0.5;
    }
    return nps >= 7 ? 0 : (7 - nps) / 7;
}

// Known from the instant at which the first purchase leaves the longest window: a step of the
// rollup.
double spend_drop(const Moment& m) {
    const CompiledPolicy& p = m.policy;
    const std::size_t longest = p.windows - 1;
    const std::size_t middle = p.windows / 2;
    const bool full =
        m.rollup.has_purchase() && m.now >= plus_ms(m.rollup.first_purchase, p.window_ms[longest]);
    const double whole = static_cast<double>(m.rollup.window[longest].spend.minor);
    if (middle == longest || !full || whole <= 0) {
        return kUnknown;
    }
    const double recent = static_cast<double>(m.rollup.window[middle].spend.minor);
    const double expected = whole * static_cast<double>(p.window_ms[middle]) /
                            static_cast<double>(p.window_ms[longest]);
    return std::clamp(1 - recent / expected, -1.0, 1.0);
}

double follow_up_overdue(const Moment& m, SignalContext context, Instant& next_step) {
    const double cadence = m.policy.policy.service_for(context.tier, Stage::Active).cadence_days;
    if (m.rollup.last_follow_up == kLongAgo || cadence <= 0) {
        return kUnknown;
    }
    const std::int64_t cadence_ms = std::llround(cadence * static_cast<double>(kDayMs));
    const Instant due = plus_ms(m.rollup.last_follow_up, cadence_ms);
    if (m.now < due) {
        next_step = plus_days(due, 1);
        return 0;
    }
    const std::int64_t overdue_days = (m.now.ms - due.ms) / kDayMs;
    const double share = static_cast<double>(overdue_days) / cadence;
    if (share < 1) {
        next_step = plus_days(due, overdue_days + 1);
    }
    return std::min(1.0, share);
}

double& at(SignalValues& signals, Signal which) {
    return signals.value[static_cast<std::size_t>(which)];
}

}  // namespace

SignalValues signal_values(const Moment& m, SignalContext context) {
    const Rollup& r = m.rollup;
    const double target = m.policy.policy.response_target_hours;
    SignalValues out{};
    at(out, Signal::Complaint) = std::min(1.0, r.complaint_load);
    at(out, Signal::OpenTicket) = open_ticket(r, m.now);
    at(out, Signal::SlowResponse) =
        std::isnan(r.first_response_hours)
            ? kUnknown
            : std::clamp((r.first_response_hours - target) / (3 * target), 0.0, 1.0);
    at(out, Signal::Detractor) = detractor(r.nps_last);
    at(out, Signal::Dissatisfied) = (3 - r.csat_last) / 2;
    at(out, Signal::BadReview) = (3 - r.review_score) / 2;
    const double returned = r.window[m.policy.windows - 1].return_rate();
    at(out, Signal::Returns) =
        std::isnan(returned) ? kUnknown : std::min(1.0, returned / kReturnsFull);
    at(out, Signal::ActivityDrop) =
        r.activity_peak < kActivePeak ? kUnknown : 1 - r.activity / r.activity_peak;
    at(out, Signal::SpendDrop) = spend_drop(m);
    at(out, Signal::FollowUpOverdue) = follow_up_overdue(m, context, out.next_step);
    at(out, Signal::Untrained) = r.trainings_started + r.trainings_completed == 0
                                     ? kUnknown
                                     : (r.trainings_completed == 0 ? 1.0 : 0.0);
    return out;
}

double signals_logit(const Policy& policy, const SignalValues& signals) {
    double sum = 0;
    for (std::size_t s = 0; s < kSignals; ++s) {
        if (!std::isnan(signals.value[s])) {
            sum += policy.signal_weights[s] * signals.value[s];
        }
    }
    return sum;
}

}  // namespace patron::scoring
