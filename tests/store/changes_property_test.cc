// What the feed tells beside the brute force: the same changes at the same millisecond, none more, none less.

#include <algorithm>

#include <gtest/gtest.h>

#include "scoring/compiled_policy.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"
#include "tests/support/changes_pair.h"
#include "tests/support/changes_setting.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

using scoring::kDayMs;

PolicyPtr preset(std::string_view name) {
    const wire::Preset* found = wire::find_preset(name);
    EXPECT_NE(found, nullptr);
    const scoring::FactSchema schema;
    auto parsed = wire::parse_policy(found->text, schema);
    EXPECT_TRUE(parsed.has_value());
    return scoring::compile(std::move(parsed->policy), schema);
}

struct Setting {
    const char* name;
    PolicyPtr policy;
    std::int64_t money_factor;
};

std::vector<Setting> settings(std::uint64_t seed) {
    return {
        {"test policy", compiled_test_policy(), 1},
        {"loyalty", preset("loyalty"), 20},
        {"value", preset("value"), 20},
        {"vip", preset("vip"), 50},
        {"random policy", random_policy(seed), 1},
        {"another random policy", random_policy(seed + 1), 1},
        {"a third random policy", random_policy(seed + 2), 1}
    };
}

// Runs `check` once per policy, with a population that has a past.
template <class Check>
void for_settings(std::uint64_t usual_seed, std::size_t usual_customers, Check check) {
    const std::uint64_t seed = test_seed(usual_seed);
    const std::size_t customers = test_customers(usual_customers);
    std::uint64_t compared = 0;
    const std::vector<Setting> all = settings(seed);
    for (std::size_t i = 0; i < all.size() && !testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE(all[i].name);
        EventMaker maker(seed + i, wishes_for(*all[i].policy, customers / all.size() + 1));
        const auto partitions = static_cast<std::size_t>(maker.whole(1, 7));
        const auto threads = static_cast<std::size_t>(maker.whole(1, 3));
        ChangesPair pair(all[i].policy, options_before_the_past(partitions, threads));
        give_a_past(pair, maker, all[i].money_factor);
        check(pair, maker, all[i].money_factor);
        compared += pair.compared();
    }
    std::printf("[ COMPARED ] %llu changes\n", static_cast<unsigned long long>(compared));
    EXPECT_GT(compared, customers);
}

void add_on_time(EventBatch& batch, EventMaker& maker, std::size_t count, Instant now) {
    maker.add(batch, count, now);
    for (Event& event : batch.events) {
        event.at = now;
    }
}

TEST(ChangesProperty, InSilenceTheFeedIsTheBruteForce) {
    for_settings(8'101, 1'400, [](ChangesPair& pair, EventMaker& maker, std::int64_t) {
        run_quiet_days(pair, maker, 400);
        pair.expect_same_picture();
    });
}

// One event per request, some of them very late, with the clock running or standing; sometimes it is the
// event that finds the clock moved on.
TEST(ChangesProperty, WithEventsTheFeedIsTheBruteForce) {
    for_settings(8'202, 700, [](ChangesPair& pair, EventMaker& maker, std::int64_t factor) {
        const std::size_t events = 10 * maker.customers().size();
        for (std::size_t i = 0; i < events && !testing::Test::HasFailure(); ++i) {
            const bool moves = maker.chance(0.5);
            const Instant next =
                moves ? scoring::plus_ms(pair.now(), random_step_ms(maker) / 4) : pair.now();
            if (moves && maker.chance(0.5)) {
                pair.run_clock_to(next);
            }
            pair.set_clock(next);
            EventBatch batch;
            maker.add(batch, 1, next);
            scale_money(batch, factor);
            pair.submit(std::move(batch));
            pair.run_clock_to(next);
        }
        pair.expect_same_picture();
        run_quiet_days(pair, maker, 60);
    });
}

// At the same instant each event acts as of its own, so each is told alone.
TEST(ChangesProperty, EventsOfOneBatchAreToldOneByOne) {
    for_settings(8'303, 140, [](ChangesPair& pair, EventMaker& maker, std::int64_t factor) {
        for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
            const Instant next = scoring::plus_ms(pair.now(), maker.whole(0, 6 * kDayMs));
            pair.set_clock(next);
            EventBatch batch;
            add_on_time(batch, maker, static_cast<std::size_t>(maker.whole(1, 25)), next);
            scale_money(batch, factor);
            pair.submit(std::move(batch));
            pair.run_clock_to(next);
        }
        pair.expect_same_picture();
    });
}

// Late and timely events of few customers in one batch: how many changes they make is the store's choice,
// where they end is not.
TEST(ChangesProperty, MixedBatchesEndWhereTheBruteForceEnds) {
    for_settings(8'404, 140, [](ChangesPair& pair, EventMaker& maker, std::int64_t factor) {
        for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
            pair.set_clock(scoring::plus_ms(pair.now(), maker.whole(0, 6 * kDayMs)));
            EventBatch batch;
            maker.add(batch, static_cast<std::size_t>(maker.whole(1, 60)), pair.now());
            scale_money(batch, factor);
            pair.submit(std::move(batch));
            ASSERT_TRUE(pair.store().wait_for_time_and_wait(pair.now()));
            pair.expect_same_end();
        }
        pair.expect_same_picture();
        run_quiet_days(pair, maker, 30);
    });
}

}  // namespace
}  // namespace patron::store
