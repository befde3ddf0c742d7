#include "store/attributes.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

Profile region(std::string_view name) {
    Profile p;
    p.region = name;
    return p;
}

Override pin(std::string_view tier) {
    Override o;
    o.mode = OverrideMode::Pin;
    o.tier = tier;
    o.reason = "because";
    o.by = "li";
    return o;
}

TEST(CustomerAttributes, KnowNothingAtFirst) {
    const CustomerAttributes none;
    EXPECT_TRUE(std::isnan(none.facts().influence));
    EXPECT_TRUE(std::isnan(none.facts().strategic));
    EXPECT_TRUE(std::isnan(none.facts().expert_score));
    EXPECT_FALSE(none.facts().do_not_contact);
    EXPECT_EQ(none.facts().customer_since, scoring::kNever);
    EXPECT_EQ(none.tier_override(), scoring::TierOverride{});
    EXPECT_EQ(none.override_details(), std::nullopt);
    EXPECT_EQ(none.details().region, "");
}

TEST(CustomerAttributes, TellEveryFieldOfAProfile) {
    CustomerAttributes a;
    Profile p = region("north");
    p.customer_since = Instant{42};
    p.influence = 70;
    p.strategic = Strategic::Key;
    p.expert_score = 55;
    p.preferred_channel = "phone";
    p.do_not_contact = true;
    p.industry = "steel";
    p.owner = "wang";
    p.birthday = "1990-02-28";
    p.tags = std::vector<std::string_view>{"a", "b"};
    a.apply(p, {{100}, 1});
    const ProfileDetails d = a.details();
    EXPECT_EQ(d.facts.customer_since.ms, 42);
    EXPECT_EQ(d.facts.influence, 70);
    EXPECT_EQ(d.facts.strategic, 2);
    EXPECT_EQ(d.facts.expert_score, 55);
    EXPECT_TRUE(d.facts.do_not_contact);
    EXPECT_EQ(d.preferred_channel, "phone");
    EXPECT_EQ(d.region, "north");
    EXPECT_EQ(d.industry, "steel");
    EXPECT_EQ(d.owner, "wang");
    EXPECT_EQ(d.birthday, "1990-02-28");
    EXPECT_EQ(d.tags, (std::vector<std::string>{"a", "b"}));
}

TEST(CustomerAttributes, AnAbsentFieldLeavesWhatIsKnown) {
    CustomerAttributes a;
    a.apply(region("north"), {{1}, 1});
    Profile other;
    other.owner = "li";
    a.apply(other, {{2}, 2});
    EXPECT_EQ(a.details().region, "north");
    EXPECT_EQ(a.details().owner, "li");
}

TEST(CustomerAttributes, TheLaterInstantWinsThenTheEventThenTheValue) {
    CustomerAttributes a;
    a.apply(region("new"), {{20}, 1});
    a.apply(region("old"), {{10}, 9});
    EXPECT_EQ(a.details().region, "new");
    a.apply(region("greater event"), {{20}, 2});
    a.apply(region("smaller event"), {{20}, 1});
    EXPECT_EQ(a.details().region, "greater event");
    a.apply(region("x: greater value"), {{20}, 2});
    a.apply(region("a: smaller value"), {{20}, 2});
    EXPECT_EQ(a.details().region, "x: greater value");
}

TEST(CustomerAttributes, TheSameSetInAnyOrderHashesTheSame) {
    std::vector<int> order{0, 1, 2, 3, 4};
    std::uint64_t first = 0;
    do {
        CustomerAttributes a;
        for (const int i : order) {
            const Said said{{i / 2}, static_cast<std::uint64_t>(i)};
            i < 3 ? a.apply(region("r" + std::to_string(i)), said)
                  : a.apply(pin("t" + std::to_string(i)), static_cast<std::uint8_t>(i), said);
        }
        first = first == 0 ? a.hash() : first;
        ASSERT_EQ(a.hash(), first);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(CustomerAttributes, EveryValueChangesTheHash) {
    CustomerAttributes plain;
    plain.apply(region("north"), {{1}, 1});
    CustomerAttributes as_owner;
    Profile p;
    p.owner = "north";
    as_owner.apply(p, {{1}, 1});
    EXPECT_NE(plain.hash(), as_owner.hash());
    CustomerAttributes pinned;
    pinned.apply(region("north"), {{1}, 1});
    pinned.apply(pin("gold"), 2, {{1}, 1});
    EXPECT_NE(plain.hash(), pinned.hash());
    CustomerAttributes pinned_later;
    pinned_later.apply(region("north"), {{1}, 1});
    pinned_later.apply(pin("gold"), 2, {{2}, 1});
    EXPECT_NE(pinned.hash(), pinned_later.hash());
}

TEST(CustomerAttributes, AnOverrideHoldsFromItsInstantUntilItsEnd) {
    CustomerAttributes a;
    Override o = pin("gold");
    o.until = Instant{500};
    a.apply(o, 2, {{100}, 1});
    const scoring::TierOverride by = a.tier_override();
    EXPECT_EQ(by.kind, scoring::OverrideKind::Pin);
    EXPECT_EQ(by.tier, 2);
    EXPECT_FALSE(by.in_force({99}));
    EXPECT_TRUE(by.in_force({100}));
    EXPECT_FALSE(by.in_force({500}));
    ASSERT_TRUE(a.override_details().has_value());
    EXPECT_EQ(a.override_details()->tier, "gold");
    EXPECT_EQ(a.override_details()->reason, "because");
    EXPECT_EQ(a.override_details()->by, "li");
}

TEST(CustomerAttributes, OfOverridesWithoutAnIdAtOneInstantTheLaterToComeIsMeant) {
    Override clear;
    clear.mode = OverrideMode::Clear;
    CustomerAttributes a;
    a.apply(pin("gold"), 2, {{100}, 0});
    a.apply(clear, 0, {{100}, 0});
    EXPECT_FALSE(a.tier_override().in_force({100}));
    a.apply(pin("silver"), 1, {{100}, 0});
    EXPECT_TRUE(a.tier_override().in_force({100}));
    EXPECT_EQ(a.tier_override().tier, 1);
}

TEST(CustomerAttributes, AClearedOverrideIsGone) {
    CustomerAttributes a;
    a.apply(pin("gold"), 2, {{100}, 1});
    a.apply(Override{}, 0, {{200}, 2});
    EXPECT_EQ(a.tier_override().kind, scoring::OverrideKind::None);
    EXPECT_EQ(a.override_details(), std::nullopt);
}

}  // namespace
}  // namespace patron::store
