#include "server/endpoints/subscription.h"

#include <array>
#include <cmath>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "server/wire/policy_presets.h"
#include "store/limits.h"
#include "tests/support/seed.h"

namespace patron::endpoints {
namespace {

using scoring::Band;
using scoring::FollowUpState;
using scoring::OverrideKind;
using scoring::Stage;
using scoring::Visible;
using store::FaultCode;

const wire::PolicyTexts& texts() {
    static const auto kPolicy = scoring::compile(wire::default_policy({}), {});
    static const wire::PolicyTexts kTexts(*kPolicy);
    return kTexts;
}

Subscription parsed(std::string_view query, std::string_view last_event_id = {}) {
    auto result = Subscription::parse(query, last_event_id, texts());
    EXPECT_TRUE(result.has_value()) << query << ": " << result.error().detail;
    return result.value_or(Subscription{});
}

// The parameter a query is refused for.
std::string refused(
    std::string_view query,
    std::string_view last_event_id = {},
    FaultCode code = FaultCode::BadParameter
) {
    const auto result = Subscription::parse(query, last_event_id, texts());
    if (result) {
        return "accepted";
    }
    EXPECT_EQ(result.error().code, code) << query;
    EXPECT_FALSE(result.error().detail.empty()) << query;
    return result.error().field;
}

std::string group(std::string_view query) {
    return parsed(query).group;
}

TEST(Subscription, NothingAskedIsEverythingButStats) {
    const Subscription s = parsed("");
    EXPECT_EQ(s.topics, (StreamTopics{true, true, true, true, true, false}));
    EXPECT_FALSE(s.snapshot);
    EXPECT_FALSE(s.cursor);
    EXPECT_EQ(s.stats_ms, 1000);
    EXPECT_EQ(s.policy, &texts().policy());
    for (std::size_t tier = 0; tier < 4; ++tier) {
        EXPECT_TRUE(s.filter.holds("x", {.tier = static_cast<std::uint8_t>(tier)}, nullptr));
    }
}

TEST(Subscription, ReadsEveryParameter) {
    const Subscription s = parsed(
        "topics=tier,stats&tier=gold,platinum&band=high&lifecycle=new,won_back&customer=a%2Cb,c"
        "&region=%E4%B8%8A%E6%B5%B7&industry=i&owner=o+p&tag=x,y&min_risk_change=0.05"
        "&snapshot=true&cursor=00000000000000ff:7&stats_ms=100"
    );
    EXPECT_EQ(s.topics, (StreamTopics{true, false, false, false, false, true}));
    EXPECT_EQ(s.filter.tiers, 0b1100U);
    EXPECT_EQ(s.filter.bands, 0b1000U);
    EXPECT_EQ(s.filter.stages, 0b1000010U);
    EXPECT_EQ(s.filter.customers, (StreamFilter::Ids{"a,b", "c"}));
    EXPECT_EQ(s.filter.regions, (std::vector<std::string>{"上海"}));
    EXPECT_EQ(s.filter.industries, (std::vector<std::string>{"i"}));
    EXPECT_EQ(s.filter.owners, (std::vector<std::string>{"o p"}));
    EXPECT_EQ(s.filter.tags, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(s.filter.min_risk_change, 0.05);
    EXPECT_TRUE(s.snapshot);
    ASSERT_TRUE(s.cursor);
    EXPECT_EQ(s.cursor->epoch, 255U);
    EXPECT_EQ(s.cursor->offset, 7U);
    EXPECT_EQ(s.stats_ms, 100);
}

TEST(Subscription, RefusesWithTheParametersName) {
    EXPECT_EQ(refused("x=1"), "x");
    for (const char* query :
         {"topics=",
          "topics=tier,",
          "topics=bands",
          "tier=diamond",
          "band=huge",
          "lifecycle=old",
          "customer=",
          "customer=a,,b",
          "customer=%zz",
          "region=",
          "industry=,",
          "owner=a,",
          "tag=%ff",
          "min_risk_change=",
          "min_risk_change=-0.1",
          "min_risk_change=1.01",
          "min_risk_change=nan",
          "min_risk_change=inf",
          "min_risk_change=0.1x",
          "snapshot=yes",
          "snapshot=",
          "cursor=",
          "cursor=1:2",
          "stats_ms=99",
          "stats_ms=3600001",
          "stats_ms=-1"}) {
        const std::string_view text(query);
        EXPECT_EQ(refused(query), text.substr(0, text.find('='))) << query;
    }
    const std::string long_id(store::limits::kCustomerIdBytesMax + 1, 'c');
    EXPECT_EQ(refused("customer=" + long_id), "customer");
}

TEST(Subscription, NamesSoManyCustomersAndNoMore) {
    std::string query = "customer=0";
    for (std::size_t i = 1; i < store::limits::kStreamCustomersMax; ++i) {
        query += "," + std::to_string(i);
    }
    EXPECT_EQ(parsed(query).filter.customers.size(), store::limits::kStreamCustomersMax);
    EXPECT_EQ(parsed(query + ",0").filter.customers.size(), store::limits::kStreamCustomersMax);
    EXPECT_EQ(refused(query + ",more", {}, FaultCode::TooManyItems), "customer");
}

TEST(Subscription, TheHeaderOfAReconnectWins) {
    const Subscription s = parsed("cursor=0000000000000001:2", "0000000000000003:4");
    EXPECT_EQ(s.cursor->epoch, 3U);
    EXPECT_EQ(s.cursor->offset, 4U);
    EXPECT_EQ(parsed("cursor=0000000000000001:2", "").cursor->epoch, 1U);
    EXPECT_EQ(refused("", "x"), "Last-Event-ID");
}

TEST(StreamCursor, OnlyItsOwnSpellingIsRead) {
    for (const StreamCursor cursor :
         {StreamCursor{0, 0}, StreamCursor{0xabcdef, 12}, StreamCursor{~0ULL, ~0ULL}}) {
        const auto read = read_cursor(to_text(cursor));
        ASSERT_TRUE(read) << to_text(cursor);
        EXPECT_EQ(read->epoch, cursor.epoch);
        EXPECT_EQ(read->offset, cursor.offset);
    }
    EXPECT_EQ(to_text({0xabcdef, 12}), "0000000000abcdef:12");
    for (const char* text :
         {"",
          ":",
          "0000000000abcdef",
          "0000000000abcdef:",
          "0000000000abcdef:-1",
          "0000000000abcdef:+1",
          "0000000000abcdef:01",
          "0000000000abcdef: 1",
          "0000000000abcdef:1 ",
          "0000000000ABCDEF:1",
          "000000000abcdef:1",
          "00000000000abcdef:1",
          "-000000000abcdef:1",
          "0000000000abcdeg:1",
          "0000000000abcdef:18446744073709551616"}) {
        EXPECT_FALSE(read_cursor(text)) << text;
    }
}

TEST(Subscription, AGroupIsWhoIsSentTheSame) {
    EXPECT_EQ(group("tier=gold,silver"), group("tier=silver,gold"));
    EXPECT_EQ(group("tier=standard,silver,gold,platinum"), group(""));
    EXPECT_EQ(group("topics=tier,risk_band,lifecycle,follow_up,override"), group(""));
    EXPECT_EQ(group("customer=b,a,b"), group("customer=a,b"));
    EXPECT_EQ(group("tag=y,x"), group("tag=x,y,x"));
    EXPECT_EQ(group("min_risk_change=0.050"), group("min_risk_change=0.05"));
    EXPECT_EQ(group("min_risk_change=-0.0"), group(""));
    EXPECT_EQ(group("snapshot=true&cursor=0000000000000001:2"), group(""));
    EXPECT_EQ(group("stats_ms=500"), group("")) << "nobody asked for stats";
    const std::array<std::string, 14> different{
        "",
        "topics=tier",
        "topics=tier,stats",
        "topics=tier,stats&stats_ms=500",
        "tier=gold",
        "band=none",
        "lifecycle=prospect",
        "customer=a,b",
        "customer=a%2Cb",
        "region=a",
        "industry=a",
        "owner=a",
        "tag=a",
        "min_risk_change=0.05"
    };
    for (std::size_t i = 0; i < different.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            EXPECT_NE(group(different[i]), group(different[k])) << different[i] << different[k];
        }
    }
}

store::Change risk_change(double before, double after) {
    store::Change change;
    change.id = "c";
    change.from = Visible{.band = Band::Low};
    change.to = Visible{.band = Band::Medium};
    change.risk_before = before;
    change.score.churn_risk = after;
    return change;
}

TEST(Subscription, ASmallChangeOfRiskIsHeldBack) {
    const Subscription s = parsed("min_risk_change=0.25");
    EXPECT_EQ(s.passing(risk_change(0.25, 0.5)), Passing::Change);
    EXPECT_EQ(s.passing(risk_change(0.5, 0.25)), Passing::Change);
    EXPECT_EQ(s.passing(risk_change(0.25, 0.4)), Passing::No);
    EXPECT_EQ(s.passing(risk_change(scoring::kUnknown, 0.0)), Passing::Change);
    EXPECT_EQ(s.passing(risk_change(0.0, scoring::kUnknown)), Passing::Change);
    EXPECT_EQ(s.passing(risk_change(scoring::kUnknown, scoring::kUnknown)), Passing::No);
    EXPECT_EQ(
        parsed("").passing(risk_change(scoring::kUnknown, scoring::kUnknown)), Passing::Change
    );
}

TEST(Subscription, ComingAndGoingIsNeverHeldBack) {
    const Subscription s = parsed("band=medium&min_risk_change=1&topics=tier");
    EXPECT_EQ(s.passing(risk_change(0.2, 0.2)), Passing::Enter);
    store::Change back = risk_change(0.2, 0.2);
    std::swap(back.from, back.to);
    EXPECT_EQ(s.passing(back), Passing::Leave);
    back.to.reset();
    EXPECT_EQ(s.passing(back), Passing::Leave) << "erased";
    back.to = back.from;
    back.from.reset();
    EXPECT_EQ(s.passing(back), Passing::Enter) << "came";
}

// -- against the words of the contract, read one by one --

struct Wish {
    std::vector<std::string> topics, tiers, bands, stages, customers, regions, industries, owners,
        tags;
    double min_risk_change = 0;
};

constexpr std::array<std::string_view, 4> kTiers{"standard", "silver", "gold", "platinum"};
constexpr std::array<std::string_view, 3> kWords{"a", "b", "c,d"};
constexpr std::array<std::string_view, 6> kTopics{
    "tier", "risk_band", "lifecycle", "follow_up", "override", "stats"
};

bool listed(const std::vector<std::string>& wanted, std::string_view value) {
    bool found = wanted.empty();
    for (const std::string& word : wanted) {
        found = found || word == value;
    }
    return found;
}

bool in_picture(
    const Wish& wish,
    const store::Change& change,
    const std::optional<Visible>& v,
    const std::shared_ptr<const store::ProfileDetails>& profile
) {
    if (!v) {
        return false;
    }
    const auto attribute = [&](const std::vector<std::string>& wanted,
                               std::string store::ProfileDetails::* member) {
        return profile ? listed(wanted, (*profile).*member) : wanted.empty();
    };
    bool tagged = wish.tags.empty();
    for (const std::string& tag : profile ? profile->tags : wish.owners) {
        tagged = tagged || (profile && listed(wish.tags, tag));
    }
    return tagged && listed(wish.tiers, kTiers[v->tier]) &&
           listed(wish.bands, scoring::band_name(v->band)) &&
           listed(wish.stages, scoring::stage_name(v->stage)) &&
           listed(wish.customers, change.id) &&
           attribute(wish.regions, &store::ProfileDetails::region) &&
           attribute(wish.industries, &store::ProfileDetails::industry) &&
           attribute(wish.owners, &store::ProfileDetails::owner);
}

Passing expected(const Wish& wish, const store::Change& change) {
    const bool before = in_picture(wish, change, change.from, change.profile_before);
    const bool after = in_picture(wish, change, change.to, change.profile);
    if (!before && !after) {
        return Passing::No;
    }
    if (before && !after) {
        return Passing::Leave;
    }
    if (!before) {
        return Passing::Enter;
    }
    const Visible& a = *change.from;
    const Visible& b = *change.to;
    bool asked = false;
    for (const std::string_view topic : kTopics) {
        const bool differs = (topic == "tier" && a.tier != b.tier) ||
                             (topic == "tier" && a.tier_by_rules != b.tier_by_rules) ||
                             (topic == "risk_band" && a.band != b.band) ||
                             (topic == "lifecycle" && a.stage != b.stage) ||
                             (topic == "follow_up" && a.follow_up != b.follow_up) ||
                             (topic == "override" && a.override_kind != b.override_kind) ||
                             (topic == "override" && a.override_tier != b.override_tier);
        asked = asked || (differs && listed(wish.topics, topic));
    }
    const double was = change.risk_before;
    const double is = change.score.churn_risk;
    const bool enough = std::isnan(was) != std::isnan(is) ||
                        (std::isnan(was) ? 0.0 : std::fabs(is - was)) >= wish.min_risk_change;
    return asked && enough ? Passing::Change : Passing::No;
}

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
    }

    template <class Names>
    std::vector<std::string> some(const Names& names) {
        std::vector<std::string> out;
        for (const std::string_view name : names) {
            if (below(3) == 0) {
                out.emplace_back(name);
            }
        }
        return below(2) == 0 ? out : std::vector<std::string>{};
    }

    Wish wish() {
        std::vector<std::string_view> bands;
        for (std::size_t i = 0; i < scoring::kBands; ++i) {
            bands.push_back(scoring::band_name(static_cast<Band>(i)));
        }
        std::vector<std::string_view> stages;
        for (std::size_t i = 0; i < scoring::kStages; ++i) {
            stages.push_back(scoring::stage_name(static_cast<Stage>(i)));
        }
        Wish w{
            some(kTopics), some(kTiers), some(bands), some(stages), some(kWords), {}, {}, {}, {}
        };
        if (below(2) == 0) {
            w.regions = some(kWords);
            w.industries = some(kWords);
            w.owners = some(kWords);
            w.tags = some(kWords);
        }
        w.min_risk_change = below(2) == 0 ? 0 : 0.25;
        return w;
    }

    std::optional<Visible> visible() {
        if (below(8) == 0) {
            return std::nullopt;
        }
        const auto byte = [this](std::size_t n) {
            return static_cast<std::uint8_t>(below(n));
        };
        return Visible{
            byte(2),
            byte(4),
            static_cast<Band>(byte(4)),
            static_cast<Stage>(byte(7)),
            static_cast<FollowUpState>(byte(2)),
            static_cast<OverrideKind>(byte(2)),
            byte(2)
        };
    }

    double risk() {
        constexpr std::array<double, 4> kRisks{0, 0.25, 0.3, scoring::kUnknown};
        return kRisks[below(kRisks.size())];
    }

    store::Change change() {
        store::Change c;
        c.id = std::string(kWords[below(kWords.size())]);
        c.from = visible();
        c.to = below(3) == 0 ? visible() : c.from;
        if (c.from && c.to && below(2) == 0) {
            c.to->band = static_cast<Band>(below(4));
        }
        c.risk_before = risk();
        c.score.churn_risk = risk();
        c.profile = profile();
        c.profile_before = below(3) == 0 ? profile() : c.profile;
        return c;
    }

    std::shared_ptr<const store::ProfileDetails> profile() {
        if (below(4) == 0) {
            return nullptr;
        }
        auto profile = std::make_shared<store::ProfileDetails>();
        for (std::string* text : {&profile->region, &profile->industry, &profile->owner}) {
            *text = below(4) == 0 ? "" : std::string(kWords[below(kWords.size())]);
        }
        profile->tags = some(kWords);
        return profile;
    }

  private:
    std::mt19937_64 random_;
};

std::string query_of(const Wish& wish) {
    std::string query = "min_risk_change=" + std::to_string(wish.min_risk_change);
    const auto list = [&query](const char* name, const std::vector<std::string>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            query += i == 0 ? std::string("&") + name + "=" : ",";
            for (const char c : values[i]) {
                query += c == ',' ? "%2C" : std::string(1, c);
            }
        }
    };
    list("topics", wish.topics);
    list("tier", wish.tiers);
    list("band", wish.bands);
    list("lifecycle", wish.stages);
    list("customer", wish.customers);
    list("region", wish.regions);
    list("industry", wish.industries);
    list("owner", wish.owners);
    list("tag", wish.tags);
    return query;
}

TEST(Subscription, PassesWhatItsWordsSay) {
    Chance chance(test_seed(20'260'301));
    std::array<int, 4> seen{};
    for (int round = 0; round < 2'000; ++round) {
        Wish wish = chance.wish();
        const Subscription s = parsed(query_of(wish));
        if (wish.topics.empty()) {
            wish.topics.assign(kTopics.begin(), kTopics.end() - 1);
        }
        for (int i = 0; i < 25; ++i) {
            const store::Change change = chance.change();
            const Passing passing = s.passing(change);
            ++seen[static_cast<std::size_t>(passing)];
            ASSERT_EQ(passing, expected(wish, change)) << query_of(wish) << " round " << round;
            for (const auto& v : {change.from, change.to}) {
                ASSERT_EQ(
                    v && s.filter.holds(change.id, *v, change.profile.get()),
                    in_picture(wish, change, v, change.profile)
                ) << query_of(wish);
            }
        }
    }
    for (const int count : seen) {
        EXPECT_GT(count, 100) << "not every way to pass was tried";
    }
}

}  // namespace
}  // namespace patron::endpoints
