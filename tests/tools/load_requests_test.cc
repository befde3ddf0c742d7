#include <cmath>
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tools/load/customer_picker.h"
#include "tools/load/request_maker.h"
#include "tools/load/subscribers.h"

namespace patron::tools {
namespace {

namespace json = boost::json;

RequestContext context() {
    return {
        .host = "h:1",
        .prefix = "/p",
        .seed = 3,
        .part = 0,
        .customers = 1'000,
        .zipf = 0,
        .run_ms = 1'795'335'091'443
    };
}

std::string one(RequestMaker& maker, std::int64_t due_ns = 0) {
    std::string out = "before";
    maker.append(out, due_ns);
    EXPECT_TRUE(out.starts_with("before"));
    return out.substr(6);
}

// The body, whose length the head must have told.
std::string body_of(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n");
    const std::size_t length = request.find("Content-Length: ") + 16;
    const std::string body = request.substr(end + 4);
    EXPECT_EQ(std::stoul(request.substr(length)), body.size());
    return body;
}

std::vector<json::object> lines_of(const std::string& body) {
    std::vector<json::object> out;
    for (std::size_t at = 0; at < body.size(); at = body.find('\n', at) + 1) {
        out.push_back(json::parse(body.substr(at, body.find('\n', at) - at)).as_object());
    }
    return out;
}

TEST(RequestMaker, AsksForTheScoreOfEverybodyInTurn) {
    const auto maker = make_score_reads(context());
    std::set<std::string> asked;
    for (int i = 0; i < 20'000; ++i) {
        const std::string request = one(*maker);
        ASSERT_TRUE(request.starts_with("GET /p/v1/customers/C0000"));
        ASSERT_TRUE(request.ends_with("/score HTTP/1.1\r\nHost: h:1\r\n\r\n"));
        asked.insert(request.substr(20, 8));
    }
    EXPECT_EQ(asked.size(), 1'000U);
    EXPECT_EQ(*asked.begin(), "C0000000");
    EXPECT_EQ(*asked.rbegin(), "C0000999");
}

TEST(RequestMaker, AsksForManyIdsAtOnce) {
    const auto maker = make_score_batches(context(), 7);
    const auto ids = json::parse(body_of(one(*maker))).at("ids").as_array();
    ASSERT_EQ(ids.size(), 7U);
    std::set<std::string> different;
    for (const json::value& id : ids) {
        EXPECT_EQ(id.as_string().size(), 8U);
        different.insert(std::string(id.as_string()));
    }
    EXPECT_GT(different.size(), 1U);
}

TEST(RequestMaker, PostsOrdersAndVisitsThatAllHaveNamesOfTheirOwn) {
    const auto maker = make_event_posts(context(), 50);
    std::set<std::string> ids;
    for (int i = 0; i < 10; ++i) {
        const auto lines = lines_of(body_of(one(*maker)));
        ASSERT_EQ(lines.size(), 50U);
        for (std::size_t place = 0; place < lines.size(); ++place) {
            EXPECT_EQ(lines[place].at("type").as_string(), place % 2 == 0 ? "order" : "visit");
            ids.insert(std::string(lines[place].at("id").as_string()));
        }
    }
    EXPECT_EQ(ids.size(), 500U);
    RequestContext other = context();
    other.part = 1;
    const auto lines = lines_of(body_of(one(*make_event_posts(other, 50))));
    EXPECT_FALSE(ids.contains(std::string(lines[0].at("id").as_string())));
}

TEST(RequestMaker, TakesAnAnswerOnlyIfEveryEventWasTakenAndNew) {
    const auto maker = make_event_posts(context(), 50);
    EXPECT_EQ(maker->units_of(R"({"accepted":50,"duplicates":0,"seq":9,"rejected":[]})"), 50);
    EXPECT_EQ(maker->units_of(R"({"accepted":49,"duplicates":0,"seq":9})"), -1);
    EXPECT_EQ(maker->units_of(R"({"accepted":50,"duplicates":1,"seq":9})"), -1);
    EXPECT_EQ(maker->units_of(R"({"accepted":)"), -1);
    EXPECT_EQ(maker->units_of("hello"), -1);
}

TEST(RequestMaker, PinsEverybodyThenLiftsEverybodyAndKnowsWhenEachWasDue) {
    RequestContext few = context();
    few.customers = 6;
    ChangeDues dues(6);
    const auto maker = make_override_posts(few, 4, dues);
    std::multiset<std::string> pinned;
    std::multiset<std::string> lifted;
    for (int i = 0; i < 3; ++i) {
        for (const json::object& line : lines_of(body_of(one(*maker, 100 + i)))) {
            (line.at("mode").as_string() == "pin" ? pinned : lifted)
                .insert(std::string(line.at("customer").as_string()));
        }
    }
    const std::multiset<std::string> everybody{
        "C0000000", "C0000001", "C0000002", "C0000003", "C0000004", "C0000005"
    };
    EXPECT_EQ(pinned, everybody);
    EXPECT_EQ(lifted, everybody);
    for (std::uint32_t customer = 0; customer < 6; ++customer) {
        EXPECT_GE(dues.of(customer, true), 100);
        EXPECT_LE(dues.of(customer, true), 101);
        EXPECT_GE(dues.of(customer, false), dues.of(customer, true));
        EXPECT_LE(dues.of(customer, false), 102);
    }
    EXPECT_EQ(override_lifts(few, 4).size(), 2U);
}

TEST(CustomerPicker, FollowsZipfsLaw) {
    for (const double exponent : {0.5, 1.0, 1.3}) {
        SCOPED_TRACE(exponent);
        constexpr std::uint32_t kCustomers = 50;
        constexpr int kDraws = 400'000;
        CustomerPicker picker(kCustomers, exponent, 11, 0);
        std::vector<double> seen(kCustomers);
        for (int i = 0; i < kDraws; ++i) {
            ++seen[picker.pick()];
        }
        const std::uint64_t stride = scattering_stride(kCustomers);
        double sum = 0;
        for (std::uint32_t rank = 1; rank <= kCustomers; ++rank) {
            sum += std::pow(rank, -exponent);
        }
        for (std::uint32_t rank = 1; rank <= kCustomers; ++rank) {
            const double expected = kDraws * std::pow(rank, -exponent) / sum;
            EXPECT_NEAR(seen[(rank - 1) * stride % kCustomers], expected, 5 * std::sqrt(expected));
        }
    }
}

TEST(CustomerPicker, OfOneCustomerPicksIt) {
    CustomerPicker picker(1, 1.1, 1, 0);
    EXPECT_EQ(picker.pick(), 0U);
}

TEST(FeedMessage, TellsAnOverrideAndWhetherItWasSet) {
    const FeedMessage set = read_feed_message(
        R"({"type":"change","customer_id":"C0000017","at":"2026-11-22T08:11:29.404Z","cause":"override",)"
        R"("changes":{"override":{"from":null,"to":{"mode":"pin","tier":"gold"}}},"score":{"tier":"gold",)"
        R"("override":{"mode":"pin","tier":"gold"},"churn_risk":0.9},"seq":1,"conflated":3,"cursor":"a:1"})"
    );
    EXPECT_EQ(set.kind, FeedMessage::Kind::Change);
    EXPECT_TRUE(set.by_override);
    EXPECT_TRUE(set.pinned);
    EXPECT_EQ(set.customer, 17U);
    EXPECT_EQ(set.conflated, 3U);
    const FeedMessage lifted = read_feed_message(
        R"({"type":"enter","customer_id":"C0000017","at":"2026-11-22T08:11:29.404Z","cause":"override",)"
        R"("changes":{"override":{"from":{"mode":"pin","tier":"gold"},"to":null}},"score":{"tier":"gold",)"
        R"("override":null,"churn_risk":0.9},"seq":1,"cursor":"a:1"})"
    );
    EXPECT_TRUE(lifted.by_override);
    EXPECT_FALSE(lifted.pinned);
    EXPECT_EQ(lifted.conflated, 1U);
}

TEST(FeedMessage, TellsOthersApart) {
    EXPECT_EQ(read_feed_message(R"({"type":"gap","reason":"slow"})").kind, FeedMessage::Kind::Gap);
    EXPECT_EQ(read_feed_message(R"({"type":"hello"})").kind, FeedMessage::Kind::Other);
    EXPECT_EQ(read_feed_message("").kind, FeedMessage::Kind::Other);
    EXPECT_EQ(read_feed_message(R"({"type":")").kind, FeedMessage::Kind::Other);
    EXPECT_FALSE(
        read_feed_message(R"({"type":"change","customer_id":"X1","cause":"time"})").by_override
    );
}

}  // namespace
}  // namespace patron::tools
