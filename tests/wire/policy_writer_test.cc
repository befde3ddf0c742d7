#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "scoring/policy_lint.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"
#include "tests/wire/policy_text.h"

namespace patron::wire {
namespace {

bool same(const scoring::Rule& a, const scoring::Rule& b) {
    return std::ranges::equal(a, b, [](const scoring::Clause& x, const scoring::Clause& y) {
        return std::ranges::equal(x, y, [](const scoring::Atom& p, const scoring::Atom& q) {
            return p.feature == q.feature && p.comparison == q.comparison &&
                   p.threshold == q.threshold && p.allowed == q.allowed;
        });
    });
}

bool same(const scoring::Label& a, const scoring::Label& b) {
    return a.en == b.en && a.zh == b.zh;
}

bool same(const scoring::SilenceLimit& a, const scoring::SilenceLimit& b) {
    return a.unit == b.unit && a.value == b.value && a.days == b.days;
}

void expect_same_tiers(const Policy& a, const Policy& b) {
    ASSERT_EQ(a.tiers.size(), b.tiers.size());
    for (std::size_t i = 0; i < a.tiers.size(); ++i) {
        EXPECT_EQ(a.tiers[i].name, b.tiers[i].name);
        EXPECT_TRUE(same(a.tiers[i].label, b.tiers[i].label));
        EXPECT_TRUE(same(a.tiers[i].enter, b.tiers[i].enter));
        ASSERT_EQ(a.tiers[i].keep.has_value(), b.tiers[i].keep.has_value());
        EXPECT_TRUE(!a.tiers[i].keep || same(*a.tiers[i].keep, *b.tiers[i].keep));
    }
    ASSERT_EQ(a.service.size(), b.service.size());
    for (std::size_t i = 0; i < a.service.size(); ++i) {
        EXPECT_EQ(a.service[i].level, b.service[i].level);
        EXPECT_EQ(a.service[i].cadence_days, b.service[i].cadence_days);
        EXPECT_EQ(a.service[i].response_hours, b.service[i].response_hours);
        EXPECT_EQ(a.service[i].channels, b.service[i].channels);
        EXPECT_EQ(a.service[i].benefits, b.service[i].benefits);
    }
}

void expect_same_value(const Policy& a, const Policy& b) {
    ASSERT_EQ(a.dimensions.size(), b.dimensions.size());
    for (std::size_t i = 0; i < a.dimensions.size(); ++i) {
        EXPECT_EQ(a.dimensions[i].name, b.dimensions[i].name);
        EXPECT_EQ(a.dimensions[i].feature, b.dimensions[i].feature);
        EXPECT_EQ(a.dimensions[i].weight, b.dimensions[i].weight);
        EXPECT_TRUE(std::ranges::equal(
            a.dimensions[i].norm,
            b.dimensions[i].norm,
            [](const auto& x, const auto& y) { return x.at == y.at && x.points == y.points; }
        ));
    }
    ASSERT_EQ(a.rfm.has_value(), b.rfm.has_value());
    if (a.rfm) {
        EXPECT_EQ(a.rfm->r, b.rfm->r);
        EXPECT_EQ(a.rfm->f, b.rfm->f);
        EXPECT_EQ(a.rfm->m, b.rfm->m);
    }
}

void expect_same(const Policy& a, const Policy& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.revision, b.revision);
    EXPECT_TRUE(same(a.label, b.label));
    EXPECT_EQ(a.window_days, b.window_days);
    EXPECT_EQ(a.horizon_days, b.horizon_days);
    EXPECT_EQ(a.purchase, b.purchase);
    EXPECT_EQ(a.purchase_source, b.purchase_source);
    EXPECT_EQ(a.purchase_is_prior, b.purchase_is_prior);
    EXPECT_EQ(a.signal_weights, b.signal_weights);
    EXPECT_EQ(a.response_target_hours, b.response_target_hours);
    EXPECT_EQ(a.bands.medium, b.bands.medium);
    EXPECT_EQ(a.bands.high, b.bands.high);
    EXPECT_EQ(a.bands.hysteresis, b.bands.hysteresis);
    EXPECT_EQ(a.lifecycle.new_days, b.lifecycle.new_days);
    EXPECT_TRUE(same(a.lifecycle.dormant, b.lifecycle.dormant));
    EXPECT_TRUE(same(a.lifecycle.churned, b.lifecycle.churned));
    EXPECT_EQ(a.lifecycle.won_back_days, b.lifecycle.won_back_days);
    EXPECT_EQ(a.follow_up.cadence_factor, b.follow_up.cadence_factor);
    EXPECT_EQ(a.follow_up.contact_pressure_max, b.follow_up.contact_pressure_max);
    EXPECT_EQ(a.grace_days, b.grace_days);
    EXPECT_EQ(a.max_step, b.max_step);
    EXPECT_EQ(a.currencies, b.currencies);
    expect_same_value(a, b);
    expect_same_tiers(a, b);
}

void expect_round_trip(const Policy& policy, const FactSchema& schema) {
    const std::string text = write_policy(policy, schema);
    const auto again = parse_policy(text, schema);
    ASSERT_TRUE(again) << told(again ? std::vector<PolicyProblem>{} : again.error()) << text;
    expect_same(policy, again->policy);
    EXPECT_EQ(write_policy(again->policy, schema), text);
}

TEST(WritePolicy, WhatIsWrittenReadsBackAsTheSamePolicy) {
    expect_round_trip(policy_of(kText), FactSchema{});
    for (const Preset& preset : presets()) {
        expect_round_trip(policy_of(std::string(preset.text)), FactSchema{});
    }
}

double nice(std::mt19937_64& random, double low, double high) {
    return std::uniform_real_distribution(low, high)(random);
}

Policy random_policy(std::mt19937_64& random) {
    Policy policy = policy_of(kText);
    policy.revision = static_cast<std::uint32_t>(1 + random() % 0xFFFFFFFF);
    policy.label = {"quote \" and \\ and \n", "客户"};
    policy.purchase.alpha = nice(random, 1e-9, 1e3) * 1e-3;
    policy.purchase.b = nice(random, 1, 1e11);
    for (double& weight : policy.signal_weights) {
        weight = nice(random, -10, 10);
    }
    policy.bands = {nice(random, 0.3, 0.5), nice(random, 0.6, 0.99), nice(random, 0, 0.09)};
    policy.lifecycle.dormant = {scoring::LimitUnit::Probability, nice(random, 0.01, 0.9), 100.25};
    policy.grace_days = nice(random, 0, 3650);
    policy.dimensions[0].norm = {
        {-static_cast<double>(random() % 100000), nice(random, 0, 100)},
        {static_cast<double>(random() % 100000000000), nice(random, 0, 100)}
    };
    policy.service[random() % policy.service.size()] = {
        "S \t", nice(random, 0, 100), nice(random, 0, 100), {"a", "b"}, {}
    };
    const auto cents = static_cast<double>(random() % 1000000);
    policy.tiers[1].enter[0][0].threshold = cents;
    policy.tiers[1].keep->at(0)[0].threshold = cents;
    return policy;
}

TEST(WritePolicy, RandomPoliciesReadBackToTheLastBit) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        const Policy policy = random_policy(random);
        ASSERT_FALSE(scoring::has_errors(scoring::lint(policy, FactSchema{})));
        expect_round_trip(policy, FactSchema{});
    }
}

}  // namespace
}  // namespace patron::wire
