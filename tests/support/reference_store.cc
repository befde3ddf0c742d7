#include "tests/support/reference_store.h"

#include <algorithm>
#include <tuple>

#include "scoring/moment.h"
#include "scoring/rollup.h"
#include "scoring/transition.h"
#include "scoring/vector_math.h"
#include "store/event_entries.h"
#include "store/partition_map.h"
#include "tests/support/random_events.h"

namespace patron::store {
namespace {

using scoring::Facts;
using scoring::OverrideKind;
using scoring::Rollup;
using scoring::State;
namespace vm = scoring::vm;

// Who wins where two events say different things of one customer.
using Rank = std::pair<Instant, std::uint64_t>;

// The value of greatest rank, then the greatest value.
template <class T>
class Last {
  public:
    void offer(const T& value, Rank rank) {
        if (!best_ || std::tie(rank, value) > std::tie(rank_, *best_)) {
            best_ = value;
            rank_ = rank;
        }
    }
    // Of equal rank the newer one wins.
    void offer_or_replace(const T& value, Rank rank) {
        if (best_ && rank == rank_) {
            best_ = value;
        } else {
            offer(value, rank);
        }
    }
    T value_or(T other) const { return best_.value_or(other); }

  private:
    std::optional<T> best_;
    Rank rank_;
};

std::string text(std::string_view view) {
    return std::string(view);
}

}  // namespace

std::vector<std::string> ReferenceStore::ids() const {
    std::vector<std::string> out;
    for (const auto& [id, customer] : customers_) {
        out.push_back(id);
    }
    return out;
}

Instant ReferenceStore::newest(std::string_view id) const {
    return log_state(id).settled_at;
}

const State& ReferenceStore::log_state(std::string_view id) const {
    return customers_.at(std::string(id)).state;
}

ReferenceFacts ReferenceStore::facts(std::string_view id) const {
    return facts_of(customers_.at(std::string(id)));
}

std::expected<ReferenceReply, std::pair<std::int64_t, FaultCode>> ReferenceStore::submit(
    const EventBatch& batch, OnError on_error, Instant now
) {
    const auto own = std::make_shared<const EventBatch>(copy_batch(batch));
    batches_.push_back(own);
    const auto customers_before = customers_;
    const auto seen_before = seen_;
    ReferenceReply reply;
    for (std::size_t i = 0; i < own->events.size(); ++i) {
        const Event& event = own->events[i];
        const Key key{text(event.customer), text(event.id)};
        if (!event.id.empty() && seen_.contains(key)) {
            ++reply.duplicates;
            continue;
        }
        if (const auto fault = fault_of(event)) {
            if (on_error == OnError::Reject) {
                customers_ = customers_before;
                seen_ = seen_before;
                return std::unexpected(std::pair(static_cast<std::int64_t>(i), *fault));
            }
            reply.rejected.emplace_back(static_cast<std::int64_t>(i), *fault);
            continue;
        }
        seen_.insert(key);
        apply(event, now);
        ++reply.accepted;
    }
    return reply;
}

std::optional<FaultCode> ReferenceStore::fault_of(const Event& event) const {
    if (const auto* refund = std::get_if<Refund>(&event.body)) {
        return fault_of(text(event.customer), *refund);
    }
    const auto* by = std::get_if<std::unique_ptr<Override>>(&event.body);
    if (by != nullptr && (*by)->mode != OverrideMode::Clear && !knows_tier((*by)->tier)) {
        return FaultCode::UnknownTier;
    }
    return std::nullopt;
}

bool ReferenceStore::knows_tier(std::string_view name) const {
    const auto& tiers = policy_->policy.tiers;
    return std::any_of(tiers.begin(), tiers.end(), [&](const auto& t) { return t.name == name; });
}

std::optional<FaultCode> ReferenceStore::fault_of(const std::string& customer, const Refund& refund)
    const {
    std::int64_t gross = 0;
    std::int64_t refunded = 0;
    bool known = false;
    bool nothing_left = false;
    if (const auto found = customers_.find(customer); found != customers_.end()) {
        for (const Kept& kept : found->second.events) {
            const auto* order = std::get_if<Order>(&kept.event->body);
            const auto* back = std::get_if<Refund>(&kept.event->body);
            if (order != nullptr && order->order_id == refund.order_id) {
                known = true;
                gross += order->amount.minor;
            } else if (back != nullptr && back->order_id == refund.order_id) {
                refunded += back->amount ? back->amount->minor : 0;
                nothing_left |= !back->amount;
            }
        }
    }
    if (!known) {
        return refund.amount ? std::nullopt : std::optional(FaultCode::UnknownOrder);
    }
    if (refund.amount && (nothing_left || refunded + refund.amount->minor > gross)) {
        return FaultCode::RefundExceedsOrder;
    }
    return std::nullopt;
}

void ReferenceStore::apply(const Event& event, Instant now) {
    const std::string id = text(event.customer);
    if (std::holds_alternative<Erase>(event.body)) {
        customers_.erase(id);
        return;
    }
    const Instant at = std::min(event.at, now);
    const bool is_new = !customers_.contains(id);
    Customer& customer = customers_[id];
    if (is_new) {
        customer.state = scoring::first_state(at);
    }
    const Instant acts_at = std::max(at, customer.state.settled_at);
    const ReferenceFacts before = facts_of(customer);
    const State moved = scoring::advance(*policy_, before.view(), customer.state, acts_at);
    customer.events.push_back({&event, at});
    const ReferenceFacts after = facts_of(customer);
    const Facts view = after.view();
    const Rollup rollup = scoring::roll_up(*policy_, view, acts_at);
    customer.state = scoring::step({*policy_, view, rollup, acts_at}, moved);
}

std::uint64_t ReferenceStore::id_hash(const Event& event) const {
    return event.id.empty() ? 0 : hash_bytes(event.id, 0);
}

ReferenceFacts ReferenceStore::facts_of(const Customer& customer) const {
    ReferenceFacts out;
    for (const Kept& kept : customer.events) {
        const EntryList entries = entries_of(*kept.event, kept.at);
        out.ledger.insert(
            out.ledger.end(),
            entries.entries.begin(),
            entries.entries.begin() + static_cast<std::ptrdiff_t>(entries.size)
        );
        if (std::holds_alternative<Visit>(kept.event->body)) {
            const double half_life = policy_->schema.activity_half_life_days;
            const scoring::Day day = policy_->days->day_of(kept.at);
            scoring::Activity& a = out.activity;
            const scoring::Day ref = std::max(a.ref, day);
            const double so_far =
                a.ref == scoring::kNoDay ? 0 : a.sum * scoring::decay(ref - a.ref, half_life);
            a = {so_far + scoring::decay(ref - day, half_life), ref};
        }
    }
    std::sort(out.ledger.begin(), out.ledger.end());
    read_profile(customer, out.profile);
    out.tier_override = read_override(customer);
    return out;
}

void ReferenceStore::read_profile(const Customer& customer, ProfileDetails& out) const {
    Last<double> influence, strategic, expert;
    Last<bool> quiet;
    Last<Instant> since;
    Last<std::string> channel, region, industry, owner, birthday;
    Last<std::vector<std::string>> tags;
    for (const Kept& kept : customer.events) {
        const auto* found = std::get_if<std::unique_ptr<Profile>>(&kept.event->body);
        if (found == nullptr) {
            continue;
        }
        const Profile& p = **found;
        const Rank rank{kept.at, id_hash(*kept.event)};
        const auto say = [&](auto& last, const auto& value) {
            if (value) {
                last.offer(*value, rank);
            }
        };
        const auto say_text = [&](Last<std::string>& last, const auto& value) {
            if (value) {
                last.offer(text(*value), rank);
            }
        };
        say(influence, p.influence);
        say(expert, p.expert_score);
        say(quiet, p.do_not_contact);
        say(since, p.customer_since);
        if (p.strategic) {
            strategic.offer(static_cast<double>(*p.strategic), rank);
        }
        say_text(channel, p.preferred_channel);
        say_text(region, p.region);
        say_text(industry, p.industry);
        say_text(owner, p.owner);
        say_text(birthday, p.birthday);
        if (p.tags) {
            tags.offer({p.tags->begin(), p.tags->end()}, rank);
        }
    }
    const double unknown = scoring::kUnknown;
    out.facts = {
        influence.value_or(unknown),
        strategic.value_or(unknown),
        expert.value_or(unknown),
        quiet.value_or(false),
        since.value_or(scoring::kNever)
    };
    out.preferred_channel = channel.value_or("");
    out.region = region.value_or("");
    out.industry = industry.value_or("");
    out.owner = owner.value_or("");
    out.birthday = birthday.value_or("");
    out.tags = tags.value_or({});
}

scoring::TierOverride ReferenceStore::read_override(const Customer& customer) const {
    using Value = std::tuple<OverrideKind, Instant, std::string, std::string, std::string, Instant>;
    Last<Value> last;
    for (const Kept& kept : customer.events) {
        if (const auto* found = std::get_if<std::unique_ptr<Override>>(&kept.event->body)) {
            const Override& o = **found;
            // OverrideMode and OverrideKind name the same four things in the same order.
            const Value value{
                static_cast<OverrideKind>(o.mode),
                o.until.value_or(scoring::kNever),
                text(o.tier),
                text(o.reason),
                text(o.by),
                kept.at
            };
            const Rank rank{kept.at, id_hash(*kept.event)};
            // Without ids, what was said later counts.
            if (kept.event->id.empty()) {
                last.offer_or_replace(value, rank);
            } else {
                last.offer(value, rank);
            }
        }
    }
    const auto [kind, until, name, reason, by, at] =
        last.value_or({OverrideKind::None, scoring::kNever, "", "", "", scoring::kLongAgo});
    const auto& tiers = policy_->policy.tiers;
    std::uint8_t tier = 0;
    for (std::size_t t = 0; t < tiers.size(); ++t) {
        tier = tiers[t].name == name ? static_cast<std::uint8_t>(t) : tier;
    }
    return {kind, tier, at, until};
}

ReferenceAnswer ReferenceStore::answer(std::string_view id, Instant at) const {
    const Customer& customer = customers_.at(std::string(id));
    const ReferenceFacts own = facts_of(customer);
    const Facts view = own.view();
    const Instant then = std::max(at, customer.state.settled_at);
    ReferenceAnswer out;
    out.state = scoring::advance(*policy_, view, customer.state, then);
    const Rollup rollup = scoring::roll_up(*policy_, view, then);
    const scoring::Moment moment{*policy_, view, rollup, then};
    out.value_index = scoring::value_index(moment);
    out.spend_longest = rollup.window[policy_->windows - 1].spend;
    if (rollup.has_purchase()) {
        const scoring::ModelInputs in = scoring::model_inputs(moment);
        out.churn_risk = scoring::churn_risk(moment, out.state);
        out.p_alive = policy_->model.p_alive(in.x, in.t_x, in.age);
        out.purchase_probability =
            vm::sigmoid(-policy_->model.no_purchase_logit(in.x, in.t_x, in.age));
    }
    return out;
}

}  // namespace patron::store
