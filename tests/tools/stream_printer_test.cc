#include "tools/patron/stream_printer.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "server/start_error.h"

namespace patron::tools {
namespace {

constexpr const char* kHello =
    R"({"type":"hello","cursor":"a:1","seq":4,"as_of":"2026-11-22T11:00:00Z","policy":"default@1",)"
    R"("heartbeat_ms":15000})";
constexpr const char* kChange =
    R"({"type":"change","customer_id":"C42","at":"2026-11-22T12:00:01.123Z","cause":"time",)"
    R"("changes":{"tier":{"from":"gold","to":"silver"},"risk_band":{"from":"low","to":"medium"}},)"
    R"("score":{"tier":"silver","churn_risk":0.42104},"seq":9,"cursor":"a:2"})";
constexpr const char* kChangeLine =
    "12:00:01.123  C42  tier gold -> silver, risk band low -> medium  (time)  risk 0.4210\n";

struct Seen {
    std::string out;
    std::string notices;
};

Seen print(const std::vector<std::string>& messages, StreamOutput how = {}) {
    std::ostringstream out;
    std::ostringstream notices;
    StreamPrinter printer(how, out, notices);
    for (const std::string& message : messages) {
        EXPECT_TRUE(printer.message(message));
    }
    printer.caught_up();
    return {out.str(), notices.str()};
}

TEST(StreamPrinter, WritesAChangeAsALine) {
    EXPECT_EQ(print({kHello, kChange}).out, kChangeLine);
    EXPECT_EQ(print({kChange}).out, kChangeLine);
}

TEST(StreamPrinter, GivesTheDateOfOtherDays) {
    const std::string next = R"({"type":"heartbeat","as_of":"2026-11-23T00:00:01Z"})";
    EXPECT_EQ(print({next, kChange}).out, std::string("2026-11-22 ") + kChangeLine);
}

TEST(StreamPrinter, TellsWhoCameAndWhoWent) {
    EXPECT_EQ(
        print(
            {R"({"type":"enter","customer_id":"N","at":"2026-11-22T12:00:01Z","cause":"event",)"
             R"("changes":{"tier":{"from":null,"to":"gold"},"tier_by_rules":{"from":null,"to":"gold"},)"
             R"("lifecycle":{"from":null,"to":"new"},"follow_up":{"from":null,"to":"none"}},)"
             R"("score":{"tier":"gold","tier_by_rules":"gold","risk_band":null,"lifecycle":"new",)"
             R"("follow_up":"none","override":null,"churn_risk":null},"seq":9})"}
        )
            .out,
        "12:00:01.000  N  enters tier gold, lifecycle new  (event)\n"
    );
    EXPECT_EQ(
        print({R"({"type":"leave","customer_id":"N","at":"2026-11-22T12:00:01Z","cause":"event",)"
               R"("changes":{"tier":{"from":"gold","to":null}},"score":null,"seq":9})"})
            .out,
        "12:00:01.000  N  leaves  (event)  erased\n"
    );
}

TEST(StreamPrinter, TellsOverridesAndWhatWasMerged) {
    const auto line = [](const std::string& tiers) {
        return print({R"({"type":"leave","customer_id":"N","at":"2026-11-22T12:00:01Z",)"
                      R"("cause":"override","changes":{)" +
                      tiers +
                      R"(,"override":{"from":null,"to":{"mode":"pin","tier":"gold"}}},)"
                      R"("score":{"churn_risk":0.5},"seq":9,"conflated":3})"})
            .out;
    };
    EXPECT_EQ(
        line(R"("tier":{"from":"a","to":"b"},"tier_by_rules":{"from":"a","to":"b"})"),
        "12:00:01.000  N  leaves tier a -> b, override none -> pin gold"
        "  (override, 3 in one)  risk 0.5000\n"
    );
    EXPECT_EQ(
        line(R"("tier":{"from":"a","to":"b"},"tier_by_rules":{"from":"a","to":"c"})"),
        "12:00:01.000  N  leaves tier a -> b, tier by rules a -> c, override none -> pin gold"
        "  (override, 3 in one)  risk 0.5000\n"
    );
}

TEST(StreamPrinter, WritesCustomersOfASnapshotAndCounts) {
    EXPECT_EQ(
        print({R"({"type":"snapshot_begin","as_of":"2026-11-22T11:00:00Z"})",
               R"({"type":"customer","customer_id":"C1","score":{"tier":"gold",)"
               R"("tier_by_rules":"silver","since":null,"risk_band":"low","lifecycle":"active",)"
               R"("follow_up":"none","override":null,"churn_risk":0.1}})",
               R"({"type":"snapshot_end","cursor":"a:3","customers":1})"})
            .out,
        "C1  tier gold, tier by rules silver, risk band low, lifecycle active  risk 0.1000\n"
    );
    EXPECT_EQ(
        print({R"({"type":"stats","customers":3,"tiers":{"gold":1,"silver":2},)"
               R"("risk_bands":{"none":3},"pending":0,"seq":5,"as_of":"2026-11-22T11:00:00.5Z"})"})
            .out,
        "11:00:00.5  3 customers; tiers gold 1, silver 2; risk bands none 3\n"
    );
}

TEST(StreamPrinter, DoesNotSendATerminalWhatSomebodyElseWrote) {
    const Seen seen = print({R"({"type":"change","customer_id":"a\u001b[2Jb\n","changes":{}})"});
    EXPECT_EQ(seen.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(seen.out, "a?[2Jb?  erased\n");
}

TEST(StreamPrinter, ColoursOnlyIfAsked) {
    StreamOutput coloured;
    coloured.colours = true;
    const std::string out = print({kChange}, coloured).out;
    EXPECT_NE(out.find("\x1b[1mC42\x1b[0m"), std::string::npos);
    EXPECT_NE(out.find("\x1b[33mmedium\x1b[0m"), std::string::npos);
    EXPECT_EQ(print({kChange}).out.find('\x1b'), std::string::npos);
}

TEST(StreamPrinter, PassesJsonOnAsItCame) {
    StreamOutput json;
    json.json = true;
    EXPECT_EQ(print({kHello, kChange}, json).out, std::string(kHello) + "\n" + kChange + "\n");
}

TEST(StreamPrinter, TellsAGapBesideTheOutput) {
    const std::string gap = R"({"type":"gap","reason":"expired","cursor":"a:9"})";
    const Seen seen = print({gap});
    EXPECT_EQ(seen.out, "");
    EXPECT_NE(seen.notices.find("missed (expired)"), std::string::npos) << seen.notices;
    StreamOutput json;
    json.json = true;
    EXPECT_EQ(print({gap}, json).out, gap + "\n");
    EXPECT_NE(print({gap}, json).notices, "");
}

TEST(StreamPrinter, HasEnoughAfterSoManyChanges) {
    std::ostringstream out;
    StreamOutput two;
    two.changes_max = 2;
    StreamPrinter printer(two, out, out);
    EXPECT_TRUE(printer.message(kHello));
    EXPECT_TRUE(printer.message(kChange));
    EXPECT_TRUE(printer.message(R"({"type":"customer","customer_id":"x"})"));
    EXPECT_FALSE(printer.message(kChange));
}

TEST(StreamPrinter, RefusesWhatIsNoMessage) {
    for (const char* text : {"", "hello", "[1]", "{\"type\":"}) {
        std::ostringstream out;
        StreamPrinter printer({}, out, out);
        try {
            printer.message(text);
            FAIL() << text;
        } catch (const server::StartError& error) {
            EXPECT_EQ(error.code(), server::ExitCode::Protocol);
        }
    }
    EXPECT_EQ(print({"{}", R"({"type":"what"})", R"({"type":3})"}).out, "") << "of a later version";
}

TEST(StreamPrinter, EndsWhenItsOutputDoes) {
    std::ostringstream out;
    StreamPrinter printer({}, out, out);
    printer.message(kChange);
    out.setstate(std::ios::badbit);
    EXPECT_THROW(printer.caught_up(), server::StartError);
}

}  // namespace
}  // namespace patron::tools
