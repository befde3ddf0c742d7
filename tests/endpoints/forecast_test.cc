#include "server/endpoints/forecast.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "server/endpoints/forecast_filter.h"
#include "server/endpoints/forecast_rows.h"
#include "server/wire/instant_text.h"
#include "server/wire/policy_presets.h"
#include "tests/endpoints/test_api.h"
#include "tests/support/seed.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::ForecastCursor;
using endpoints::ForecastFilter;
using endpoints::ForecastRows;
using scoring::Instant;
using wire::Aspect;

// -- the parameters --

const wire::PolicyTexts& texts() {
    static const auto kPolicy = scoring::compile(wire::default_policy({}), {});
    static const wire::PolicyTexts kTexts(*kPolicy);
    return kTexts;
}

ForecastFilter parsed(std::string_view query) {
    auto result = ForecastFilter::parse(query, texts());
    EXPECT_TRUE(result.has_value()) << query << ": " << result.error().detail;
    return result.value_or(ForecastFilter{});
}

TEST(ForecastFilter, ReadsWhatIsAsked) {
    const ForecastFilter plain = parsed("");
    EXPECT_EQ(plain.question.days, 30U);
    EXPECT_EQ(plain.limit, 100U);
    EXPECT_EQ(plain.question.until(Instant{5}), Instant{5 + 30 * scoring::kDayMs});
    const ForecastFilter asked = parsed("days=366&what=risk_band&from=none&to=high&limit=1&at=7");
    EXPECT_EQ(asked.question.days, 366U);
    EXPECT_EQ(asked.question.until(Instant{5}), Instant{7 + 366 * scoring::kDayMs});
    EXPECT_TRUE(asked.matches({Aspect::RiskBand, 0, 3}));
    EXPECT_FALSE(asked.matches({Aspect::RiskBand, 1, 3}));
    EXPECT_FALSE(asked.matches({Aspect::RiskBand, 0, 2}));
    EXPECT_FALSE(asked.matches({Aspect::Override, 0, 3}));
}

TEST(ForecastFilter, ANameWithoutAnAspectMeansEveryOneThatHasIt) {
    const ForecastFilter none = parsed("from=none");
    EXPECT_TRUE(none.matches({Aspect::RiskBand, 0, 1}));
    EXPECT_TRUE(none.matches({Aspect::FollowUp, 0, 1}));
    EXPECT_TRUE(none.matches({Aspect::Override, 0, 1}));
    EXPECT_FALSE(none.matches({Aspect::Tier, 0, 1})) << "no tier is called so";
    const ForecastFilter gold = parsed("to=gold");
    EXPECT_TRUE(gold.matches({Aspect::Tier, 0, 2}));
    EXPECT_TRUE(gold.matches({Aspect::TierByRules, 1, 2}));
    EXPECT_FALSE(gold.matches({Aspect::RiskBand, 1, 2}));
}

TEST(ForecastFilter, DaysAreThoseOfTheZone) {
    const auto days = scoring::DayClock::make("Asia/Shanghai");
    const ForecastFilter filter = parsed("day=2026-03-01");
    const Instant begin{kNoon.ms - 12 * scoring::kHourMs};
    EXPECT_FALSE(filter.matches(Instant{begin.ms - 1}, *days));
    EXPECT_TRUE(filter.matches(begin, *days));
    EXPECT_TRUE(filter.matches(Instant{begin.ms + scoring::kDayMs - 1}, *days));
    EXPECT_FALSE(filter.matches(Instant{begin.ms + scoring::kDayMs}, *days));
    EXPECT_EQ(parsed("day=1970-01-01").day, 0);
    EXPECT_EQ(parsed("day=1969-12-31").day, -1);
}

TEST(ForecastFilter, RefusesWithTheParametersName) {
    for (const char* query :
         {"days=0",
          "days=367",
          "days=x",
          "what=clv",
          "from=diamond",
          "what=tier&from=none",
          "what=tier&to=high",
          "day=2026-02-30",
          "day=2026-2-3",
          "limit=0",
          "limit=1001",
          "cursor=x",
          "tier=diamond",
          "x=1"}) {
        const auto result = ForecastFilter::parse(query, texts());
        ASSERT_FALSE(result.has_value()) << query;
        EXPECT_EQ(result.error().code, store::FaultCode::BadParameter) << query;
        const std::string_view last = std::string_view(query).substr(
            std::string_view(query).find('&') == std::string_view::npos
                ? 0
                : std::string_view(query).find('&') + 1
        );
        EXPECT_EQ(result.error().field, last.substr(0, last.find('='))) << query;
    }
}

TEST(ForecastCursor, OnlyItsOwnSpellingIsRead) {
    const ForecastCursor cursor{Instant{-5}, kNoon, {Aspect::FollowUp, 4, 200}, "客 42"};
    const std::string text = encode_cursor(cursor);
    EXPECT_EQ(endpoints::decode_forecast_cursor(text), cursor);
    EXPECT_FALSE(endpoints::decode_forecast_cursor(text + "AA"));
    EXPECT_FALSE(endpoints::decode_forecast_cursor(text.substr(0, 20)));
    EXPECT_FALSE(endpoints::decode_forecast_cursor("B" + text.substr(1)));
    EXPECT_FALSE(endpoints::decode_forecast_cursor(""));
    EXPECT_FALSE(endpoints::decode_forecast_cursor(
        encode_cursor(ForecastCursor{{}, {}, {}, std::string(129, 'c')})
    ));
}

// -- the list, kept in part --

TEST(ForecastRows, KeepsTheFirstOfAllInOrder) {
    std::mt19937_64 random(test_seed(5));
    const auto below = [&random](std::size_t n) {
        return static_cast<std::uint8_t>(std::uniform_int_distribution<std::size_t>(0, n - 1)(random
        ));
    };
    using Key = std::tuple<std::int64_t, std::string, wire::Crossing>;
    for (int round = 0; round < 200; ++round) {
        std::set<Key> all;
        for (std::size_t i = 0; i < 40; ++i) {
            const std::string id(1, static_cast<char>('a' + below(4)));
            all.insert({below(4), id, {static_cast<Aspect>(below(2)), below(2), below(2)}});
        }
        const ForecastCursor after{{}, {below(4)}, {Aspect::Tier, 1, 0}, "b"};
        const bool from_cursor = below(2) == 0;
        const std::size_t keep = 1 + below(12);
        std::vector<ForecastRows> parts(3, ForecastRows(from_cursor ? &after : nullptr, keep));
        for (const auto& [at, id, crossing] : all) {
            parts[below(3)].offer({id, Instant{at}, crossing, {}});
        }
        ForecastRows whole(from_cursor ? &after : nullptr, keep);
        for (const ForecastRows& part : parts) {
            whole.offer_all(part);
        }
        std::vector<Key> expected;
        for (const Key& key : all) {
            const bool behind = !from_cursor || Key{after.at.ms, after.id, after.crossing} < key;
            if (behind && expected.size() < keep) {
                expected.push_back(key);
            }
        }
        std::vector<Key> kept;
        for (const ForecastRows::Row& row : std::move(whole).sorted()) {
            kept.emplace_back(row.at.ms, row.id, row.crossing);
        }
        ASSERT_EQ(kept, expected) << "round " << round;
    }
}

// -- against the portraits of every customer, asked again at every instant to come --

struct Told {
    std::string at, id, what, from, to, day;
    std::string spend;

    bool operator==(const Told&) const = default;
};

std::string shown(const json::value& value) {
    return value.is_null() ? "null" : std::string(value.as_string());
}

// What a portrait says that can be crossed.
std::map<std::string, std::string> standing_of(const json::object& portrait) {
    const json::object& score = portrait.at("score").as_object();
    std::map<std::string, std::string> out;
    for (const char* member : {"tier", "tier_by_rules", "risk_band", "lifecycle"}) {
        out[member] = shown(score.at(member));
    }
    out["follow_up"] = shown(portrait.at("follow_up"));
    const json::value& by = score.at("override");
    out["override"] = by.is_null() ? "null" : shown(by.at("mode"));
    return out;
}

// 2026-03-01T20:00:00Z is the second of March in Shanghai.
std::string day_of(Instant at) {
    wire::ByteWriter out;
    wire::append_instant(out, scoring::plus_ms(at, 8 * scoring::kHourMs));
    return std::string(out.view().substr(0, 10));
}

std::vector<Told> future_of(TestApi& api, const std::string& id, Instant until) {
    std::vector<Told> out;
    json::object portrait = api.get_json("/v1/customers/" + id);
    const json::value* spent = portrait.at("features").as_object().if_contains("spend_365d");
    const std::string spend = spent ? json::serialize(*spent) : "0";
    for (;;) {
        const json::value& next = portrait.at("score").at("valid_until");
        const auto at = next.is_null() ? std::nullopt : wire::parse_instant(next.as_string());
        if (!at || *at > until) {
            return out;
        }
        auto before = standing_of(portrait);
        const std::string instant(next.as_string());
        portrait = api.get_json("/v1/customers/" + id + "?at=" + std::to_string(at->ms));
        auto after = standing_of(portrait);
        const bool same_tier = before["tier"] == after["tier"];
        for (const char* what :
             {"tier", "tier_by_rules", "risk_band", "lifecycle", "follow_up", "override"}) {
            const bool told = what != std::string_view("tier_by_rules") || same_tier;
            if (told && before[what] != after[what]) {
                out.push_back({instant, id, what, before[what], after[what], day_of(*at), spend});
            }
        }
    }
}

Told told_of(const json::value& row) {
    const Instant at = *wire::parse_instant(row.at("at").as_string());
    return {
        shown(row.at("at")),
        shown(row.at("customer_id")),
        shown(row.at("what")),
        shown(row.at("from")),
        shown(row.at("to")),
        day_of(at),
        json::serialize(row.at("spend_365d"))
    };
}

std::vector<Told> walk(TestApi& api, const std::string& query) {
    std::vector<Told> all;
    std::string cursor;
    for (int page = 0; page < 1'000; ++page) {
        const json::object answer = api.get_json("/v1/forecast/customers?" + query + cursor);
        for (const json::value& row : answer.at("transitions").as_array()) {
            all.push_back(told_of(row));
        }
        if (answer.at("next_cursor").is_null()) {
            return all;
        }
        cursor = "&cursor=" + text_of(answer, "next_cursor");
    }
    ADD_FAILURE() << "the pages do not end";
    return all;
}

constexpr int kCustomers = 24;

// Customers who bought now and then, some under an override that ends.
void fill(TestApi& api, std::mt19937_64& random) {
    const auto below = [&random](int n) {
        return std::uniform_int_distribution<int>(0, n - 1)(random);
    };
    for (int i = 0; i < kCustomers; ++i) {
        const std::string id = "c" + std::to_string(i);
        for (int order = 1 + below(6); order > 0; --order) {
            api.order(id, std::to_string(1 + below(9'000)) + ".50", below(500));
        }
        if (i % 4 == 0) {
            const Instant until{kNoon.ms + below(60) * scoring::kDayMs + 1};
            const HttpAnswer answer = api.put(
                "/v1/customers/" + id + "/override",
                R"({"mode":"floor","tier":"gold","reason":"r","by":"b","until":)" +
                    std::to_string(until.ms) + "}"
            );
            EXPECT_EQ(answer.status, 200) << answer.body;
        }
    }
}

std::vector<Told> all_futures(TestApi& api, Instant until) {
    std::vector<Told> all;
    for (int i = 0; i < kCustomers; ++i) {
        const auto own = future_of(api, "c" + std::to_string(i), until);
        all.insert(all.end(), own.begin(), own.end());
    }
    // Within a customer's instant as they come.
    std::ranges::stable_sort(all, {}, [](const Told& t) {
        return std::tuple(wire::parse_instant(t.at)->ms, t.id);
    });
    return all;
}

template <class Fits>
void expect_cell(const json::value& cell, const std::vector<Told>& all, Fits fits) {
    std::size_t count = 0;
    std::map<std::string, double> spends;
    for (const Told& told : all) {
        if (fits(told)) {
            ++count;
            spends[told.id] = json::parse(told.spend).to_number<double>();
        }
    }
    double spend = 0;
    for (const auto& [id, own] : spends) {
        spend += own;
    }
    EXPECT_EQ(cell.at("count").to_number<std::size_t>(), count) << cell;
    EXPECT_EQ(cell.at("customers").to_number<std::size_t>(), spends.size()) << cell;
    EXPECT_NEAR(cell.at("spend_365d").to_number<double>(), spend, 0.001) << cell;
}

TEST(Forecast, IsWhatPortraitsOfTheFutureSay) {
    std::mt19937_64 random(test_seed(20'260'301));
    TestApi api;
    fill(api, random);
    for (const int days : {1, 30, 366}) {
        const std::string query = "days=" + std::to_string(days);
        const auto all = all_futures(api, scoring::plus_days(kNoon, days));
        EXPECT_EQ(walk(api, query + "&limit=7"), all) << query;
        const json::object forecast = api.get_json("/v1/forecast?" + query);
        EXPECT_EQ(forecast.at("transitions").to_number<std::size_t>(), all.size());
        std::size_t told = 0;
        for (const json::value& kind : forecast.at("kinds").as_array()) {
            const auto of_kind = [&](const Told& t) {
                return t.what == shown(kind.at("what")) && t.from == shown(kind.at("from")) &&
                       t.to == shown(kind.at("to"));
            };
            expect_cell(kind, all, of_kind);
            told += kind.at("count").to_number<std::size_t>();
            for (const json::value& cell : kind.at("by_day").as_array()) {
                expect_cell(cell, all, [&](const Told& t) {
                    return of_kind(t) && t.day == shown(cell.at("day"));
                });
            }
        }
        EXPECT_EQ(told, all.size());
        if (days == 366) {
            EXPECT_GT(all.size(), 60U) << "too quiet a future to compare";
        }
    }
}

TEST(Forecast, TheListBehindACountHasAsMany) {
    std::mt19937_64 random(test_seed(7));
    TestApi api;
    fill(api, random);
    const json::object forecast = api.get_json("/v1/forecast?days=200");
    for (const json::value& kind : forecast.at("kinds").as_array()) {
        const auto named = [](const json::value& value) {
            return value.is_null() ? std::string("none") : shown(value);
        };
        const std::string query = "days=200&what=" + shown(kind.at("what")) +
                                  "&from=" + named(kind.at("from")) + "&to=" + named(kind.at("to"));
        EXPECT_EQ(walk(api, query).size(), kind.at("count").to_number<std::size_t>()) << query;
        for (const json::value& cell : kind.at("by_day").as_array()) {
            const std::string of_day = query + "&day=" + shown(cell.at("day"));
            EXPECT_EQ(walk(api, of_day).size(), cell.at("count").to_number<std::size_t>())
                << of_day;
        }
    }
}

TEST(Forecast, MeansWhomTheChoiceMeansNow) {
    std::mt19937_64 random(test_seed(8));
    TestApi api;
    fill(api, random);
    const auto all = walk(api, "days=366");
    std::size_t chosen = 0;
    for (const char* tier : {"standard", "silver", "gold", "platinum"}) {
        const std::string query = std::string("days=366&tier=") + tier;
        for (const Told& told : walk(api, query)) {
            const json::object score = api.get_json("/v1/customers/" + told.id + "/score");
            EXPECT_EQ(score.at("tier"), tier);
            ++chosen;
        }
        const json::object forecast = api.get_json("/v1/forecast?" + query);
        EXPECT_EQ(forecast.at("transitions").to_number<std::size_t>(), walk(api, query).size());
    }
    EXPECT_EQ(chosen, all.size());
    EXPECT_EQ(walk(api, "days=366&override=pin").size(), 0U);
}

TEST(Forecast, ALaterPageEndsWhereTheFirstDid) {
    std::mt19937_64 random(test_seed(9));
    TestApi api;
    fill(api, random);
    const auto all = walk(api, "days=60");
    ASSERT_GT(all.size(), 4U);
    const std::string size = std::to_string(all.size() - 1);
    const json::object first = api.get_json("/v1/forecast/customers?days=60&limit=" + size);
    api.clock().set(Instant{kNoon.ms + 1});
    const json::object last = api.get_json(
        "/v1/forecast/customers?days=60&limit=1000&cursor=" + text_of(first, "next_cursor")
    );
    ASSERT_EQ(last.at("transitions").as_array().size(), 1U);
    EXPECT_EQ(told_of(last.at("transitions").at(0)), all.back());
}

TEST(Forecast, NobodyIsNothing) {
    TestApi api;
    const json::object forecast = api.get_json("/v1/forecast");
    EXPECT_EQ(forecast.at("days"), 30);
    EXPECT_EQ(forecast.at("until"), "2026-03-31T04:00:00Z");
    EXPECT_TRUE(forecast.at("kinds").as_array().empty());
    EXPECT_TRUE(walk(api, "").empty());
    EXPECT_EQ(api.get("/v1/forecast?days=367").status, 400);
    EXPECT_EQ(api.get("/v1/forecast?min_seq=9").status, 425);
}

}  // namespace
}  // namespace patron::testing
