#include "scoring/rollup.h"

#include <algorithm>
#include <utility>

#include "scoring/purchase_days.h"
#include "scoring/refund_sums.h"
#include "scoring/ticket_table.h"
#include "scoring/vector_math.h"

namespace patron::scoring {
namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr std::int64_t kYearMs = 365 * kDayMs;

// Scratch that keeps its memory between customers.
struct Scratch {
    RefundSums refunds;
    TicketTable tickets;
};

Scratch& scratch() {
    thread_local Scratch kept;
    return kept;
}

class Builder {
  public:
    Builder(const CompiledPolicy& policy, const Facts& facts, Rollup& out)
        : policy_(policy), facts_(facts), out_(out) {
        for (std::size_t w = 0; w < policy.windows; ++w) {
            window_from_[w] = out.at.ms - policy.window_ms[w];
        }
    }

    void build() {
        const Ledger seen = take_seen();
        // Most customers have orders alone: whether there is more shows on the way.
        out_.only_orders = !add_orders<false>(seen);
        if (!out_.only_orders) {
            Scratch& kept = scratch();
            add_others(seen, kept.refunds, kept.tickets);
        }
        finish_activity();
        finish_steps();
    }

    // From `before`, orders alone and all of them seen.
    void build_on(Instant before) {
        for (std::size_t w = 0; w < policy_.windows; ++w) {
            leave_window(w, before.ms - policy_.window_ms[w]);
        }
        finish_activity();
        finish_steps();
    }

  private:
    void step_at(Instant t) { out_.valid_until = std::min(out_.valid_until, t); }

    // The entries that have taken effect.
    Ledger take_seen() {
        const Ledger all = facts_.ledger;
        if (all.empty() || all.back().at <= out_.at) {
            return all;
        }
        const auto next = first_after(all, out_.at);
        step_at(next->at);
        return all.first(static_cast<std::size_t>(next - all.begin()));
    }

    static Ledger::iterator first_after(Ledger ledger, Instant at) {
        return std::upper_bound(
            ledger.begin(),
            ledger.end(),
            at,
            [](Instant t, const LedgerEntry& e) { return t < e.at; }
        );
    }

    // Takes from a window that began at `began` the orders that it has lost since.
    void leave_window(std::size_t w, std::int64_t began) {
        SpendSums& sums = out_.window[w];
        if (sums.orders == 0) {
            return;
        }
        auto order = first_after(facts_.ledger, Instant{began});
        for (; order != facts_.ledger.end() && order->at.ms <= window_from_[w]; ++order) {
            sums.gross.minor -= order->value;
            --sums.orders;
        }
        sums.spend = sums.gross;
        if (order != facts_.ledger.end()) {
            step_at(plus_ms(order->at, policy_.window_ms[w]));
        }
    }

    // One pass over the orders: what lies in a window is what was added since it began. Tells
    // whether there were other entries.
    template <bool kRefunds>
    bool add_orders(Ledger seen) {
        bool others = false;
        SpendSums all;
        PurchaseDays purchases(policy_, confirmed_at_);
        std::size_t ahead = policy_.windows;  // windows not yet begun; the longest begins first
        std::int64_t next_window = window_from_[ahead - 1];
        for (const LedgerEntry& order : seen) {
            if (order.kind() != EntryKind::Order) {
                others = true;
                continue;
            }
            while (order.at.ms > next_window) {
                out_.window[--ahead] = all;
                step_at(plus_ms(order.at, policy_.window_ms[ahead]));
                next_window = ahead > 0 ? window_from_[ahead - 1] : kNever.ms;
            }
            const std::int64_t refunded = kRefunds ? take_refund(order) : 0;
            const bool counts = !kRefunds || order.value == 0 || refunded < order.value;
            add_sums(all, order.value, refunded, counts);
            if (counts) {
                purchases.add(order.at);
            }
        }
        out_.lifetime = all;
        for (std::size_t w = 0; w < policy_.windows; ++w) {
            out_.window[w] = w < ahead ? SpendSums{} : since(out_.window[w], all);
        }
        purchases.write(out_);
        return others;
    }

    static SpendSums since(const SpendSums& before, const SpendSums& all) {
        return {
            all.spend - before.spend,
            all.gross - before.gross,
            all.refunded - before.refunded,
            all.orders - before.orders
        };
    }

    void add_others(Ledger seen, RefundSums& refunds, TicketTable& tickets) {
        refunds_ = &refunds;
        tickets_ = &tickets;
        refunds.clear();
        tickets.clear();
        for (const LedgerEntry& entry : seen) {
            if (entry.kind() != EntryKind::Order) {
                add(entry);
            }
        }
        if (!refunds.empty()) {
            refunds.gather();
            add_orders<true>(seen);
            add_orphan_refunds(seen);
        } else if (confirmed_at_ != kLongAgo) {
            add_orders<false>(seen);
        }
        finish_tickets();
    }

    void add(const LedgerEntry& entry) {
        switch (entry.kind()) {
            case EntryKind::Order:
                break;
            case EntryKind::Margin:
                out_.margin_known = true;
                add_year(out_.margin_365d, entry);
                break;
            case EntryKind::Cost:
                out_.cost_known = true;
                add_year(out_.cost_365d, entry);
                break;
            case EntryKind::Refund:
            case EntryKind::RefundRest:
                refunds_->add(entry);
                break;
            case EntryKind::TicketOpened:
            case EntryKind::TicketFirstResponse:
            case EntryKind::TicketResolved:
                add_ticket(entry);
                break;
            case EntryKind::Complaint:
                out_.complaint_load += static_cast<double>(entry.value) / 5 *
                                       aged(entry, policy_.schema.complaint_half_life_days);
                break;
            case EntryKind::FollowUp:
                out_.contact_pressure += aged(entry, policy_.schema.contact_half_life_days);
                out_.last_follow_up = entry.at;
                break;
            case EntryKind::ChurnConfirmed:
                confirmed_at_ = entry.at;
                break;
            default:
                add_voice(entry);
        }
    }

    // What customers say and do beside buying.
    void add_voice(const LedgerEntry& entry) {
        switch (entry.kind()) {
            case EntryKind::Review:
                out_.review_score = static_cast<double>(entry.value);
                break;
            case EntryKind::Nps:
                out_.nps_last = entry.number();
                break;
            case EntryKind::Csat:
                out_.csat_last = entry.number();
                out_.csat_ewma = averaged(out_.csat_ewma, entry.number());
                break;
            case EntryKind::Feedback:
                out_.feedback_sentiment = averaged(out_.feedback_sentiment, entry.number());
                break;
            case EntryKind::ReferralMade:
                ++out_.referrals_made;
                break;
            case EntryKind::ReferralConverted:
                ++out_.referrals_converted;
                break;
            case EntryKind::TrainingStarted:
                ++out_.trainings_started;
                break;
            case EntryKind::TrainingCompleted:
                ++out_.trainings_completed;
                break;
            default:
                break;
        }
    }

    static double averaged(double so_far, double value) {
        return std::isnan(so_far) ? value : so_far + kEwmaWeight * (value - so_far);
    }

    void add_year(Money& sum, const LedgerEntry& entry) {
        if (entry.at.ms > out_.at.ms - kYearMs) {
            sum.minor += entry.value;
            step_at(plus_ms(entry.at, kYearMs));
        }
    }

    Day today() {
        if (today_ == kNoDay) {
            today_ = policy_.days->day_of(out_.at);
        }
        return today_;
    }

    double aged(const LedgerEntry& entry, double half_life_days) {
        return decay(today() - policy_.days->day_of(entry.at), half_life_days);
    }

    void add_ticket(const LedgerEntry& entry) {
        out_.tickets_known = true;
        TicketSeen& known = tickets_->of(entry.key());
        if (entry.kind() == EntryKind::TicketOpened) {
            known.opened = std::min(known.opened, entry.at);
        } else if (entry.kind() == EntryKind::TicketResolved) {
            known.resolved = true;
        } else if (!known.answered && known.opened != kNever) {
            known.answered = true;
            const double hours =
                static_cast<double>(entry.at.ms - known.opened.ms) / static_cast<double>(kHourMs);
            out_.first_response_hours = averaged(out_.first_response_hours, hours);
        }
    }

    static void add_sums(SpendSums& sums, std::int64_t gross, std::int64_t refunded, bool counts) {
        sums.gross.minor += gross;
        sums.refunded.minor += refunded;
        sums.spend.minor += gross - refunded;
        sums.orders += counts ? 1 : 0;
    }

    std::int64_t take_refund(const LedgerEntry& order) {
        OrderRefund* refund = refunds_->find(order.key());
        if (refund == nullptr) {
            return 0;
        }
        refund->order_known = true;
        if (refund->rest) {
            return order.value;
        }
        const std::int64_t taken = std::min(order.value, refund->amount);
        refund->amount -= taken;
        return taken;
    }

    void add_orphan_refunds(Ledger seen) {
        for (const LedgerEntry& entry : seen) {
            if (entry.kind() != EntryKind::Refund || refunds_->find(entry.key())->order_known) {
                continue;
            }
            for (std::size_t w = 0; w < policy_.windows; ++w) {
                if (entry.at.ms > window_from_[w]) {
                    add_sums(out_.window[w], 0, entry.value, false);
                    step_at(plus_ms(entry.at, policy_.window_ms[w]));
                }
            }
            add_sums(out_.lifetime, 0, entry.value, false);
        }
    }

    void finish_tickets() {
        for (const TicketSeen& known : tickets_->all()) {
            if (known.opened != kNever && !known.resolved) {
                ++out_.open_tickets;
                out_.oldest_open = std::min(out_.oldest_open, known.opened);
            }
        }
        if (out_.open_tickets > 0) {
            const std::int64_t age_days = (out_.at.ms - out_.oldest_open.ms) / kDayMs;
            if (age_days < kTicketAgeDaysMax) {
                step_at(plus_days(out_.oldest_open, age_days + 1));
            }
        }
    }

    void finish_activity() {
        const Activity& visits = facts_.activity;
        if (visits.ref == kNoDay) {
            return;
        }
        out_.activity_peak = visits.sum;
        const int days = std::max(0, today() - visits.ref);
        out_.activity = visits.sum;
        if (days > 0) {
            out_.activity *= decay(days, policy_.schema.activity_half_life_days);
        }
    }

    void finish_steps() {
        if (out_.has_purchase()) {
            out_.first_midnight = policy_.days->start_of(out_.first_day);
            out_.churn_confirmed = confirmed_at_ != kLongAgo && confirmed_at_ >= out_.last_purchase;
        }
        bool daily = false;
        for (double* count : {&out_.activity, &out_.complaint_load, &out_.contact_pressure}) {
            if (*count < kDecayedMin) {
                *count = 0;
            } else {
                daily = true;
            }
        }
        if (daily || policy_steps_today()) {
            step_at(policy_.days->next_midnight(out_.at));
        }
    }

    bool policy_steps_today() {
        if (!out_.has_purchase() ||
            (policy_.recency_steps_days == 0 && policy_.tenure_steps_days == 0)) {
            return false;
        }
        return today() - out_.last_day < policy_.recency_steps_days ||
               today() - out_.first_day < policy_.tenure_steps_days;
    }

    const CompiledPolicy& policy_;
    const Facts& facts_;
    Rollup& out_;
    RefundSums* refunds_ = nullptr;  // while there are only orders
    TicketTable* tickets_ = nullptr;
    std::array<std::int64_t, 4> window_from_{};
    Day today_ = kNoDay;
    Instant confirmed_at_ = kLongAgo;
};

}  // namespace

double SpendSums::return_rate() const {
    if (gross.minor <= 0) {
        return refunded.minor > 0 ? 1.0 : kUnknown;
    }
    return std::min(1.0, static_cast<double>(refunded.minor) / static_cast<double>(gross.minor));
}

double decay(double days, double half_life_days) {
    return vm::exp(-kLn2 * (days / half_life_days));
}

Rollup roll_up(const CompiledPolicy& policy, const Facts& facts, Instant at) {
    Rollup out;
    out.at = at;
    Builder(policy, facts, out).build();
    return out;
}

void roll_on(const CompiledPolicy& policy, const Facts& facts, Rollup& rollup, Instant at) {
    const bool all_seen = facts.ledger.empty() || facts.ledger.back().at <= rollup.at;
    if (!rollup.only_orders || !all_seen) {
        rollup = roll_up(policy, facts, at);
        return;
    }
    const Instant before = std::exchange(rollup.at, at);
    rollup.valid_until = kNever;
    Builder(policy, facts, rollup).build_on(before);
}

}  // namespace patron::scoring
