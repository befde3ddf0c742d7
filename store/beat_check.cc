#include "store/beat_check.h"

#include <algorithm>

#include "store/event_entries.h"
#include "store/limits.h"

namespace patron::store {
namespace {

using scoring::EntryKind;

constexpr std::uint32_t kEntriesPerEventMax = 2;
constexpr std::size_t kPrefetchAhead = 12;

std::uint64_t mixed(std::uint64_t customer, std::uint32_t erasures, std::uint64_t order) {
    return ((customer + erasures) ^ (order << 16)) * 0x9e37'79b9'7f4a'7c15;
}

}  // namespace

bool needs_check(const Event& event) {
    return std::holds_alternative<Refund>(event.body) ||
           std::holds_alternative<std::unique_ptr<Override>>(event.body);
}

std::vector<std::pair<std::uint32_t, Fault>> BeatCheck::run(
    std::span<BeatEvent> events, std::span<const std::uint32_t> mine, bool refusing
) {
    std::vector<std::pair<std::uint32_t, Fault>> faults;
    for (std::size_t n = 0; n < mine.size(); ++n) {
        if (n + 2 * kPrefetchAhead < mine.size()) {
            __builtin_prefetch(&events[mine[n + 2 * kPrefetchAhead]], 1);
        }
        if (n + kPrefetchAhead < mine.size()) {
            const BeatEvent& later = events[mine[n + kPrefetchAhead]];
            partition_.prefetch_id(later.id_hash);
            __builtin_prefetch(later.event);
        }
        BeatEvent& event = events[mine[n]];
        const bool has_id = !event.event->id.empty();
        if (has_id && !partition_.remember(event.id_hash)) {
            event.outcome = Outcome::Duplicate;
            continue;
        }
        auto fault = refusing ? look_at(event) : std::nullopt;
        if (fault) {
            fault->index = event.position;
            event.outcome = Outcome::Refused;
            if (has_id) {
                partition_.take_back_id();
            }
            faults.emplace_back(mine[n], *std::move(fault));
        }
    }
    return faults;
}

std::optional<Fault> BeatCheck::look_at(const BeatEvent& event) {
    SoFar& known = customer(event);
    const EventBody& body = event.event->body;
    if (std::holds_alternative<Erase>(body)) {
        erase(known);
        return std::nullopt;
    }
    std::optional<Fault> fault = room_for(known);
    if (fault) {
        return fault;
    }
    if (const auto* back = std::get_if<Refund>(&body)) {
        fault = fault_of(event, *back);
    } else if (const auto* by = std::get_if<std::unique_ptr<Override>>(&body)) {
        fault = fault_of(**by);
    }
    if (!fault) {
        take(event, known);
    }
    return fault;
}

BeatCheck::SoFar& BeatCheck::customer(const BeatEvent& event) {
    const auto [at, first] = customers_.try_emplace(event.hash);
    if (first) {
        if (const auto row = partition_.find(event.hash, event.event->customer)) {
            at->second = {true, 0, partition_.ledger(*row).size()};
        }
    }
    return at->second;
}

std::optional<Fault> BeatCheck::room_for(const SoFar& customer) const {
    if (!customer.there && created_ >= static_cast<std::int64_t>(partition_.room())) {
        return Fault{FaultCode::StoreFull, "no room for another customer", "customer"};
    }
    if (customer.entries + kEntriesPerEventMax > limits::kEntriesPerCustomerMax) {
        return Fault{
            FaultCode::HistoryFull, "no room for another event of this customer", "customer"
        };
    }
    return std::nullopt;
}

void BeatCheck::erase(SoFar& customer) {
    created_ -= customer.there ? 1 : 0;
    customer = {false, customer.erasures + 1, 0};
}

void BeatCheck::take(const BeatEvent& event, SoFar& customer) {
    created_ += customer.there ? 0 : 1;
    customer.there = true;
    customer.entries += kEntriesPerEventMax;
    if (const auto* bought = std::get_if<Order>(&event.event->body)) {
        OrderSums& sums = order(event, bought->order_id);
        sums.gross += bought->amount.minor;
        sums.known = true;
    } else if (const auto* back = std::get_if<Refund>(&event.event->body)) {
        OrderSums& sums = order(event, back->order_id);
        sums.refunded += back->amount ? back->amount->minor : 0;
        sums.nothing_left |= !back->amount;
    }
}

BeatCheck::OrderSums& BeatCheck::order(const BeatEvent& event, std::string_view order_id) {
    const std::uint64_t key = reference_key(order_id);
    const std::uint32_t erasures = customer(event).erasures;
    auto [at, first] = orders_.try_emplace(mixed(event.hash, erasures, key));
    OrderSums& sums = at->second;
    const auto row =
        first && erasures == 0 ? partition_.find(event.hash, event.event->customer) : std::nullopt;
    if (!row) {
        return sums;
    }
    for (const scoring::LedgerEntry& entry : partition_.ledger(*row)) {
        if (entry.key() != key) {
            continue;
        }
        if (entry.kind() == EntryKind::Order) {
            sums.gross += entry.value;
            sums.known = true;
        } else if (entry.kind() == EntryKind::Refund) {
            sums.refunded += entry.value;
        } else if (entry.kind() == EntryKind::RefundRest) {
            sums.nothing_left = true;
        }
    }
    return sums;
}

std::optional<Fault> BeatCheck::fault_of(const BeatEvent& event, const Refund& refund) {
    const OrderSums& sums = order(event, refund.order_id);
    if (!refund.amount && !sums.known) {
        return Fault{
            FaultCode::UnknownOrder,
            "the order is not known, so the refund must say its amount",
            "order_id"
        };
    }
    if (refund.amount && sums.known && refund.amount->minor > sums.left()) {
        return Fault{
            FaultCode::RefundExceedsOrder,
            "the refund is more than what is left of the order",
            "amount"
        };
    }
    return std::nullopt;
}

std::optional<Fault> BeatCheck::fault_of(const Override& by) const {
    const bool known =
        std::any_of(policy_.tiers.begin(), policy_.tiers.end(), [&](const scoring::Tier& tier) {
            return tier.name == by.tier;
        });
    if (known || by.mode == OverrideMode::Clear) {
        return std::nullopt;
    }
    return Fault{
        FaultCode::UnknownTier,
        "the policy in force has no tier \"" + std::string(by.tier) + "\"",
        "tier"
    };
}

}  // namespace patron::store
