#include "server/wire/policy_document.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/json_place.h"
#include "tests/wire/policy_text.h"

namespace patron::wire {
namespace {

using scoring::Feature;
using scoring::FeatureKind;

// One mistake alone, told at the place where `to` stands `skip` characters in.
void expect_mistake(
    std::string_view from,
    std::string_view to,
    std::size_t skip,
    const char* pointer,
    const char* message
) {
    const std::string text = with(from, to);
    const std::vector<PolicyProblem> problems = problems_of(text);
    ASSERT_EQ(problems.size(), 1U) << to << "\n" << told(problems);
    const TextPlace place = place_at(text, std::string_view(kText).find(from) + skip);
    EXPECT_EQ((TextPlace{problems[0].line, problems[0].column}), place) << told(problems);
    EXPECT_EQ(problems[0].pointer, pointer) << told(problems);
    EXPECT_NE(problems[0].message.find(message), std::string::npos) << told(problems);
    EXPECT_TRUE(problems[0].error) << told(problems);
}

TEST(PolicyDocument, EveryMemberArrivesInThePolicy) {
    const Policy policy = policy_of(kText);
    EXPECT_EQ(policy.name, "test");
    EXPECT_EQ(policy.revision, 1U);
    EXPECT_EQ(policy.window_days, (std::vector{30, 365}));
    EXPECT_EQ(policy.horizon_days, 90);
    EXPECT_EQ(
        policy.purchase,
        (scoring::PurchaseParams{scoring::PurchaseModel::MbgNbd, 0.5, 6, 0.9, 1.6, 7})
    );
    EXPECT_EQ(policy.purchase_source, "a test");
    EXPECT_EQ(policy.signal_weights[0], 0.8);
    EXPECT_EQ(policy.signal_weights[1], 0);
    EXPECT_EQ(policy.bands.high, 0.8);
    EXPECT_EQ(policy.lifecycle.dormant.unit, scoring::LimitUnit::Days);
    EXPECT_EQ(policy.lifecycle.dormant.value, 180);
    EXPECT_EQ(policy.lifecycle.churned.unit, scoring::LimitUnit::Intervals);
    EXPECT_EQ(policy.lifecycle.churned.value, 6);
    EXPECT_EQ(policy.lifecycle.churned.days, 365);
    EXPECT_EQ(policy.follow_up.cadence_factor[3], 0.25);
    EXPECT_EQ(policy.dimensions.at(0).norm.at(1).at, 10050);
    EXPECT_EQ(policy.rfm->r, (std::array<double, 4>{-365, -180, -90, 0}));
    EXPECT_FALSE(std::signbit(policy.rfm->r[3]));
    EXPECT_EQ(policy.rfm->m[0], 20000);
    EXPECT_EQ(policy.grace_days, 30);
    EXPECT_EQ(policy.max_step, 1);
    EXPECT_EQ(policy.currencies.rates.size(), 2U);
    EXPECT_EQ(policy.currencies.rates[0], *scoring::parse_rate({'U', 'S', 'D'}, "7.12"));
    EXPECT_EQ(policy.currencies.rates[1], *scoring::parse_rate({'J', 'P', 'Y'}, "0.05"));
}

TEST(PolicyDocument, MinusZeroIsZero) {
    const Policy policy = policy_of(with("\"grace_days\": 30", "\"grace_days\": -0.0"));
    EXPECT_EQ(policy.grace_days, 0);
    EXPECT_FALSE(std::signbit(policy.grace_days));
}

TEST(PolicyDocument, RulesAreAlternativesOfComparisons) {
    const Policy policy = policy_of(kText);
    const scoring::Tier& gold = policy.tiers.at(1);
    ASSERT_EQ(gold.enter.size(), 2U);
    ASSERT_EQ(gold.enter[0].size(), 3U);
    EXPECT_EQ(gold.enter[0][0].feature, (Feature{FeatureKind::SpendWindow, 1}));
    EXPECT_EQ(gold.enter[0][0].threshold, 500000);
    EXPECT_EQ(gold.enter[0][2].comparison, scoring::Comparison::AtMost);
    EXPECT_EQ(gold.enter[0][2].threshold, 900);
    EXPECT_EQ(gold.enter[1][0].allowed, (std::vector<double>{2, 1}));
    ASSERT_TRUE(gold.keep);
    EXPECT_EQ(gold.keep->at(0)[0].threshold, 400005);
    EXPECT_FALSE(policy.tiers[0].keep);
}

TEST(PolicyDocument, AStageSaysOnlyWhatDiffers) {
    const Policy policy = policy_of(kText);
    EXPECT_EQ(policy.service_for(1, scoring::Stage::Active).cadence_days, 30);
    EXPECT_EQ(policy.service_for(1, scoring::Stage::AtRisk).cadence_days, 7);
    EXPECT_EQ(policy.service_for(1, scoring::Stage::AtRisk).level, "A");
    EXPECT_EQ(
        policy.service_for(1, scoring::Stage::AtRisk).benefits, std::vector<std::string>{"gift"}
    );
    EXPECT_EQ(policy.service_for(0, scoring::Stage::AtRisk).level, "B");
}

TEST(PolicyDocument, UnknownMembersAreToldWithTheNearestName) {
    expect_mistake("\"grace_days\"", "\"x\": 1, \"grace_days\"", 0, "/x", "unknown member \"x\"");
    expect_mistake(
        "\"signals\": {\"complaint\"",
        "\"signals\": {\"complain\"",
        12,
        "/signals/complain",
        "did you mean \"complaint\"?"
    );
    expect_mistake("\"keep\"", "\"keeps\"", 0, "/tiers/1/keeps", "did you mean \"keep\"?");
}

TEST(PolicyDocument, UnknownFeaturesAreToldWithTheNearestName) {
    expect_mistake(
        "\"enter\": [{\"spend_365d\"",
        "\"enter\": [{\"spend_356d\"",
        11,
        "/tiers/1/enter/0/spend_356d",
        "unknown feature \"spend_356d\": windows_days has no such window (did you mean "
        "\"spend_365d\"?)"
    );
    expect_mistake(
        "\"enter\": [{\"spend_365d\"",
        "\"enter\": [{\"spent_365d\"",
        11,
        "/tiers/1/enter/0/spent_365d",
        "did you mean \"spend_365d\"?"
    );
    expect_mistake(
        "\"feature\": \"spend_365d\"",
        "\"feature\": \"recncy_whole_days\"",
        11,
        "/value_index/0/feature",
        "did you mean \"recency_whole_days\"?"
    );
}

TEST(PolicyDocument, RepeatedMembersAreMistakes) {
    expect_mistake(
        "\"grace_days\": 30",
        "\"grace_days\": 30, \"grace_days\": 31",
        18,
        "/grace_days",
        "written twice"
    );
    expect_mistake(
        "\"orders_365d\": {\">=\": 4,",
        "\"spend_365d\": {\">=\": 4,",
        0,
        "/tiers/1/enter/0/spend_365d",
        "written twice"
    );
    expect_mistake("\"JPY\"", "\"USD\"", 0, "/currencies/USD", "written twice");
}

TEST(PolicyDocument, MissingMembersAreToldWhereTheyBelong) {
    expect_mistake(
        "  \"max_step\": 1,\n",
        "",
        0 - std::string_view(kText).find("  \"max_step\""),
        "/max_step",
        "\"max_step\" is missing"
    );
    expect_mistake(
        "\"medium\": 0.5, \"high\": 0.8",
        "\"high\": 0.8",
        0 - std::size_t{1},
        "/risk_bands/medium",
        "is missing"
    );
    expect_mistake(
        "\"level\": \"B\", ",
        "",
        0 - std::size_t{1},
        "/service/standard/default/level",
        "is missing"
    );
}

TEST(PolicyDocument, WrongTypesAreMistakes) {
    expect_mistake("\"test\"", "7", 0, "/name", "must be a string, not a number");
    expect_mistake(
        "\"horizon_days\": 90",
        "\"horizon_days\": \"90\"",
        16,
        "/horizon_days",
        "must be a number, not a string"
    );
    expect_mistake(
        "\"prior\": true", "\"prior\": 1", 9, "/purchase_model/prior", "must be true or false"
    );
    expect_mistake(
        "{\"medium\": 0.5, \"high\": 0.8, \"hysteresis\": 0.03}",
        "[]",
        0,
        "/risk_bands",
        "must be an object, not a list"
    );
    expect_mistake("\"max_step\": 1", "\"max_step\": 1.0", 12, "/max_step", "whole number");
    expect_mistake("\"max_step\": 1", "\"max_step\": 4294967296", 12, "/max_step", "out of range");
    expect_mistake(
        "\"horizon_days\": 90", "\"horizon_days\": 1e999", 16, "/horizon_days", "out of the range"
    );
    expect_mistake(
        "[\"phone\"]", "null", 0, "/service/gold/default/channels", "must be a list, not null"
    );
    expect_mistake(
        "{\">=\": 1}",
        "1",
        0,
        "/tiers/1/keep/1/strategic",
        "needs a comparison, such as {\">=\": 1}"
    );
    expect_mistake("{\">=\": 1}", "{}", 0, "/tiers/1/keep/1/strategic", "needs one of");
    expect_mistake(
        "{\">=\": 1}",
        "{\">\": 1}",
        1,
        "/tiers/1/keep/1/strategic/>",
        "unknown member \">\" (did you mean \">=\"?)"
    );
    expect_mistake("\"key\"", "\"kez\"", 0, "/tiers/1/enter/1/strategic/in/0", "did you mean");
    expect_mistake(
        "\"mbg_nbd\"", "\"mbgnbd\"", 0, "/purchase_model/type", "did you mean \"mbg_nbd\"?"
    );
    expect_mistake("[100.50, 100]", "[100.50]", 0, "/value_index/0/breakpoints/1", "needs 2");
    expect_mistake("[1, 2, 4, 8]", "[1, 2, 4]", 0, "/rfm/f", "needs 4");
    expect_mistake("90, 0]", "90, -1]", 4, "/rfm/r/3", "at least 0");
    expect_mistake(
        "{\"days\": 180}",
        "{\"days\": 180, \"intervals\": 2, \"probability\": 0.5}",
        0,
        "/lifecycle/dormant",
        "not as both"
    );
}

TEST(PolicyDocument, MoneyIsReadDigitByDigit) {
    const char* path = "/tiers/1/keep/0/spend_365d/>=";
    expect_mistake("\"4000.05\"", "\"4000.055\"", 0, path, "more decimals than CNY (2)");
    expect_mistake("\"4000.05\"", "4000.055", 0, path, "more decimals than CNY (2)");
    expect_mistake("\"4000.05\"", "\"4,000\"", 0, path, "no amount");
    expect_mistake("\"4000.05\"", "\"\"", 0, path, "no amount");
    expect_mistake("\"4000.05\"", "99999999999999999999", 0, path, "more money");
    EXPECT_EQ(policy_of(with("\"4000.05\"", "0.29")).tiers[1].keep->at(0)[0].threshold, 29);
    FactSchema yen;
    yen.currency = "JPY";
    yen.currency_digits = 0;
    const auto document = parse_policy(kText, yen);
    ASSERT_FALSE(document);
    EXPECT_NE(told(document.error()).find("more decimals than JPY (0)"), std::string::npos)
        << told(document.error());
}

TEST(PolicyDocument, TiersOfTheServiceTableAreThoseOfThePolicy) {
    const std::vector<PolicyProblem> problems =
        problems_of(with("\"gold\": {\"default\"", "\"glod\": {\"default\""));
    ASSERT_EQ(problems.size(), 2U) << told(problems);
    EXPECT_NE(told(problems).find("\"gold\" is missing at /service/gold"), std::string::npos);
    EXPECT_NE(
        told(problems).find("unknown tier \"glod\" (did you mean \"gold\"?)"), std::string::npos
    );
}

TEST(PolicyDocument, CurrenciesAreKnownAndRatesAreRates) {
    expect_mistake("\"USD\"", "\"USX\"", 0, "/currencies/USX", "unknown currency");
    expect_mistake("\"7.12\"", "\"-7.12\"", 0, "/currencies/USD", "no exchange rate");
    expect_mistake("\"7.12\"", "{}", 0, "/currencies/USD", "exchange rate");
    expect_mistake("\"USD\": \"7.12\"", "\"CNY\": \"1\"", 7, "/currencies/CNY", "base currency");
}

// One mistake alone, told where `anchor` stands in the changed text.
void expect_lint(
    const std::string& text, std::string_view anchor, const char* pointer, const char* message
) {
    const std::vector<PolicyProblem> problems = problems_of(text);
    ASSERT_EQ(problems.size(), 1U) << told(problems);
    const TextPlace place = place_at(text, text.find(anchor));
    EXPECT_EQ(problems[0].line, place.line) << told(problems);
    EXPECT_EQ(problems[0].column, place.column) << told(problems);
    EXPECT_EQ(problems[0].pointer, pointer) << told(problems);
    EXPECT_NE(problems[0].message.find(message), std::string::npos) << told(problems);
    EXPECT_TRUE(problems[0].error);
}

TEST(PolicyDocument, WhatLintFindsStandsAtItsPlace) {
    expect_lint(
        with("\"hysteresis\": 0.03", "\"hysteresis\": 0.7"),
        "0.7}",
        "/risk_bands/hysteresis",
        "must be at least 0"
    );
    expect_lint(
        with("\"<=\": 900", "\"<=\": 3"),
        "{\"spend_365d\": {\">=\": 5000}",
        "/tiers/1/enter/0",
        "can never hold: orders_365d >= 4 and orders_365d <= 3"
    );
    expect_lint(
        with("\"weight\": 1", "\"weight\": 0.5"),
        "[\n    {\"name\": \"spend\"",
        "/value_index",
        "add up to 0.5"
    );
    std::string gap = with(",\n               {\"strategic\": {\"in\": [\"key\", 1]}}]", "]");
    const std::string_view keep =
        "[{\"spend_365d\": {\">=\": \"4000.05\"}}, {\"strategic\": {\">=\": 1}}]";
    gap.replace(gap.find(keep), keep.size(), "[{\"spend_365d\": {\">=\": 6000}}]");
    expect_lint(gap, "[{\"spend_365d\": {\">=\": 6000}}]", "/tiers/1/keep", "leaves a gap");
}

TEST(PolicyDocument, WhatStagesShareIsToldOnceAndAtTheDefault) {
    expect_lint(
        with("\"response_hours\": 48", "\"response_hours\": -48"),
        "-48",
        "/service/standard/default/response_hours",
        "between 0 and 8760"
    );
    expect_lint(
        with("\"cadence_days\": 7", "\"cadence_days\": -7"),
        "-7",
        "/service/gold/at_risk/cadence_days",
        "between 0 and 3650"
    );
}

TEST(PolicyDocument, WarningsDoNotRefuse) {
    const auto document =
        parse_policy(with("\"source\": \"a test\"", "\"source\": \"\""), FactSchema{});
    ASSERT_TRUE(document);
    ASSERT_EQ(document->warnings.size(), 1U);
    EXPECT_FALSE(document->warnings[0].error);
    EXPECT_EQ(document->warnings[0].pointer, "/purchase_model/source");
    EXPECT_EQ(document->warnings[0].line, 5U);
}

TEST(PolicyDocument, SyntaxMistakesHaveLineAndColumn) {
    const std::vector<PolicyProblem> problems =
        problems_of(with("\"horizon_days\": 90,", "\"horizon_days\" 90,"));
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].line, 4U);
    EXPECT_EQ(problems[0].column, 18U);
    EXPECT_NE(problems[0].message.find("syntax error"), std::string::npos);
}

TEST(PolicyDocument, AllMistakesAreToldAtOnceInTheOrderOfTheText) {
    std::string text = with("\"test\"", "7");
    const auto change = [&](std::string_view from, std::string_view to) {
        text.replace(text.find(from), from.size(), to);
    };
    change("\"high\": 0.8", "\"high\": 1.8");                          // lint
    change("\"enter\": [{\"spend_365d\"", "\"enter\": [{\"x_365d\"");  // reader
    change("\"grace_days\": 30", "\"grace_days\": -1");                // lint
    change("\"7.12\"", "\"seven\"");                                   // reader
    const std::vector<PolicyProblem> problems = problems_of(text);
    ASSERT_EQ(problems.size(), 5U) << told(problems);
    EXPECT_EQ(problems[0].pointer, "/name");
    EXPECT_EQ(problems[1].pointer, "/risk_bands/high");
    EXPECT_EQ(problems[2].pointer, "/tiers/1/enter/0/x_365d");
    EXPECT_EQ(problems[3].pointer, "/grace_days");
    EXPECT_EQ(problems[4].pointer, "/currencies/USD");
}

TEST(PolicyDocument, MistakesAreBounded) {
    std::string members;
    for (int i = 0; i < 500; ++i) {
        members += "\"unknown_" + std::to_string(i) + "\": 1, ";
    }
    EXPECT_EQ(
        problems_of(with("\"grace_days\"", members + "\"grace_days\"")).size(), kPolicyProblemsMax
    );
}

TEST(PolicyDocument, OneMistakeIsNotToldTwice) {
    // Broken windows do not make every windowed feature unknown, nor the rules that read them
    // wrong.
    expect_mistake("[30, 365]", "[30, \"365\"]", 5, "/windows_days/1", "whole number");
    expect_mistake(
        "\"rfm\": {\"r\": [365, 180, 90, 0]",
        "\"rfm\": {\"r\": [\"365\", 180, 90, 0]",
        14,
        "/rfm/r/0",
        "must be a number"
    );
    expect_mistake("\"name\": \"gold\", ", "", 0 - std::size_t{1}, "/tiers/1/name", "is missing");
}

TEST(PolicyDocument, AnEmptyDocumentNamesEverythingThatIsMissing) {
    const std::vector<PolicyProblem> problems = problems_of("{}");
    std::vector<std::string> pointers;
    for (const PolicyProblem& problem : problems) {
        pointers.push_back(problem.pointer);
    }
    for (const char* member :
         {"/name",
          "/windows_days",
          "/horizon_days",
          "/purchase_model",
          "/response_target_hours",
          "/risk_bands",
          "/lifecycle",
          "/follow_up",
          "/tiers",
          "/grace_days",
          "/max_step",
          "/service"}) {
        EXPECT_EQ(std::ranges::count(pointers, member), 1) << member;
    }
    EXPECT_EQ(problems.size(), 12U) << told(problems);
    EXPECT_EQ(problems_of("[]").size(), 1U) << told(problems_of("[]"));
}

}  // namespace
}  // namespace patron::wire
