#include "tests/support/reference_changes.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "scoring/moment.h"
#include "scoring/rollup.h"
#include "scoring/transition.h"
#include "tests/support/random_events.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::EntryKind;
using scoring::Facts;
using scoring::kDayMs;
using scoring::kHourMs;
using scoring::kNever;
using scoring::Lifecycle;
using scoring::Rollup;
using scoring::State;
using scoring::Visible;

constexpr std::int64_t kGridMs = 6 * kHourMs;

class SlowWalk {
  public:
    SlowWalk(const CompiledPolicy& policy, const Facts& facts, const State& from, Instant to)
        : policy_(policy), facts_(facts), state_(from), to_(to), ticks_(fixed_ticks()) {}

    SlowMove run() {
        SlowMove out;
        while (state_.settled_at < to_) {
            const Visible before = visible(state_, facts_.tier_override);
            next(next_tick());
            if (visible(state_, facts_.tier_override) != before) {
                out.seen.push_back(state_);
            }
        }
        out.end = state_;
        return out;
    }

  private:
    State at(Instant now) const {
        const Rollup rollup = scoring::roll_up(policy_, facts_, now);
        return scoring::step({policy_, facts_, rollup, now}, state_);
    }

    bool differs(const State& s) const {
        return !s.same_standing(state_) ||
               visible(s, facts_.tier_override) != visible(state_, facts_.tier_override);
    }

    // To the tick, or to the first change before it.
    void next(Instant tick) {
        Instant low = state_.settled_at;
        Instant high{tick.ms - 1};
        if (high <= low || !differs(at(high))) {
            state_ = at(tick);
            return;
        }
        while (high.ms - low.ms > 1) {
            const Instant middle{low.ms + (high.ms - low.ms) / 2};
            (differs(at(middle)) ? high : low) = middle;
        }
        state_ = at(high);
    }

    Instant next_tick() const {
        const auto after = std::upper_bound(ticks_.begin(), ticks_.end(), state_.settled_at);
        Instant next = after != ticks_.end() ? *after : to_;
        for (const Instant t : {state_.grace_until, state_.follow_up_due}) {
            next = t > state_.settled_at ? std::min(next, t) : next;
        }
        return next;
    }

    // Where something that moves in steps may move; a change between two of them is found by halving,
    // if the two do not look alike.
    std::vector<Instant> fixed_ticks() const {
        std::vector<Instant> out{to_, facts_.tier_override.at, facts_.tier_override.until};
        const auto add = [&](Instant t, double days) {
            out.push_back(Instant{t.ms + std::llround(days * static_cast<double>(kDayMs))});
        };
        const Lifecycle& life = policy_.policy.lifecycle;
        for (const scoring::LedgerEntry& e : facts_.ledger) {
            for (const double days :
                 {0.0,
                  365.0,
                  life.new_days,
                  life.won_back_days,
                  life.dormant.days,
                  life.churned.days}) {
                add(e.at, days);
            }
            for (const int days : policy_.policy.window_days) {
                add(e.at, days);
            }
            for (int day = 0; e.kind() == EntryKind::TicketOpened && day <= 14; ++day) {
                add(e.at, day);
            }
        }
        for (Instant t = state_.settled_at; t < to_; t.ms += kGridMs) {
            out.push_back(t);
        }
        const scoring::Day last = policy_.days->day_of(to_);
        for (scoring::Day d = policy_.days->day_of(state_.settled_at); d <= last; ++d) {
            out.push_back(policy_.days->start_of(d));
        }
        std::erase_if(out, [&](Instant t) { return t <= state_.settled_at || t > to_; });
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    const CompiledPolicy& policy_;
    const Facts& facts_;
    State state_;
    const Instant to_;
    const std::vector<Instant> ticks_;
};

}  // namespace

SlowMove move_slowly(
    const CompiledPolicy& policy, const Facts& facts, const State& from, Instant to
) {
    return SlowWalk(policy, facts, from, to).run();
}

Visible ReferenceChanges::visible_in(const Customer& customer, const State& state) const {
    return visible(state, customer.facts.tier_override);
}

ScoreThen ReferenceChanges::score_in(const Customer& customer, const State& state) const {
    const Facts facts = customer.facts.view();
    const Rollup rollup = scoring::roll_up(*policy_, facts, state.settled_at);
    const scoring::Moment moment{*policy_, facts, rollup, state.settled_at};
    ScoreThen out;
    out.value_index = scoring::value_index(moment);
    out.since = state.since;
    out.follow_up_due = state.follow_up_due;
    if (rollup.has_purchase()) {
        const scoring::ModelInputs in = scoring::model_inputs(moment);
        out.churn_risk = scoring::churn_risk(moment, state);
        out.p_alive = policy_->model.p_alive(in.x, in.t_x, in.age);
    }
    return out;
}

void ReferenceChanges::say(
    const std::string& id, Customer& customer, const State& state, const State& end, Cause cause
) {
    ExpectedChange change{id, state.settled_at, cause, {}, visible_in(customer, state), {}, {}, {}};
    if (std::exchange(customer.told, true)) {
        change.from = customer.said;
    }
    change.score = score_in(customer, state);
    change.score_when_told = score_in(customer, end);
    change.risk_before = std::exchange(customer.risk, change.score.churn_risk);
    customer.said = *change.to;
    told_.push_back(std::move(change));
}

void ReferenceChanges::clock_to(Instant now) {
    if (now <= clock_) {
        return;
    }
    const auto begin = static_cast<std::ptrdiff_t>(told_.size());
    for (auto& [id, customer] : customers_) {
        if (customer.known) {
            const SlowMove moved =
                move_slowly(*policy_, customer.facts.view(), customer.state, now);
            for (const State& state : moved.seen) {
                say(id, customer, state, state, Cause::Time);
            }
            customer.state = moved.end;
        }
    }
    std::stable_sort(
        told_.begin() + begin,
        told_.end(),
        [](const ExpectedChange& a, const ExpectedChange& b) { return a.at < b.at; }
    );
    clock_ = now;
}

std::uint64_t ReferenceChanges::submit(const EventBatch& batch) {
    std::uint64_t accepted = 0;
    for (const Event& event : batch.events) {
        const std::string id(event.customer);
        Customer& customer = customers_[id];
        if (!customer.store) {
            customer.store.emplace(policy_);
        }
        EventBatch one;
        add_copy(one, event);
        Instant at = std::min(event.at, clock_);
        if (customer.store->knows(id)) {
            at = std::max(at, customer.store->newest(id));
        }
        const auto reply = customer.store->submit(one, OnError::Skip, clock_);
        if (!reply || reply->accepted == 0) {
            continue;
        }
        ++accepted;
        ++seq_;
        const bool overrides = std::holds_alternative<std::unique_ptr<Override>>(event.body);
        if (customer.store->knows(id)) {
            look_at(id, customer, overrides ? Cause::Override : Cause::Event);
        } else if (customer.known) {
            erase(id, customer, at);
        }
    }
    return accepted;
}

// An event has just been taken: from where it acted, time goes on to the clock.
void ReferenceChanges::look_at(const std::string& id, Customer& customer, Cause cause) {
    customer.facts = customer.store->facts(id);
    const State acted = customer.store->log_state(id);
    const SlowMove moved = move_slowly(*policy_, customer.facts.view(), acted, clock_);
    customer.state = moved.end;
    customer.known = true;
    if (customer.told && visible_in(customer, moved.end) == customer.said) {
        return;
    }
    say(id, customer, moved.seen.empty() ? acted : moved.seen.back(), moved.end, cause);
}

void ReferenceChanges::erase(const std::string& id, Customer& customer, Instant at) {
    told_.push_back({id, at, Cause::Event, customer.said, {}, {}, {}, customer.risk});
    customer.known = false;
    customer.told = false;
    customer.risk = scoring::kUnknown;
}

std::vector<ExpectedChange> ReferenceChanges::take() {
    return std::exchange(told_, {});
}

bool ReferenceChanges::knows(const std::string& id) const {
    const auto found = customers_.find(id);
    return found != customers_.end() && found->second.known;
}

std::map<std::string, Visible> ReferenceChanges::picture() const {
    std::map<std::string, Visible> out;
    for (const auto& [id, customer] : customers_) {
        if (customer.known) {
            out.emplace(id, customer.said);
        }
    }
    return out;
}

std::vector<FutureTransition> ReferenceChanges::future(const std::string& id, Instant until) const {
    const Customer& customer = customers_.at(id);
    std::vector<FutureTransition> out;
    Visible before = customer.said;
    for (const State& s :
         move_slowly(*policy_, customer.facts.view(), customer.state, until).seen) {
        const Visible after = visible_in(customer, s);
        out.push_back({s.settled_at, before, after});
        before = after;
    }
    return out;
}

}  // namespace patron::store
