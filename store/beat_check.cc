#include "store/beat_check.h"

#include <algorithm>

#include "store/event_entries.h"
#include "store/limits.h"

namespace patron::store {
namespace {

using scoring::EntryKind;

constexpr std::uint32_t kEntriesPerEventMax = 2;

std::uint64_t mixed(std::uint64_t customer, std::uint64_t order) {
    return (customer ^ (order << 16)) * 0x9e37'79b9'7f4a'7c15;
}

}  // namespace

bool needs_check(const Event& event) {
    return std::holds_alternative<Refund>(event.body) ||
           std::holds_alternative<std::unique_ptr<Override>>(event.body);
}

std::vector<std::pair<std::uint32_t, Fault>>
BeatCheck::run(std::span<const BeatEvent> events, std::span<const std::uint32_t> mine) {
    std::vector<std::pair<std::uint32_t, Fault>> faults;
    for (const std::uint32_t i : mine) {
        if (events[i].outcome != Outcome::Pending || duplicate(events[i])) {
            continue;
        }
        if (auto fault = look_at(events[i])) {
            fault->index = events[i].position;
            seen_.erase(events[i].id_hash);
            faults.emplace_back(i, *std::move(fault));
        }
    }
    return faults;
}

bool BeatCheck::duplicate(const BeatEvent& event) {
    return !event.event->id.empty() &&
           (partition_.seen(event.id_hash) || !seen_.insert(event.id_hash).second);
}

std::optional<Fault> BeatCheck::look_at(const BeatEvent& event) {
    if (auto full = room_for(event)) {
        return full;
    }
    const EventBody& body = event.event->body;
    if (const auto* by_event = std::get_if<Order>(&body)) {
        OrderSums& sums = order(event, by_event->order_id);
        sums.gross += by_event->amount.minor;
        sums.known = true;
    } else if (const auto* back = std::get_if<Refund>(&body)) {
        return refund(event, *back);
    } else if (const auto* by = std::get_if<std::unique_ptr<Override>>(&body)) {
        const bool known = std::any_of(
            policy_.tiers.begin(), policy_.tiers.end(),
            [&](const scoring::Tier& tier) { return tier.name == (*by)->tier; }
        );
        if (!known && (*by)->mode != OverrideMode::Clear) {
            return Fault{
                FaultCode::UnknownTier,
                "the policy in force has no tier \"" + std::string((*by)->tier) + "\"", "tier"
            };
        }
    }
    return std::nullopt;
}

std::optional<Fault> BeatCheck::room_for(const BeatEvent& event) {
    const auto row = partition_.find(event.hash, event.event->customer);
    auto [added, first] = added_.try_emplace(event.hash, 0);
    if (!row && first) {
        if (created_ >= partition_.room()) {
            added_.erase(added);
            return Fault{FaultCode::StoreFull, "no room for another customer", "customer"};
        }
        ++created_;
    }
    const std::size_t kept = row ? partition_.ledger(*row).size() : 0;
    if (kept + added->second + kEntriesPerEventMax > limits::kEntriesPerCustomerMax) {
        return Fault{
            FaultCode::HistoryFull, "no room for another event of this customer", "customer"
        };
    }
    added->second += kEntriesPerEventMax;
    return std::nullopt;
}

BeatCheck::OrderSums& BeatCheck::order(const BeatEvent& event, std::string_view order_id) {
    const std::uint64_t key = reference_key(order_id);
    auto [at, first] = orders_.try_emplace(mixed(event.hash, key));
    OrderSums& sums = at->second;
    const auto row = first ? partition_.find(event.hash, event.event->customer) : std::nullopt;
    if (!row) {
        return sums;
    }
    bool rest = false;
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
            rest = true;
        }
    }
    if (rest) {
        sums.refunded = std::max(sums.refunded, sums.gross);
    }
    return sums;
}

std::optional<Fault> BeatCheck::refund(const BeatEvent& event, const Refund& refund) {
    OrderSums& sums = order(event, refund.order_id);
    if (!refund.amount) {
        if (!sums.known) {
            return Fault{
                FaultCode::UnknownOrder,
                "the order is not known, so the refund must say its amount", "order_id"
            };
        }
        sums.refunded = std::max(sums.refunded, sums.gross);
        return std::nullopt;
    }
    if (sums.known && sums.refunded + refund.amount->minor > sums.gross) {
        return Fault{
            FaultCode::RefundExceedsOrder, "the refund is more than what is left of the order",
            "amount"
        };
    }
    sums.refunded += refund.amount->minor;
    return std::nullopt;
}

}  // namespace patron::store
