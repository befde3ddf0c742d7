#include "tools/patron/csv_import.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/start_error.h"
#include "server/wire/instant_text.h"
#include "tools/patron/ndjson_import.h"

namespace patron::tools {
namespace {

namespace json = boost::json;
using testing::ElementsAre;

class TextSource final : public ByteSource {
  public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    std::size_t read(std::span<char> into) override {
        const std::size_t n = std::min(into.size(), text_.size() - at_);
        std::copy_n(text_.data() + at_, n, into.data());
        at_ += n;
        return n;
    }
    std::uint64_t bytes_taken() const override { return at_; }
    std::optional<std::uint64_t> bytes_total() const override { return text_.size(); }

  private:
    std::string text_;
    std::size_t at_ = 0;
};

class RecordingSink final : public ImportSink {
  public:
    void event(std::string_view customer, std::string_view line, Place place) override {
        EXPECT_TRUE(line.ends_with('\n'));
        events.push_back(json::parse(line.substr(0, line.size() - 1)).as_object());
        lines.push_back(place.line);
        customers.emplace_back(customer);
    }
    void refuse(Place place, const Refusal& refusal, std::string_view) override {
        refusals.push_back(std::to_string(place.line) + " " + refusal.reason);
    }

    std::vector<json::object> events;
    std::vector<std::uint64_t> lines;
    std::vector<std::string> customers;
    std::vector<std::string> refusals;
};

CsvRules rules(const std::string& map, std::string_view at_format = "%Y%m%d") {
    return {
        {},
        {map.empty() ? ColumnMap() : ColumnMap::parse({map}),
         HeaderRow::Auto,
         *TimeFormat::make(at_format),
         *scoring::DayClock::make("Asia/Shanghai")},
        {},
        std::nullopt
    };
}

RecordingSink import(const std::string& text, const CsvRules& with, ImportTally* tally = nullptr) {
    TextSource source(text);
    RecordingSink sink;
    ImportTally ignored;
    import_csv(source, 0, with, sink, tally != nullptr ? *tally : ignored, [] {});
    return sink;
}

std::string text(const json::object& event, std::string_view name) {
    const json::value* value = event.if_contains(name);
    return value == nullptr ? "absent" : json::serialize(*value);
}

std::vector<std::string> all(const RecordingSink& sink, std::string_view name) {
    std::vector<std::string> out;
    for (const json::object& event : sink.events) {
        out.push_back(text(event, name));
    }
    return out;
}

TEST(CsvImport, TakesRowsWithoutOrderIdsAsOneOrderEach) {
    CsvRules with = rules("customer=2,at=3,amount=5");
    with.format = {' ', Split::AtSpaces};
    const auto sink = import(" 04 0001 19970101  2   29.33\n 04 0001 19970101  2   29.33\n", with);
    ASSERT_EQ(sink.events.size(), 2U);
    EXPECT_EQ(text(sink.events[0], "customer"), "\"0001\"");
    EXPECT_EQ(text(sink.events[0], "amount"), "2.933E1");
    EXPECT_EQ(
        text(sink.events[0], "at"),
        std::to_string(wire::parse_instant("1997-01-01T00:00:00+08:00")->ms)
    );
    EXPECT_NE(text(sink.events[0], "id"), text(sink.events[1], "id"))
        << "equal rows are two orders";
    EXPECT_EQ(text(sink.events[0], "id"), text(sink.events[0], "order_id"));
    EXPECT_EQ(
        all(import(" 04 0001 19970101  2   29.33\n 04 0001 19970101  2   29.33\n", with), "id"),
        all(sink, "id")
    ) << "the same file again has the same ids";
}

TEST(CsvImport, FindsTheHeaderByItself) {
    const std::string rows = "7,19970101,1\n8,19970102,2\n";
    EXPECT_EQ(
        import("who,when,what\n" + rows, rules("customer=who,at=WHEN,amount=what")).events.size(),
        2U
    );
    EXPECT_EQ(
        import("who,when,what\n" + rows, rules("customer=1,at=2,amount=3")).events.size(), 2U
    );
    EXPECT_EQ(import(rows, rules("customer=1,at=2,amount=3")).events.size(), 2U);
    EXPECT_EQ(import("amount,at,customer\n5,19970101,7\n", rules("")).events.size(), 1U)
        << "columns named like fields need no map";
}

TEST(CsvImport, NamesWhatTheMapLacks) {
    for (const char* map :
         {"customer=who,at=2,amount=3",
          "customer=1,amount=3",
          "customer=1,at=2",
          "customer=1,at=2,quantity=3",
          "customer=1,at=2,amount=3,quantity=3,price=3"}) {
        EXPECT_THROW(import("a,b,c\n7,19970101,1\n", rules(map)), server::StartError) << map;
    }
    EXPECT_THROW(ColumnMap::parse({"nonsense=1"}), server::StartError);
    EXPECT_THROW(ColumnMap::parse({"at=1,at=2"}), server::StartError);
    EXPECT_THROW(ColumnMap::parse({"at"}), server::StartError);
}

TEST(CsvImport, AddsUpTheLinesOfAnOrderWhereverTheyStand) {
    const auto sink = import(
        "c,o,d,q,p\n"
        "A,1,19970103,6,2.55\n"
        "B,1,19970101,1,7\n"
        "A,2,19970101,1,1\n"
        "A,1,19970102,3,0.1\n",
        rules("customer=c,order_id=o,at=d,quantity=q,price=p")
    );
    EXPECT_THAT(all(sink, "customer"), ElementsAre("\"A\"", "\"B\"", "\"A\""));
    EXPECT_THAT(all(sink, "amount"), ElementsAre("1.56E1", "7", "1"));
    EXPECT_THAT(sink.lines, ElementsAre(2, 3, 4));
    EXPECT_EQ(
        text(sink.events[0], "at"),
        std::to_string(wire::parse_instant("1997-01-02T00:00:00+08:00")->ms)
    ) << "the earliest of its lines";
}

TEST(CsvImport, CutsOrdersAtTheBoundAndSaysSo) {
    CsvRules with = rules("customer=1,order_id=2,at=3,amount=4");
    with.open_orders_max = 2;
    ImportTally tally;
    const auto sink =
        import("A,1,19970101,1\nA,2,19970101,2\nA,1,19970101,4\nA,1,19970101,8\n", with, &tally);
    EXPECT_THAT(all(sink, "amount"), ElementsAre("1", "2", "12"));
    EXPECT_EQ(tally.orders_cut, 1U);
    EXPECT_NE(text(sink.events[0], "id"), text(sink.events[2], "id"));
}

TEST(CsvImport, MakesRefundsOfNegativeAmountsAndPrefixes) {
    CsvRules with = rules("customer=1,order_id=2,at=3,amount=4,kind=5");
    with.orders.refund_prefix = "C";
    const auto sink = import(
        "A,1,19970101,-5,product\nA,C2,19970101,3,product\nA,3,19970101,3,product\nA,C4,19970101,0,"
        "\n",
        with
    );
    EXPECT_THAT(all(sink, "type"), ElementsAre("\"refund\"", "\"refund\"", "\"order\""));
    EXPECT_THAT(all(sink, "amount"), ElementsAre("5", "3", "3"));
    EXPECT_THAT(all(sink, "kind"), ElementsAre("absent", "absent", "\"product\""));
    EXPECT_EQ(text(sink.events[0], "order_id"), "\"1\"");
    EXPECT_THAT(sink.refusals, ElementsAre("4 empty_refund"));
}

TEST(CsvImport, RefusesRowsWithTheirLineAndReason) {
    CsvRules with = rules("customer=1,at=2,amount=3");
    with.rows.header = HeaderRow::No;
    const auto sink = import(
        "A,19970101,1\n"
        ",19970101,1\n"
        "A,19970230,1\n"
        "A,19970101,1e3\n"
        "A,19970101\n"
        "A,19970101,\n"
        "\"A\"x,19970101,1\n"
        "\xFF,19970101,1\n"
        "B,19970101,2\n",
        with
    );
    EXPECT_THAT(
        sink.refusals,
        ElementsAre(
            "2 no_customer",
            "3 bad_time",
            "4 bad_number",
            "5 missing_column",
            "6 no_amount",
            "7 broken_row",
            "8 bad_text"
        )
    );
    EXPECT_THAT(sink.customers, ElementsAre("A", "B"));
}

TEST(CsvImport, LeavesOutWhatIsLaterThanAsked) {
    CsvRules with = rules("customer=1,at=2,amount=3");
    with.until = wire::parse_instant("1997-01-02T00:00:00+08:00");
    ImportTally tally;
    const auto sink = import("A,19970101,1\nA,19970102,2\nA,19970103,3\n", with, &tally);
    EXPECT_EQ(sink.events.size(), 2U);
    EXPECT_EQ(tally.rows, 3U);
    EXPECT_EQ(tally.rows_later, 1U);
}

TEST(CsvImport, RoundsAndTrimsOnlyWhenAsked) {
    CsvRules with = rules("customer=1,at=2,amount=3");
    EXPECT_EQ(text(import("1.0,19970101,2.345\n", with).events[0], "amount"), "2.345E0");
    EXPECT_EQ(text(import("1.0,19970101,2.345\n", with).events[0], "customer"), "\"1.0\"");
    with.orders.decimals = 2;
    with.rows.trim_decimal_ids = true;
    EXPECT_EQ(text(import("1.0,19970101,2.345\n", with).events[0], "amount"), "2.34E0");
    EXPECT_EQ(text(import("1.0,19970101,2.345\n", with).events[0], "customer"), "\"1\"");
    EXPECT_EQ(text(import("1.5,19970101,2.345\n", with).events[0], "customer"), "\"1.5\"");
    EXPECT_EQ(text(import("a.0,19970101,2.345\n", with).events[0], "customer"), "\"a.0\"");
}

TEST(CsvImport, PassesOtherEventsWithTheirFields) {
    const auto sink = import(
        "customer,at,type,severity,public,rating,reason\n"
        "A,19970101,complaint,4,,,\n"
        "A,19970102,review,,yes,5,\n"
        "A,19970102,complaint,often,,,\n",
        rules("")
    );
    ASSERT_EQ(sink.events.size(), 2U);
    EXPECT_EQ(text(sink.events[0], "type"), "\"complaint\"");
    EXPECT_EQ(text(sink.events[0], "severity"), "4");
    EXPECT_EQ(text(sink.events[0], "rating"), "absent");
    EXPECT_EQ(text(sink.events[1], "public"), "true");
    EXPECT_THAT(sink.refusals, ElementsAre("4 bad_number"));
}

TEST(CsvImport, EscapesWhatJsonCannotHold) {
    const auto sink = import("\"A\"\"\\\n\",19970101,1\n", rules("customer=1,at=2,amount=3"));
    ASSERT_EQ(sink.events.size(), 1U);
    EXPECT_EQ(sink.events[0].at("customer").as_string(), "A\"\\\n");
}

TEST(NdjsonImport, PassesLinesOnAndRefusesWhatIsNoObject) {
    TextSource source(
        "{\"type\":\"visit\",\"customer\":\"A\",\"at\":1000}\n\n[1]\n{\"customer\":\"B\",\"at\":"
        "\"1970-01-01T00:"
        "00:03Z\"}\nnonsense\n{\"customer\":\"C\",\"at\":1500}"
    );
    RecordingSink sink;
    ImportTally tally;
    import_ndjson(source, 0, scoring::Instant{2000}, sink, tally, [] {});
    EXPECT_THAT(sink.customers, ElementsAre("A", "C"));
    EXPECT_THAT(sink.refusals, ElementsAre("3 bad_json", "5 bad_json"));
    EXPECT_EQ(tally.rows_later, 1U);
    EXPECT_THAT(sink.lines, ElementsAre(1, 6));
}

}  // namespace
}  // namespace patron::tools
