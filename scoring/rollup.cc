#include "scoring/rollup.h"

#include <algorithm>
#include <vector>

#include "scoring/ticket_table.h"
#include "scoring/vector_math.h"

namespace patron::scoring {
namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr std::int64_t kYearMs = 365 * kDayMs;

// What the refunds of one order add up to.
struct OrderRefund {
    std::uint64_t key = 0;
    std::int64_t amount = 0;
    bool rest = false;
    bool order_known = false;
};

// The refunds up to an instant, by order.
class Refunds {
  public:
    void add(const LedgerEntry& entry) {
        sums_.push_back({entry.key(), entry.value, entry.kind() == EntryKind::RefundRest, false});
    }
    bool empty() const { return sums_.empty(); }
    void clear() { sums_.clear(); }

    // One sum per order, in the order of keys.
    void gather() {
        std::sort(sums_.begin(), sums_.end(), [](const OrderRefund& a, const OrderRefund& b) {
            return a.key < b.key;
        });
        std::size_t kept = 0;
        for (std::size_t i = 1; i < sums_.size(); ++i) {
            if (sums_[i].key == sums_[kept].key) {
                sums_[kept].amount += sums_[i].amount;
                sums_[kept].rest |= sums_[i].rest;
            } else {
                sums_[++kept] = sums_[i];
            }
        }
        sums_.resize(kept + 1);
    }

    OrderRefund* find(std::uint64_t key) {
        const auto at = std::lower_bound(
            sums_.begin(),
            sums_.end(),
            key,
            [](const OrderRefund& sum, std::uint64_t wanted) { return sum.key < wanted; }
        );
        return at != sums_.end() && at->key == key ? &*at : nullptr;
    }

  private:
    std::vector<OrderRefund> sums_;
};

// Scratch that keeps its memory between customers.
struct Scratch {
    Refunds refunds;
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
        if (only_orders_) {
            add_orders_alone(seen);
        } else {
            Scratch& kept = scratch();
            add_all(seen, kept.refunds, kept.tickets);
        }
        finish_activity();
        finish_steps();
    }

  private:
    void step_at(Instant t) { out_.valid_until = std::min(out_.valid_until, t); }

    // The entries that have taken effect.
    Ledger take_seen() {
        std::size_t i = 0;
        for (; i < facts_.ledger.size() && facts_.ledger[i].at <= out_.at; ++i) {
            only_orders_ &= facts_.ledger[i].kind() == EntryKind::Order;
        }
        if (i < facts_.ledger.size()) {
            step_at(facts_.ledger[i].at);
        }
        return facts_.ledger.first(i);
    }

    // Most customers: what lies in a window is the end of the ledger, and nothing was ever refunded.
    void add_orders_alone(Ledger orders) {
        for (std::size_t w = 0; w < policy_.windows; ++w) {
            std::size_t first = orders.size();
            Money sum;
            while (first > 0 && orders[first - 1].at.ms > window_from_[w]) {
                sum.minor += orders[--first].value;
            }
            out_.window[w] = {sum, sum, {}, static_cast<std::uint32_t>(orders.size() - first)};
            if (first < orders.size()) {
                step_at(plus_ms(orders[first].at, policy_.window_ms[w]));
            }
        }
        Money sum;
        for (const LedgerEntry& order : orders) {
            sum.minor += order.value;
            add_purchase(order.at);
        }
        out_.lifetime = {sum, sum, {}, static_cast<std::uint32_t>(orders.size())};
    }

    void add_all(Ledger seen, Refunds& refunds, TicketTable& tickets) {
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
        }
        for (const LedgerEntry& entry : seen) {
            if (entry.kind() == EntryKind::Order) {
                add_order(entry);
            }
        }
        if (!refunds.empty()) {
            add_orphan_refunds(seen);
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

    void add_order(const LedgerEntry& order) {
        std::int64_t refunded = 0;
        if (!refunds_->empty()) {
            refunded = take_refund(order);
        }
        const bool counts = order.value == 0 || refunded < order.value;
        for (std::size_t w = 0; w < policy_.windows; ++w) {
            if (order.at.ms > window_from_[w]) {
                add_sums(out_.window[w], order.value, refunded, counts);
                step_at(plus_ms(order.at, policy_.window_ms[w]));
            }
        }
        add_sums(out_.lifetime, order.value, refunded, counts);
        if (counts) {
            add_purchase(order.at);
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

    void add_purchase(Instant at) {
        const Day day = policy_.days->day_of(at);
        if (!out_.has_purchase()) {
            out_.first_day = day;
            out_.first_purchase = at;
        } else if (ends_churn(at)) {
            out_.comeback = at;
        }
        if (day != out_.last_day) {
            ++out_.purchase_days;
            out_.last_day = day;
        }
        out_.last_purchase = at;
    }

    // A purchase that ends a churned silence, or the first one after a confirmed leaving.
    bool ends_churn(Instant at) const {
        const bool silent = at.ms - out_.last_purchase.ms >= policy_.churned.days_ms;
        // Of one instant, the order comes first: such a confirmation speaks of who has just bought.
        const bool confirmed = confirmed_at_ >= out_.last_purchase && confirmed_at_ < at;
        return silent || confirmed;
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
    bool only_orders_ = true;
    Refunds* refunds_ = nullptr;  // unless there are only orders
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

}  // namespace patron::scoring
