#include "server/wire/stream_encoder.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "server/wire/change_encoder.h"
#include "server/wire/policy_presets.h"

namespace patron::wire {
namespace {

using scoring::Band;
using scoring::FollowUpState;
using scoring::Instant;
using scoring::OverrideKind;
using scoring::Stage;
using scoring::Visible;

const PolicyTexts& texts() {
    static const auto kPolicy = scoring::compile(default_policy({}), {});
    static const PolicyTexts kTexts(*kPolicy);
    return kTexts;
}

template <class Write>
std::string written(Write write) {
    ByteWriter out(1);
    write(out);
    return std::string(out.view());
}

constexpr StreamPosition kWhere{0x1f, 42, 981'273, Instant{1'771'000'000'000}};

store::Change fall() {
    store::Change change;
    change.id = R"(C"42)";
    change.at = Instant{1'773'000'000'123};
    change.cause = store::Cause::Time;
    change.from = Visible{2, 2, Band::Low, Stage::Active, FollowUpState::Planned};
    change.to = Visible{1, 1, Band::Medium, Stage::AtRisk, FollowUpState::Due};
    change.score = {0.5, 0.25, 12.345, Instant{1'773'000'000'123}, Instant{1'772'000'000'000}};
    change.risk_before = 0.1;
    change.seq = 7;
    return change;
}

constexpr std::string_view kFallen =
    R"({"tier":"silver","tier_by_rules":"silver","since":"2026-03-08T20:00:00.123Z",)"
    R"("risk_band":"medium","lifecycle":"at_risk","follow_up":"due",)"
    R"("follow_up_due_at":"2026-02-25T06:13:20Z","override":null,"churn_risk":0.50000,)"
    R"("p_alive":0.25000,"value_index":12.35})";

std::string tail(
    const store::Change& change,
    std::optional<std::pair<std::uint64_t, std::uint64_t>> cursor = std::nullopt,
    std::uint64_t conflated = 1
) {
    return written([&](ByteWriter& out) {
        append_change_tail(out, texts(), change, cursor, conflated);
    });
}

// The text of `changes`.
std::string changes(const store::Change& change) {
    const std::string text = tail(change);
    const std::size_t begin = text.find(R"("changes":)") + 10;
    return text.substr(begin, text.find(R"(,"score":)") - begin);
}

TEST(StreamEncoder, GreetsWithWhereAListenerStands) {
    constexpr std::string_view kRest =
        R"("cursor":"000000000000001f:42","seq":981273,"as_of":"2026-02-13T16:26:40Z",)"
        R"("policy":"default@1","heartbeat_ms":15000})";
    const std::string rest(kRest);
    EXPECT_EQ(
        written([](auto& out) { append_hello(out, texts(), kWhere); }), R"({"type":"hello",)" + rest
    );
    EXPECT_EQ(
        written([](auto& out) { append_resumed(out, texts(), kWhere); }),
        R"({"type":"resumed",)" + rest
    );
    for (const auto& [reason, name] :
         {std::pair(GapReason::UnknownEpoch, "unknown_epoch"),
          std::pair(GapReason::Expired, "expired"),
          std::pair(GapReason::Slow, "slow")}) {
        EXPECT_EQ(
            written([&](auto& out) { append_gap(out, texts(), kWhere, reason); }),
            R"({"type":"gap","reason":")" + std::string(name) + R"(",)" + rest
        );
    }
}

TEST(StreamEncoder, FramesASnapshot) {
    EXPECT_EQ(
        written([](auto& out) { append_snapshot_begin(out, kWhere.as_of); }),
        R"({"type":"snapshot_begin","as_of":"2026-02-13T16:26:40Z"})"
    );
    EXPECT_EQ(
        written([](auto& out) { append_snapshot_end(out, kWhere, 23'570); }),
        R"({"type":"snapshot_end","cursor":"000000000000001f:42","customers":23570})"
    );
}

TEST(StreamEncoder, BeatsTheHeart) {
    EXPECT_EQ(
        written([](auto& out) { append_heartbeat(out, kWhere); }),
        R"({"type":"heartbeat","cursor":"000000000000001f:42","seq":981273,)"
        R"("as_of":"2026-02-13T16:26:40Z"})"
    );
}

TEST(StreamEncoder, CursorsReachTheirLimits) {
    EXPECT_EQ(
        written([](auto& out) { append_cursor(out, ~std::uint64_t{0}, ~std::uint64_t{0}); }),
        "ffffffffffffffff:18446744073709551615"
    );
    EXPECT_EQ(written([](auto& out) { append_cursor(out, 0, 0); }), "0000000000000000:0");
}

TEST(StreamEncoder, CountsNameEverybody) {
    store::LiveCounts counts;
    counts.customers = 10;
    counts.tiers = {1, 2, 3, 4};
    counts.bands = {5, 6, 7, 8};
    counts.stages = {9, 10, 11, 12, 13, 14, 15};
    counts.follow_ups = {16, 17, 18, 19, 20};
    counts.pending = 21;
    counts.seq = 22;
    counts.as_of = kWhere.as_of;
    EXPECT_EQ(
        written([&](auto& out) { append_counts(out, texts(), counts); }),
        R"({"type":"stats","customers":10,)"
        R"("tiers":{"standard":1,"silver":2,"gold":3,"platinum":4},)"
        R"("risk_bands":{"none":5,"low":6,"medium":7,"high":8},)"
        R"("lifecycle":{"prospect":9,"new":10,"active":11,"at_risk":12,"dormant":13,)"
        R"("churned":14,"won_back":15},)"
        R"("follow_up":{"none":16,"planned":17,"due":18,"over_contacted":19,)"
        R"("do_not_contact":20},"pending":21,"seq":22,"as_of":"2026-02-13T16:26:40Z"})"
    );
}

TEST(ChangeEncoder, TellsACustomerOfThePicture) {
    const store::Change change = fall();
    EXPECT_EQ(
        written([&](auto& out) {
            append_picture_row(out, texts(), {"C42", {}, *change.to, change.score});
        }),
        R"({"type":"customer","customer_id":"C42","score":)" + std::string(kFallen) + "}"
    );
}

TEST(ChangeEncoder, UnknownIsNull) {
    store::PictureRow row;
    row.id = "new";
    EXPECT_EQ(
        written([&](auto& out) { append_picture_row(out, texts(), row); }),
        R"({"type":"customer","customer_id":"new","score":{"tier":"standard",)"
        R"("tier_by_rules":"standard","since":null,"risk_band":null,"lifecycle":"prospect",)"
        R"("follow_up":"none","follow_up_due_at":null,"override":null,"churn_risk":null,)"
        R"("p_alive":null,"value_index":null}})"
    );
}

TEST(ChangeEncoder, SaysWhatAChangeIsToTheListener) {
    for (const auto& [verb, name] :
         {std::pair(ChangeVerb::Change, "change"),
          std::pair(ChangeVerb::Enter, "enter"),
          std::pair(ChangeVerb::Leave, "leave")}) {
        EXPECT_EQ(
            written([&](auto& out) { append_change_verb(out, verb); }),
            R"({"type":")" + std::string(name) + R"(")"
        );
    }
}

TEST(ChangeEncoder, TellsAWholeChange) {
    EXPECT_EQ(
        tail(fall(), std::pair<std::uint64_t, std::uint64_t>(0x1f, 43), 3),
        R"(,"customer_id":"C\"42","at":"2026-03-08T20:00:00.123Z","cause":"time","changes":{)"
        R"("tier":{"from":"gold","to":"silver"},"tier_by_rules":{"from":"gold","to":"silver"},)"
        R"("risk_band":{"from":"low","to":"medium"},"lifecycle":{"from":"active","to":"at_risk"},)"
        R"("follow_up":{"from":"planned","to":"due"}},"score":)" +
            std::string(kFallen) + R"(,"seq":7,"conflated":3,"cursor":"000000000000001f:43"})"
    );
}

TEST(ChangeEncoder, LeavesOutWhatIsNotSo) {
    const std::string text = tail(fall());
    EXPECT_EQ(text.find("conflated"), text.npos);
    EXPECT_EQ(text.find("cursor"), text.npos);
    EXPECT_TRUE(text.ends_with(R"(,"seq":7})")) << text;
}

TEST(ChangeEncoder, NamesTheCause) {
    store::Change change = fall();
    for (const auto& [cause, name] :
         {std::pair(store::Cause::Event, R"("cause":"event")"),
          std::pair(store::Cause::Time, R"("cause":"time")"),
          std::pair(store::Cause::Override, R"("cause":"override")")}) {
        change.cause = cause;
        EXPECT_NE(tail(change).find(name), std::string::npos) << name;
    }
}

TEST(ChangeEncoder, TellsOnlyWhatDiffers) {
    store::Change change = fall();
    change.to = change.from;
    EXPECT_EQ(changes(change), "{}");
    change.to->band = Band::High;
    EXPECT_EQ(changes(change), R"({"risk_band":{"from":"low","to":"high"}})");
    change.from->band = Band::None;
    EXPECT_EQ(changes(change), R"({"risk_band":{"from":null,"to":"high"}})");
}

TEST(ChangeEncoder, OneWhoCameHasNoFrom) {
    store::Change change = fall();
    change.from.reset();
    change.to = Visible{};
    EXPECT_EQ(
        changes(change),
        R"({"tier":{"from":null,"to":"standard"},"tier_by_rules":{"from":null,"to":"standard"},)"
        R"("lifecycle":{"from":null,"to":"prospect"},"follow_up":{"from":null,"to":"none"}})"
    );
}

TEST(ChangeEncoder, OneWhoWasErasedHasNoScore) {
    store::Change change = fall();
    change.to.reset();
    change.from->override_kind = OverrideKind::Floor;
    change.from->override_tier = 1;
    EXPECT_EQ(
        changes(change),
        R"({"tier":{"from":"gold","to":null},"tier_by_rules":{"from":"gold","to":null},)"
        R"("risk_band":{"from":"low","to":null},"lifecycle":{"from":"active","to":null},)"
        R"("follow_up":{"from":"planned","to":null},)"
        R"("override":{"from":{"mode":"floor","tier":"silver"},"to":null}})"
    );
    EXPECT_TRUE(tail(change).ends_with(R"(,"score":null,"seq":7})"));
}

TEST(ChangeEncoder, AnOverrideChangesWithItsTierAlone) {
    store::Change change = fall();
    change.to = change.from;
    change.to->override_kind = OverrideKind::Pin;
    change.to->override_tier = 2;
    EXPECT_EQ(changes(change), R"({"override":{"from":null,"to":{"mode":"pin","tier":"gold"}}})");
    EXPECT_NE(
        tail(change).find(R"("override":{"mode":"pin","tier":"gold"},"churn_risk")"),
        std::string::npos
    );
    change.from = change.to;
    change.from->override_tier = 3;
    EXPECT_EQ(
        changes(change),
        R"({"override":{"from":{"mode":"pin","tier":"platinum"},)"
        R"("to":{"mode":"pin","tier":"gold"}}})"
    );
}

}  // namespace
}  // namespace patron::wire
