#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/wire/forecast_counts.h"
#include "server/wire/forecast_encoder.h"
#include "server/wire/instant_text.h"
#include "server/wire/policy_presets.h"
#include "tests/support/seed.h"

namespace patron::wire {
namespace {

namespace json = boost::json;
using scoring::Band;
using scoring::FollowUpState;
using scoring::Instant;
using scoring::Money;
using scoring::OverrideKind;
using scoring::Stage;
using scoring::Visible;
using store::FutureTransition;

// 2026-11-30T15:00:00Z, an hour before Shanghai's midnight.
constexpr Instant kNow{1'796'050'800'000};

const scoring::CompiledPolicy& policy() {
    static const auto kPolicy = scoring::compile(default_policy({}), {});
    return *kPolicy;
}

const PolicyTexts& texts() {
    static const PolicyTexts kTexts(policy());
    return kTexts;
}

const scoring::DayClock& shanghai() {
    static const auto kDays = scoring::DayClock::make("Asia/Shanghai");
    return *kDays;
}

void add(
    ForecastCounts& counts,
    std::int64_t spend,
    const std::vector<FutureTransition>& transitions,
    std::string_view id = "c"
) {
    const scoring::Standing standing;
    const scoring::Score score{};
    counts.add({id, {standing, score, &policy()}, Money{spend}, nullptr, 0, 0, transitions});
}

std::string encoded(const ForecastCounts& counts) {
    ByteWriter out(1);
    append_forecast(out, texts(), counts, 30, scoring::plus_days(kNow, 30), {kNow, 7, &policy()});
    return std::string(out.view());
}

TEST(Forecast, NobodyCrossesAnything) {
    ForecastCounts counts(shanghai());
    add(counts, 100, {});
    EXPECT_EQ(
        encoded(counts),
        R"({"days":30,"until":"2026-12-30T15:00:00Z","customers":0,"transitions":0,"kinds":[],)"
        R"("policy":"default@1","seq":7,"as_of":"2026-11-30T15:00:00Z"})"
    );
}

TEST(Forecast, CountsByKindAndCalendarDay) {
    ForecastCounts counts(shanghai());
    const Visible gold{2, 2, Band::Low, Stage::Active, FollowUpState::None};
    const Visible silver{1, 1, Band::None, Stage::Active, FollowUpState::None};
    Visible pinned = gold;
    pinned.override_kind = OverrideKind::Pin;
    pinned.override_tier = 2;
    // The last millisecond of a day in Shanghai, and the first of the next.
    const Instant midnight{kNow.ms + scoring::kHourMs};
    add(counts, 420'000, {{Instant{midnight.ms - 1}, gold, silver}});
    add(counts, -5, {{midnight, pinned, gold}, {Instant{midnight.ms + 1}, gold, silver}});
    EXPECT_EQ(
        encoded(counts),
        R"({"days":30,"until":"2026-12-30T15:00:00Z","customers":2,"transitions":5,"kinds":[)"
        R"({"what":"tier","from":"gold","to":"silver","count":2,"customers":2,)"
        R"("spend_365d":4199.95,"by_day":[)"
        R"({"day":"2026-11-30","count":1,"customers":1,"spend_365d":4200.00},)"
        R"({"day":"2026-12-01","count":1,"customers":1,"spend_365d":-0.05}]},)"
        R"({"what":"risk_band","from":"low","to":null,"count":2,"customers":2,)"
        R"("spend_365d":4199.95,"by_day":[)"
        R"({"day":"2026-11-30","count":1,"customers":1,"spend_365d":4200.00},)"
        R"({"day":"2026-12-01","count":1,"customers":1,"spend_365d":-0.05}]},)"
        R"({"what":"override","from":"pin","to":null,"count":1,"customers":1,)"
        R"("spend_365d":-0.05,"by_day":[)"
        R"({"day":"2026-12-01","count":1,"customers":1,"spend_365d":-0.05}]}],)"
        R"("policy":"default@1","seq":7,"as_of":"2026-11-30T15:00:00Z"})"
    );
}

TEST(Forecast, TheTierByTheRulesIsToldWhereTheTierStays) {
    ForecastCounts counts(shanghai());
    const Visible before{2, 2, Band::Low, Stage::Active};
    Visible pinned = before;
    pinned.tier_by_rules = 1;
    add(counts, 1, {{kNow, before, pinned}});
    Visible both = before;
    both.tier_by_rules = 1;
    both.tier = 1;
    add(counts, 1, {{kNow, before, both}});
    ASSERT_EQ(counts.kinds().size(), 2U);
    EXPECT_EQ(counts.kinds().at({Aspect::Tier, 2, 1}).crossings, 1U);
    EXPECT_EQ(counts.kinds().at({Aspect::TierByRules, 2, 1}).crossings, 1U);
}

TEST(Forecast, ACustomerWhoCrossesTwiceSpendsOnce) {
    ForecastCounts counts(shanghai());
    const Visible planned{0, 0, Band::Low, Stage::Active, FollowUpState::Planned};
    Visible due = planned;
    due.follow_up = FollowUpState::Due;
    add(counts,
        300,
        {{kNow, planned, due},
         {scoring::plus_days(kNow, 3), due, planned},
         {scoring::plus_days(kNow, 5), planned, due}});
    const ForecastCounts::Cell& cell = counts.kinds().at({Aspect::FollowUp, 1, 2});
    EXPECT_EQ(cell.crossings, 2U);
    EXPECT_EQ(cell.customers, 1U);
    EXPECT_EQ(static_cast<std::int64_t>(cell.spend.minor()), 300);
    EXPECT_EQ(counts.customers(), 1U);
    EXPECT_EQ(counts.crossings(), 3U);
}

TEST(Forecast, RowsOfTheListNameWhatTheyMean) {
    ByteWriter out(1);
    append_forecast_row(out, texts(), {R"(C"1)", kNow, {Aspect::RiskBand, 0, 3}, Money{420'000}});
    EXPECT_EQ(
        out.view(),
        R"({"customer_id":"C\"1","at":"2026-11-30T15:00:00Z","what":"risk_band","from":null,)"
        R"("to":"high","spend_365d":4200.00})"
    );
}

// -- against one list of everything, counted by looking --

struct Told {
    std::size_t customer;
    std::string what, from, to, day;
    std::int64_t spend;
};

std::string tier_name(std::uint8_t tier) {
    constexpr std::array<const char*, 4> kTiers{"standard", "silver", "gold", "platinum"};
    return kTiers[tier];
}

std::string band_text(Band band) {
    return band == Band::None ? "null" : std::string(scoring::band_name(band));
}

std::string mode_text(OverrideKind kind) {
    return kind == OverrideKind::None ? "null" : std::string(override_name(kind));
}

std::string date_text(Instant at) {
    const std::int64_t day = (at.ms + 8 * scoring::kHourMs) / scoring::kDayMs;
    ByteWriter out;
    append_instant(out, Instant{day * scoring::kDayMs});
    return std::string(out.view().substr(0, 10));
}

std::vector<Told> told_of(std::size_t customer, std::int64_t spend, const FutureTransition& t) {
    std::vector<Told> out;
    const auto tell = [&](const char* what, std::string from, std::string to) {
        if (from != to) {
            out.push_back({customer, what, std::move(from), std::move(to), date_text(t.at), spend});
        }
    };
    tell("tier", tier_name(t.from.tier), tier_name(t.to.tier));
    if (out.empty()) {
        tell("tier_by_rules", tier_name(t.from.tier_by_rules), tier_name(t.to.tier_by_rules));
    }
    tell("risk_band", band_text(t.from.band), band_text(t.to.band));
    tell(
        "lifecycle",
        std::string(scoring::stage_name(t.from.stage)),
        std::string(scoring::stage_name(t.to.stage))
    );
    tell(
        "follow_up",
        std::string(follow_up_name(t.from.follow_up)),
        std::string(follow_up_name(t.to.follow_up))
    );
    tell("override", mode_text(t.from.override_kind), mode_text(t.to.override_kind));
    return out;
}

std::string text_or_null(const json::value& value) {
    return value.is_null() ? "null" : std::string(value.as_string());
}

// What the told ones that `fits` add up to: crossings, customers, spend.
template <class Fits>
std::tuple<std::uint64_t, std::uint64_t, std::int64_t> summed(
    const std::vector<Told>& all, Fits fits
) {
    std::uint64_t crossings = 0;
    std::map<std::size_t, std::int64_t> spends;
    for (const Told& told : all) {
        if (fits(told)) {
            ++crossings;
            spends[told.customer] = told.spend;
        }
    }
    std::int64_t spend = 0;
    for (const auto& [customer, own] : spends) {
        spend += own;
    }
    return {crossings, spends.size(), spend};
}

std::tuple<std::uint64_t, std::uint64_t, std::int64_t> summed(const json::value& cell) {
    return {
        cell.at("count").to_number<std::uint64_t>(),
        cell.at("customers").to_number<std::uint64_t>(),
        std::llround(cell.at("spend_365d").to_number<double>() * 100)
    };
}

void expect_same(const json::object& forecast, const std::vector<Told>& all) {
    std::set<std::tuple<std::string, std::string, std::string>> kinds;
    for (const Told& told : all) {
        kinds.insert({told.what, told.from, told.to});
    }
    ASSERT_EQ(forecast.at("kinds").as_array().size(), kinds.size());
    for (const json::value& kind : forecast.at("kinds").as_array()) {
        const std::string what(kind.at("what").as_string());
        const std::string from = text_or_null(kind.at("from"));
        const std::string to = text_or_null(kind.at("to"));
        const auto of_kind = [&](const Told& t) {
            return t.what == what && t.from == from && t.to == to;
        };
        EXPECT_EQ(summed(kind), summed(all, of_kind)) << what << from << to;
        std::string last;
        std::uint64_t crossings = 0;
        for (const json::value& cell : kind.at("by_day").as_array()) {
            const std::string day(cell.at("day").as_string());
            EXPECT_LT(last, day);
            last = day;
            const auto of_day = [&](const Told& t) {
                return of_kind(t) && t.day == day;
            };
            EXPECT_EQ(summed(cell), summed(all, of_day)) << what << from << to << day;
            crossings += cell.at("count").to_number<std::uint64_t>();
        }
        EXPECT_EQ(crossings, kind.at("count").to_number<std::uint64_t>());
    }
    const auto [crossings, customers, spend] = summed(all, [](const Told&) { return true; });
    EXPECT_EQ(forecast.at("transitions").to_number<std::uint64_t>(), crossings);
    EXPECT_EQ(forecast.at("customers").to_number<std::uint64_t>(), customers);
}

TEST(Forecast, AddsUpWhateverPartitionCustomersAreIn) {
    std::mt19937_64 random(test_seed(20'261'130));
    const auto below = [&random](std::size_t n) {
        return static_cast<std::uint8_t>(std::uniform_int_distribution<std::size_t>(0, n - 1)(random
        ));
    };
    for (int round = 0; round < 50; ++round) {
        std::vector<ForecastCounts> parts(1 + below(5), ForecastCounts(shanghai()));
        std::vector<Told> all;
        for (std::size_t customer = 0; customer < 60; ++customer) {
            const std::int64_t spend = below(200) * 1'000 - 500;
            std::vector<FutureTransition> transitions;
            Visible seen{below(4), below(4), static_cast<Band>(below(4))};
            Instant at = kNow;
            for (std::size_t i = below(5); i > 0; --i) {
                Visible next = seen;
                (below(2) == 0 ? next.tier : next.tier_by_rules) = below(4);
                next.band = below(3) == 0 ? static_cast<Band>(below(4)) : next.band;
                next.stage = below(3) == 0 ? static_cast<Stage>(below(7)) : next.stage;
                next.follow_up =
                    below(3) == 0 ? static_cast<FollowUpState>(below(5)) : next.follow_up;
                next.override_kind =
                    below(3) == 0 ? static_cast<OverrideKind>(below(4)) : next.override_kind;
                at = scoring::plus_ms(at, below(60) * scoring::kHourMs);
                transitions.push_back({at, seen, next});
                const auto told = told_of(customer, spend, transitions.back());
                all.insert(all.end(), told.begin(), told.end());
                seen = next;
            }
            add(parts[below(parts.size())], spend, transitions);
        }
        ForecastCounts whole(shanghai());
        for (const ForecastCounts& part : parts) {
            whole.add(part);
        }
        expect_same(json::parse(encoded(whole)).as_object(), all);
    }
}

}  // namespace
}  // namespace patron::wire
