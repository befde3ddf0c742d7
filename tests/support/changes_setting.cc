#include "tests/support/changes_setting.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/random_customer.h"

namespace patron::store {

using scoring::kDayMs;
using scoring::kHourMs;

namespace {

constexpr int kPastRounds = 12;
constexpr std::int64_t kRoundMs = 15 * kDayMs;
constexpr std::size_t kEventsPerCustomer = 9;

// Some customer's next transition: the moments around it.
void run_past_a_transition(ChangesPair& pair, EventMaker& dice) {
    const auto& ids = dice.customers();
    const auto& id = ids[static_cast<std::size_t>(dice.whole(0, std::ssize(ids) - 1))];
    if (!pair.reference().knows(id)) {
        return;
    }
    const auto coming = pair.reference().future(id, scoring::plus_days(pair.now(), 20));
    if (coming.empty()) {
        return;
    }
    for (const std::int64_t ms : {-1, 0, 1}) {
        const Instant next = scoring::plus_ms(coming.front().at, ms);
        if (next > pair.now()) {
            pair.run_clock_to(next);
        }
    }
}

}  // namespace

PolicyPtr random_policy(std::uint64_t seed) {
    scoring::CustomerMaker maker(seed);
    return maker.policy({.continuous = maker.chance(0.3)});
}

EventWishes wishes_for(const scoring::CompiledPolicy& policy, std::size_t customers) {
    EventWishes wishes;
    wishes.customers = customers;
    wishes.tiers.clear();
    for (const scoring::Tier& tier : policy.policy.tiers) {
        wishes.tiers.push_back(tier.name);
    }
    return wishes;
}

TestStoreOptions options_before_the_past(std::size_t partitions, std::size_t threads) {
    TestStoreOptions o;
    o.partitions = partitions;
    o.threads = threads;
    o.now = scoring::plus_ms(kTestNow, -kPastRounds * kRoundMs);
    return o;
}

void scale_money(EventBatch& batch, std::int64_t factor) {
    for (Event& event : batch.events) {
        if (auto* order = std::get_if<Order>(&event.body)) {
            order->amount.minor *= factor;
        }
    }
}

void give_a_past(ChangesPair& pair, EventMaker& maker, std::int64_t money_factor) {
    const std::size_t events = maker.customers().size() * kEventsPerCustomer / kPastRounds + 1;
    for (int round = 0; round < kPastRounds && !testing::Test::HasFailure(); ++round) {
        EventBatch batch;
        maker.add(batch, events, pair.now());
        scale_money(batch, money_factor);
        pair.submit(std::move(batch));
        pair.expect_same_end();
        pair.run_clock_to(scoring::plus_ms(pair.now(), kRoundMs));
    }
    pair.expect_same_picture();
}

std::int64_t random_step_ms(EventMaker& dice) {
    switch (dice.whole(0, 9)) {
        case 0:
            return dice.whole(1, 3);
        case 1:
            return dice.whole(1, 3'000);
        case 2:
        case 3:
            return dice.whole(1, 12 * kHourMs);
        case 4:
            return kDayMs;
        case 5:
            return dice.whole(7 * kDayMs, 28 * kDayMs);
        default:
            return dice.whole(kHourMs, 7 * kDayMs);
    }
}

void run_quiet_days(ChangesPair& pair, EventMaker& dice, int days) {
    const Instant end = scoring::plus_days(pair.now(), days);
    while (pair.now() < end && !testing::Test::HasFailure()) {
        if (dice.chance(0.2)) {
            run_past_a_transition(pair, dice);
        } else {
            pair.run_clock_to(scoring::plus_ms(pair.now(), random_step_ms(dice)));
        }
    }
}

}  // namespace patron::store
