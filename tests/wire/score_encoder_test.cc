#include "server/wire/score_encoder.h"

#include <array>
#include <memory>
#include <random>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/wire/policy_presets.h"
#include "store/limits.h"
#include "tests/support/seed.h"

namespace patron::wire {
namespace {

namespace json = boost::json;
using scoring::Instant;
using store::Reading;

struct World {
    explicit World(int digits = 2) {
        scoring::FactSchema schema;
        schema.currency_digits = digits;
        policy = scoring::compile(default_policy({}), schema);
        texts = std::make_unique<PolicyTexts>(*policy);
    }
    std::shared_ptr<const scoring::CompiledPolicy> policy;
    std::unique_ptr<PolicyTexts> texts;
};

const World& world() {
    static const World kWorld;
    return kWorld;
}

scoring::Feature feature(std::string_view name) {
    return *scoring::parse_feature(name, world().policy->policy.window_days);
}

// The customer of the design page's example.
Reading example() {
    Reading r;
    scoring::Standing& s = r.standing;
    s.state.tier = 2;
    s.state.tier_by_rules = 2;
    s.state.band = scoring::Band::Low;
    s.state.stage = scoring::Stage::Active;
    s.state.since = Instant{1'700'000'000'000};
    s.state.follow_up_due = Instant{1'772'000'000'000};
    s.next_transition = Instant{1'773'000'000'123};
    s.value_index = 63.2;
    s.to_next = {120'000, Instant{1'773'000'000'000}, feature("spend_365d")};
    s.outlook_known = true;
    r.score = {Instant{1'771'000'000'000}, 0.18341, 0.93021, 0.5};
    r.policy = world().policy.get();
    r.seq = 981'273;
    return r;
}

std::string encoded(const Reading& reading, std::string_view id = "C42", const World& w = world()) {
    ByteWriter out(16);
    append_score(out, *w.texts, id, reading);
    return std::string(out.view());
}

std::string by_members(
    const Reading& reading, std::string_view id = "C42", ScoreMembers members = kAllScoreMembers
) {
    ByteWriter out(16);
    append_score_members(out, *world().texts, id, reading, members);
    return std::string(out.view());
}

TEST(ScoreEncoder, WritesEveryMemberInItsOrder) {
    EXPECT_EQ(
        encoded(example()),
        R"({"customer_id":"C42","tier":"gold","tier_by_rules":"gold",)"
        R"("tier_label":{"en":"Gold","zh":"黄金"},"since":"2023-11-14T22:13:20Z",)"
        R"("valid_until":"2026-03-08T20:00:00.123Z","next_tier":"platinum",)"
        R"("gap_to_next":{"feature":"spend_365d","missing":1200.00,"by":"2026-03-08T20:00:00Z"},)"
        R"("required_to_keep":null,"service_level":)" +
            std::string(world().texts->service_level(2, scoring::Stage::Active)) +
            R"(,"value_index":63.20,"churn_risk":0.18341,"risk_band":"low","p_alive":0.93021,)"
            R"("lifecycle":"active","clv":null,"follow_up_due_at":"2026-02-25T06:13:20Z",)"
            R"("next_transition_at":"2026-03-08T20:00:00.123Z","override":null,)"
            R"("policy":"default@1","seq":981273,"as_of":"2026-02-13T16:26:40Z"})"
    );
}

TEST(ScoreEncoder, UnknownIsNull) {
    Reading r = example();
    r.standing.state = {};
    r.standing.value_index = scoring::kUnknown;
    r.standing.to_next = {};
    r.standing.next_transition = scoring::kNever;
    r.score.churn_risk = scoring::kUnknown;
    r.score.p_alive = scoring::kUnknown;
    const json::object score = json::parse(encoded(r)).as_object();
    for (const std::string_view member :
         {"since",
          "valid_until",
          "gap_to_next",
          "required_to_keep",
          "value_index",
          "churn_risk",
          "risk_band",
          "p_alive",
          "clv",
          "follow_up_due_at",
          "next_transition_at",
          "override"}) {
        EXPECT_TRUE(score.at(member).is_null()) << member;
    }
    EXPECT_EQ(score.at("lifecycle"), "prospect");
}

TEST(ScoreEncoder, TheHighestTierHasNoNext) {
    Reading r = example();
    r.standing.state.tier_by_rules = 3;
    EXPECT_TRUE(json::parse(encoded(r)).at("next_tier").is_null());
}

TEST(ScoreEncoder, AnOverrideIsShownBesideTheRules) {
    Reading r = example();
    r.standing.state.tier = 3;
    r.standing.override_kind = scoring::OverrideKind::Floor;
    r.standing.override_tier = 3;
    r.standing.override_until = Instant{1'772'000'000'000};
    const json::value score = json::parse(encoded(r));
    EXPECT_EQ(score.at("tier"), "platinum");
    EXPECT_EQ(score.at("tier_by_rules"), "gold");
    EXPECT_EQ(
        json::serialize(score.at("override")),
        R"({"mode":"floor","tier":"platinum","until":"2026-02-25T06:13:20Z"})"
    );
}

TEST(ScoreEncoder, ALowerBoundIsNotSoldAsATransition) {
    Reading r = example();
    r.standing.next_transition_bound = true;
    const json::value score = json::parse(encoded(r));
    EXPECT_TRUE(score.at("next_transition_at").is_null());
    EXPECT_EQ(score.at("valid_until"), "2026-03-08T20:00:00.123Z");
}

TEST(ScoreEncoder, GapsAreEnoughAndInTheirUnit) {
    Reading r = example();
    const auto missing = [&r](double amount, std::string_view name) {
        r.standing.to_next = {amount, scoring::kNever, feature(name)};
        const std::string text = encoded(r);
        const std::size_t at = text.find(R"("missing":)") + 10;
        return text.substr(at, text.find(',', at) - at);
    };
    EXPECT_EQ(missing(5, "spend_365d"), "0.05");
    EXPECT_EQ(missing(99.5, "spend_lifetime"), "1.00");
    EXPECT_EQ(missing(3, "orders_365d"), "3");
    EXPECT_EQ(missing(1.0000001, "value_index"), "1.00001");
}

TEST(ScoreEncoder, MoneyHasTheCurrencysDigits) {
    for (const auto& [digits, text] :
         {std::pair(0, "120000"), std::pair(2, "1200.00"), std::pair(3, "120.000")}) {
        const World other(digits);
        Reading r = example();
        EXPECT_NE(
            encoded(r, "C", other).find(std::string(R"("missing":)") + text + ","),
            std::string::npos
        ) << digits;
    }
}

TEST(ScoreEncoder, WhateverAnIdHoldsTheAnswerIsJson) {
    for (const std::string_view id : {"a\"b", "\\", "客户", "{\"x\":1}", "a/b", "</script>"}) {
        EXPECT_EQ(json::parse(encoded(example(), id)).at("customer_id").as_string(), id);
        EXPECT_EQ(encoded(example(), id), by_members(example(), id));
    }
    const std::string longest(store::limits::kCustomerIdBytesMax, '"');
    EXPECT_EQ(json::parse(encoded(example(), longest)).at("customer_id").as_string(), longest);
}

TEST(ScoreEncoder, AnswersWhereTheMovingMembersBegin) {
    ByteWriter out;
    out.append("before");
    const std::size_t at = append_score(out, *world().texts, "C42", example());
    EXPECT_TRUE(out.view().substr(at).starts_with(R"(,"seq":981273,"as_of":)"));
}

TEST(ScoreEncoder, ChosenMembersAlone) {
    const ScoreMembers two = bit(ScoreMember::Tier) | bit(ScoreMember::ChurnRisk);
    EXPECT_EQ(by_members(example(), "C42", two), R"({"tier":"gold","churn_risk":0.18341})");
    EXPECT_EQ(by_members(example(), "C42", 0), "{}");
    EXPECT_EQ(find_score_member("risk_band"), ScoreMember::RiskBand);
    EXPECT_EQ(find_score_member("risk"), std::nullopt);
}

// A reading with anything in it that a store can put there.
class RandomReading {
  public:
    explicit RandomReading(std::uint64_t seed) : random_(seed) {}

    Reading next() {
        Reading r = example();
        scoring::Standing& s = r.standing;
        s.state.tier = static_cast<std::uint8_t>(below(4));
        s.state.tier_by_rules = static_cast<std::uint8_t>(below(4));
        s.state.band = static_cast<scoring::Band>(below(scoring::kBands));
        s.state.stage = static_cast<scoring::Stage>(below(scoring::kStages));
        s.state.since = instant();
        s.state.follow_up_due = instant();
        s.next_transition = instant();
        s.next_transition_bound = below(4) == 0;
        s.value_index = number(100);
        s.to_next = gap();
        s.to_keep = gap();
        s.override_kind = static_cast<scoring::OverrideKind>(below(4));
        s.override_tier = static_cast<std::uint8_t>(below(4));
        s.override_until = instant();
        r.score = {instant(), number(1), number(1), number(1)};
        r.seq = random_() >> below(60);
        return r;
    }

  private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    double number(double max) {
        return below(5) == 0 ? scoring::kUnknown
                             : max * static_cast<double>(below(1'000'001)) / 1'000'000.0;
    }
    Instant instant() {
        const std::uint64_t kind = below(6);
        return kind == 0   ? scoring::kNever
               : kind == 1 ? scoring::kLongAgo
                           : Instant{static_cast<std::int64_t>(below(4'000'000'000'000))};
    }
    scoring::TimedGap gap() {
        static const std::array kFeatures{
            feature("spend_30d"),
            feature("orders_365d"),
            feature("value_index"),
            feature("spend_lifetime")
        };
        const double missing = below(4) == 0 ? 0 : static_cast<double>(below(1'000'000'000)) / 8;
        return {missing, instant(), kFeatures[below(kFeatures.size())]};
    }

    std::mt19937_64 random_;
};

TEST(ScoreEncoder, TheFastWayAndTheMembersOneByOneAgree) {
    RandomReading readings(test_seed(42));
    for (int i = 0; i < 20'000; ++i) {
        const Reading reading = readings.next();
        const std::string text = encoded(reading);
        ASSERT_EQ(text, by_members(reading));
        boost::system::error_code error;
        json::parse(text, error);
        ASSERT_FALSE(error) << text;
    }
}

}  // namespace
}  // namespace patron::wire
