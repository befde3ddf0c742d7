#include "tests/support/random_events.h"

#include <algorithm>
#include <utility>

namespace patron::store {
namespace {

using scoring::kDayMs;

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

void keep(EventBatch& batch, std::optional<std::string_view>& text) {
    if (text) {
        text = batch.keep(*text);
    }
}

EventBody kept(EventBatch& batch, const EventBody& body) {
    return std::visit(
        Overloaded{
            [&](Order o) -> EventBody {
                o.order_id = batch.keep(o.order_id);
                return o;
            },
            [&](Refund r) -> EventBody {
                r.order_id = batch.keep(r.order_id);
                return r;
            },
            [&](Ticket t) -> EventBody {
                t.ticket_id = batch.keep(t.ticket_id);
                return t;
            },
            [&](Referral r) -> EventBody {
                r.referred = batch.keep(r.referred);
                return r;
            },
            [&](const std::unique_ptr<Profile>& p) -> EventBody {
                auto copy = std::make_unique<Profile>(*p);
                for (auto* text :
                     {&copy->preferred_channel,
                      &copy->region,
                      &copy->industry,
                      &copy->owner,
                      &copy->birthday}) {
                    keep(batch, *text);
                }
                if (copy->tags) {
                    for (std::string_view& tag : *copy->tags) {
                        tag = batch.keep(tag);
                    }
                }
                return copy;
            },
            [&](const std::unique_ptr<Override>& o) -> EventBody {
                auto copy = std::make_unique<Override>(*o);
                copy->tier = batch.keep(copy->tier);
                copy->reason = batch.keep(copy->reason);
                copy->by = batch.keep(copy->by);
                return copy;
            },
            [](const auto& plain) -> EventBody { return plain; },
        },
        body
    );
}

}  // namespace

Event& add_event(
    EventBatch& batch, std::string_view customer, std::string_view id, Instant at, EventBody body
) {
    EventBody own = kept(batch, body);
    batch.events.push_back({batch.keep(customer), batch.keep(id), at, std::move(own)});
    return batch.events.back();
}

Event& add_copy(EventBatch& batch, const Event& event) {
    batch.events.push_back(
        {batch.keep(event.customer), batch.keep(event.id), event.at, kept(batch, event.body)}
    );
    return batch.events.back();
}

EventBatch copy_batch(const EventBatch& batch) {
    EventBatch copy;
    for (const Event& event : batch.events) {
        add_copy(copy, event);
    }
    return copy;
}

std::vector<std::string> customer_ids(std::size_t count) {
    // 23 bytes is the longest id kept inline.
    constexpr std::size_t kLengths[] = {5, 22, 23, 24, 25, 127, 128, 12};
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(i / std::size(kLengths) + 10);
        const std::size_t length = kLengths[i % std::size(kLengths)];
        ids.push_back(std::string(length - number.size(), 'k') + number);
    }
    if (count > 2) {
        ids[1] = "\xE9\xBB\x84";
        ids[2] = "x";
    }
    return ids;
}

EventMaker::EventMaker(std::uint64_t seed, EventWishes wishes)
    : random_(seed), wishes_(std::move(wishes)), customers_(customer_ids(wishes_.customers)) {
    for (int i = 0; i < 6; ++i) {
        orders_.push_back("order-" + std::to_string(i));
    }
}

std::int64_t EventMaker::whole(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
}

bool EventMaker::chance(double probability) {
    return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

Instant EventMaker::instant(Instant now) {
    switch (whole(0, 9)) {
        case 0:
            return wishes_.ahead ? scoring::plus_ms(now, whole(0, 300'000)) : now;
        case 1:
            return now;
        case 2:
            return scoring::plus_ms(now, -whole(0, wishes_.late_ms_max));
        case 3:
            return scoring::plus_ms(now, -30 * kDayMs);
        case 4:
            return Instant{now.ms / kDayMs * kDayMs};
        default:
            return scoring::plus_ms(now, -whole(0, 3 * kDayMs));
    }
}

// Mostly one of a few, so that refunds meet their orders.
std::string_view EventMaker::order_id() {
    return orders_[static_cast<std::size_t>(whole(0, std::ssize(orders_) - 1))];
}

EventBody EventMaker::voice() {
    switch (whole(0, 8)) {
        case 0:
            return Ticket{
                static_cast<TicketPhase>(whole(0, 2)),
                order_id(),
                static_cast<std::uint8_t>(whole(0, 5)),
                chance(0.5) ? std::optional(Money{whole(0, 5000)}) : std::nullopt
            };
        case 1:
            return Complaint{static_cast<std::uint8_t>(whole(1, 5))};
        case 2:
            return Review{static_cast<std::uint8_t>(whole(1, 5)), chance(0.5)};
        case 3:
            return Survey{SurveyKind::Nps, static_cast<double>(whole(0, 10)), {}};
        case 4:
            return Survey{SurveyKind::Csat, static_cast<double>(whole(1, 5)), {}};
        case 5:
            return Feedback{static_cast<double>(whole(-8, 8)) / 8};
        case 6:
            return Referral{"somebody", chance(0.3)};
        case 7:
            return Training{chance(0.5)};
        default:
            return FollowUp{chance(0.5) ? std::optional(Money{whole(0, 900)}) : std::nullopt};
    }
}

EventBody EventMaker::profile(Instant now) {
    auto p = std::make_unique<Profile>();
    if (chance(0.5)) {
        p->influence = static_cast<double>(whole(0, 100));
    }
    if (chance(0.5)) {
        p->expert_score = static_cast<double>(whole(0, 100));
    }
    if (chance(0.3)) {
        p->strategic = static_cast<Strategic>(whole(0, 2));
    }
    if (chance(0.2)) {
        p->do_not_contact = chance(0.5);
    }
    if (chance(0.2)) {
        p->customer_since = scoring::plus_ms(now, -whole(0, 900) * kDayMs);
    }
    if (chance(0.5)) {
        p->region = chance(0.5) ? "north" : "south";
    }
    if (chance(0.5)) {
        p->owner = chance(0.5) ? "li" : "wang";
    }
    if (chance(0.3)) {
        p->tags = std::vector<std::string_view>(static_cast<std::size_t>(whole(0, 3)), "vip");
    }
    return p;
}

EventBody EventMaker::override_by(Instant now) {
    auto o = std::make_unique<Override>();
    o->mode = static_cast<OverrideMode>(whole(0, 3));
    if (o->mode != OverrideMode::Clear) {
        o->tier = wishes_.tiers[static_cast<std::size_t>(whole(0, std::ssize(wishes_.tiers) - 1))];
        if (chance(wishes_.refused)) {
            o->tier = "nobody knows this tier";
        }
    }
    o->reason = "because";
    o->by = chance(0.5) ? "li" : "wang";
    if (chance(0.6)) {
        o->until = scoring::plus_ms(now, whole(-5 * kDayMs, 90 * kDayMs));
    }
    return o;
}

EventBody EventMaker::body(Instant now) {
    if (chance(wishes_.erased)) {
        return Erase{};
    }
    switch (whole(0, 19)) {
        case 0:
        case 1:
            return Refund{order_id(), Money{whole(1, 8) * 2500}};
        case 2:
            return Refund{chance(wishes_.refused) ? "no such order" : order_id(), std::nullopt};
        case 3:
        case 4:
        case 5:
            return Visit{};
        case 6:
        case 7:
        case 8:
        case 9:
            return voice();
        case 10:
            return profile(now);
        case 11:
            return override_by(now);
        case 12:
            if (chance(0.2)) {
                return ChurnConfirmed{static_cast<ChurnReason>(whole(0, 4))};
            }
            return Order{order_id(), Money{0}, {}, OrderKind::Service};
        default:
            return Order{
                order_id(),
                Money{whole(1, 12) * 5000},
                chance(0.3) ? std::optional(Money{whole(-900, 900)}) : std::nullopt,
                static_cast<OrderKind>(whole(0, 2))
            };
    }
}

void EventMaker::add(EventBatch& batch, std::size_t count, Instant now) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!sent_.events.empty() && chance(wishes_.duplicates)) {
            const auto again = static_cast<std::size_t>(whole(0, std::ssize(sent_.events) - 1));
            add_copy(batch, sent_.events[again]);
            continue;
        }
        EventBody what = body(now);
        const bool needs_id =
            std::holds_alternative<Order>(what) || std::holds_alternative<Refund>(what);
        const std::string id =
            needs_id || chance(0.7) ? "e" + std::to_string(next_id_++) : std::string();
        const auto who = static_cast<std::size_t>(whole(0, std::ssize(customers_) - 1));
        const Event& made = add_event(batch, customers_[who], id, instant(now), std::move(what));
        if (!id.empty() && sent_.events.size() < 200) {
            add_copy(sent_, made);
        }
    }
}

}  // namespace patron::store
