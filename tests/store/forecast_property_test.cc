// A scan's outlook on transitions to come, beside what the feed tells when the time has passed.

#include <future>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/changes_pair.h"
#include "tests/support/changes_setting.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

using scoring::kDayMs;
using Forecast = std::map<std::string, std::vector<FutureTransition>>;

class ForecastScan final : public Scan {
  public:
    ForecastScan(Instant until, std::promise<Forecast> done)
        : until_(until), done_(std::move(done)) {}

    ScanWants wants() const override { return {.transitions_until = until_}; }
    void begin(std::size_t partitions) override { rows_.resize(partitions); }
    void row(std::size_t partition, const ScanRow& row) override {
        rows_[partition].emplace_back(
            row.id, std::vector(row.transitions.begin(), row.transitions.end())
        );
    }
    void finish(const ScanEnd&) override {
        Forecast all;
        for (auto& rows : rows_) {
            for (auto& [id, transitions] : rows) {
                EXPECT_TRUE(all.emplace(id, std::move(transitions)).second) << id;
            }
        }
        done_.set_value(std::move(all));
    }
    void abandon() override { done_.set_value({}); }

  private:
    Instant until_;
    std::vector<std::vector<std::pair<std::string, std::vector<FutureTransition>>>> rows_;
    std::promise<Forecast> done_;
};

Forecast forecast(TestStore& store, std::optional<Instant> at, Instant until) {
    std::promise<Forecast> done;
    auto out = done.get_future();
    const auto refused = store->scan(std::make_unique<ForecastScan>(until, std::move(done)), at);
    EXPECT_FALSE(refused.has_value());
    return out.get();
}

std::string list(const std::vector<FutureTransition>& transitions) {
    std::string out;
    for (const FutureTransition& t : transitions) {
        out +=
            "\n    " + std::to_string(t.at.ms) + ": " + describe(t.from) + " -> " + describe(t.to);
    }
    return out;
}

void expect_same(const Forecast& got, const Forecast& expected) {
    for (const auto& [id, wanted] : expected) {
        const auto found = got.find(id);
        ASSERT_TRUE(found != got.end()) << id;
        const bool same = std::equal(
            found->second.begin(),
            found->second.end(),
            wanted.begin(),
            wanted.end(),
            [](const FutureTransition& a, const FutureTransition& b) {
                return a.at == b.at && a.from == b.from && a.to == b.to;
            }
        );
        ASSERT_TRUE(same) << id << "\n  forecast:" << list(found->second)
                          << "\n  came:" << list(wanted);
    }
    EXPECT_EQ(got.size(), expected.size());
}

TEST(ForecastProperty, WhatIsForecastComes) {
    const std::uint64_t seed = test_seed(8'901);
    const std::size_t customers = test_customers(1'000);
    std::size_t compared = 0;
    for (std::uint64_t i = 0; i < 5 && !HasFailure(); ++i) {
        SCOPED_TRACE("policy " + std::to_string(i));
        const PolicyPtr policy = i == 0 ? compiled_test_policy() : random_policy(seed + i);
        EventMaker maker(seed + i, wishes_for(*policy, customers / 5 + 1));
        ChangesPair pair(policy, options_before_the_past(4, 2));
        give_a_past(pair, maker);
        for (int round = 0; round < 3 && !HasFailure(); ++round) {
            const Instant until = scoring::plus_ms(pair.now(), 30 * kDayMs);
            const Forecast told_before = forecast(pair.store(), std::nullopt, until);
            std::uint64_t cursor = pair.store()->changes().head();
            Forecast came;
            for (const auto& [id, visible] : pair.reference().picture()) {
                came[id];
            }
            pair.run_clock_to(until);
            const auto changes = pair.store().changes_after(cursor);
            ASSERT_TRUE(changes.has_value());
            for (const Change& c : *changes) {
                came[c.id].push_back({c.at, *c.from, *c.to});
            }
            compared += changes->size();
            expect_same(told_before, came);
            EventBatch batch;
            maker.add(batch, maker.customers().size() / 2, pair.now());
            pair.submit(std::move(batch));
            pair.expect_same_end();
        }
    }
    EXPECT_GT(compared, customers / 2);
}

// As of an instant still to come, and right behind a leap that no timer has followed yet.
TEST(ForecastProperty, AForecastFromAnyInstantIsTheBruteForce) {
    const std::uint64_t seed = test_seed(8'902);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(160)));
    ChangesPair pair(policy, options_before_the_past(3, 2));
    give_a_past(pair, maker);
    for (int round = 0; round < 20 && !HasFailure(); ++round) {
        pair.set_clock(scoring::plus_ms(pair.now(), random_step_ms(maker)));
        const Instant at =
            scoring::plus_ms(pair.now(), maker.chance(0.5) ? 0 : maker.whole(0, 90 * kDayMs));
        const Instant until = scoring::plus_ms(at, maker.whole(0, 60 * kDayMs));
        const Forecast got = forecast(pair.store(), at, until);
        Forecast expected;
        for (const auto& [id, visible] : pair.reference().picture()) {
            expected[id] = pair.reference().future(id, until);
            std::erase_if(expected[id], [at](const FutureTransition& t) { return t.at <= at; });
        }
        expect_same(got, expected);
        pair.run_clock_to(pair.now());
    }
}

}  // namespace
}  // namespace patron::store
