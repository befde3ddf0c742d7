#include "server/wire/event_decoder.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::wire {
namespace {

namespace limits = store::limits;
using scoring::Instant;
using scoring::Money;
using store::FaultCode;

constexpr Instant kNow{1'800'000'000'000};  // 2027-01-15T08:00:00Z
constexpr std::array<std::string_view, 3> kTiers{"member", "gold", "platinum"};

const scoring::CurrencyTable& currencies() {
    static const scoring::CurrencyTable table{
        {'C', 'N', 'Y'},
        2,
        {*scoring::parse_rate({'U', 'S', 'D'}, "7.1042"),
         *scoring::parse_rate({'J', 'P', 'Y'}, "0.047")}
    };
    return table;
}

store::Result<DecodedEvents> decode(
    std::string_view body, BodyForm form = BodyForm::Json, OnError on_error = OnError::Reject
) {
    EventDecoder decoder;
    return decoder.decode(body, form, {currencies(), kNow, kTiers, on_error});
}

store::Fault fault_of(std::string_view body, BodyForm form = BodyForm::Json) {
    auto decoded = decode(body, form);
    EXPECT_FALSE(decoded) << body;
    return decoded ? store::Fault{} : decoded.error();
}

// The only event of a body that must be fine.
class OneEvent {
  public:
    explicit OneEvent(std::string_view body) : decoded_(decode(body)) {
        EXPECT_TRUE(decoded_) << body << "\n" << (decoded_ ? "" : decoded_.error().detail);
        EXPECT_TRUE(!decoded_ || decoded_->batch.events.size() == 1);
    }
    const store::Event& operator*() const { return decoded_.value().batch.events.at(0); }
    template <class Body>
    const Body& body() const {
        return std::get<Body>((**this).body);
    }
    template <class Body>
    const Body& boxed() const {
        return *std::get<std::unique_ptr<Body>>((**this).body);
    }

  private:
    store::Result<DecodedEvents> decoded_;
};

// `{"type":<type>,"customer":"C1",<members>}`
std::string event(std::string_view type, std::string_view members = {}) {
    return R"({"type":")" + std::string(type) + R"(","customer":"C1")" +
           (members.empty() ? "" : ",") + std::string(members) + "}";
}

std::string order(std::string_view members) {
    return event("order", R"("id":"e1","order_id":"O1",)" + std::string(members));
}

void expect_fault(std::string_view body, FaultCode code, std::string_view field) {
    const store::Fault fault = fault_of(body);
    EXPECT_EQ(fault.code, code) << body << "\n" << fault.detail;
    EXPECT_EQ(fault.field, field) << body << "\n" << fault.detail;
    EXPECT_EQ(fault.index, 0) << body;
    EXPECT_FALSE(fault.detail.empty()) << body;
}

TEST(EventDecoder, ReadsAnOrder) {
    const OneEvent read(
        R"( {"amount":1200.50,"customer":"C\u00e942","margin":"-3.5","kind":"service","channel":"web",)"
        R"("at":"2026-11-21T22:17:01.123+08:00","source":null,"order_id":"O\/1","id":"e1","type":"order"} )"
    );
    EXPECT_EQ(
        (*read).customer,
        "C\xC3\xA9"
        "42"
    );
    EXPECT_EQ((*read).id, "e1");
    EXPECT_EQ((*read).at, Instant{1'795'270'621'123});
    EXPECT_EQ(read.body<store::Order>().order_id, "O/1");
    EXPECT_EQ(read.body<store::Order>().amount, Money{120'050});
    EXPECT_EQ(read.body<store::Order>().margin, Money{-350});
    EXPECT_EQ(read.body<store::Order>().kind, store::OrderKind::Service);
}

TEST(EventDecoder, ReadsEveryOtherType) {
    const OneEvent refund(
        event("refund", R"("id":"e","order_id":"O","amount":"2.00","reason":"broken")")
    );
    EXPECT_EQ(refund.body<store::Refund>().amount, Money{200});
    const OneEvent whole_refund(event("refund", R"("id":"e","order_id":"O","amount":null)"));
    EXPECT_FALSE(whole_refund.body<store::Refund>().amount);
    EXPECT_TRUE(
        std::holds_alternative<store::Visit>((*OneEvent(event("visit", R"("channel":"app")"))).body)
    );

    const std::pair<const char*, store::TicketPhase> phases[] = {
        {"ticket_opened", store::TicketPhase::Opened},
        {"ticket_first_response", store::TicketPhase::FirstResponse},
        {"ticket_resolved", store::TicketPhase::Resolved}
    };
    for (const auto& [type, phase] : phases) {
        const OneEvent ticket(event(type, R"("ticket_id":"T1","severity":5,"cost":10)"));
        EXPECT_EQ(ticket.body<store::Ticket>().phase, phase);
        EXPECT_EQ(ticket.body<store::Ticket>().ticket_id, "T1");
        EXPECT_EQ(ticket.body<store::Ticket>().severity, 5);
        EXPECT_EQ(ticket.body<store::Ticket>().cost, Money{1'000});
    }
    EXPECT_EQ(
        OneEvent(event("ticket_opened", R"("ticket_id":"T")")).body<store::Ticket>().severity, 0
    );
    EXPECT_EQ(
        OneEvent(event("complaint", R"("severity":3.0,"topic":"late")"))
            .body<store::Complaint>()
            .severity,
        3
    );
    const OneEvent review(event("review", R"("rating":4,"public":true)"));
    EXPECT_EQ(review.body<store::Review>().rating, 4);
    EXPECT_TRUE(review.body<store::Review>().is_public);
    const OneEvent survey(event("survey", R"("kind":"csat","score":4.5,"dimension":"product")"));
    EXPECT_EQ(survey.body<store::Survey>().kind, store::SurveyKind::Csat);
    EXPECT_EQ(survey.body<store::Survey>().score, 4.5);
    EXPECT_EQ(survey.body<store::Survey>().dimension, store::SurveyDimension::Product);
    EXPECT_EQ(
        OneEvent(event("feedback", R"("channel":"mail","sentiment":-1)"))
            .body<store::Feedback>()
            .sentiment,
        -1
    );
    const OneEvent referral(event("referral", R"("referred":"C2","converted":true)"));
    EXPECT_EQ(referral.body<store::Referral>().referred, "C2");
    EXPECT_TRUE(referral.body<store::Referral>().converted);
    EXPECT_EQ(
        OneEvent(event("follow_up", R"("channel":"call","cost":1.5)")).body<store::FollowUp>().cost,
        Money{150}
    );
    EXPECT_TRUE(OneEvent(event("training", R"("topic":"x","completed":true)"))
                    .body<store::Training>()
                    .completed);
    EXPECT_EQ(
        OneEvent(event("churn_confirmed", R"("reason":"competitor")"))
            .body<store::ChurnConfirmed>()
            .reason,
        store::ChurnReason::Competitor
    );
    EXPECT_TRUE(std::holds_alternative<store::Erase>((*OneEvent(event("erase"))).body));
}

TEST(EventDecoder, ReadsAProfileAndLeavesOutWhatIsNotGiven) {
    const OneEvent read(event(
        "profile",
        R"("customer_since":"2020-01-01T00:00:00Z","influence":99.5,"strategic":"key","region":"\u534e\u4e1c",)"
        R"("do_not_contact":false,"birthday":"1984-02-29","tags":["a","b\n","\u00e9"],"industry":null)"
    ));
    const auto& profile = read.boxed<store::Profile>();
    EXPECT_EQ(profile.customer_since, Instant{1'577'836'800'000});
    EXPECT_EQ(profile.influence, 99.5);
    EXPECT_EQ(profile.strategic, store::Strategic::Key);
    EXPECT_EQ(profile.region, "\xE5\x8D\x8E\xE4\xB8\x9C");
    EXPECT_EQ(profile.do_not_contact, false);
    EXPECT_EQ(profile.birthday, "1984-02-29");
    EXPECT_EQ(profile.tags, (std::vector<std::string_view>{"a", "b\n", "\xC3\xA9"}));
    EXPECT_FALSE(profile.industry);
    EXPECT_FALSE(profile.expert_score);
    EXPECT_TRUE(OneEvent(event("profile", R"("tags":[])")).boxed<store::Profile>().tags->empty());
    EXPECT_FALSE(OneEvent(event("profile")).boxed<store::Profile>().tags);
}

TEST(EventDecoder, ReadsAnOverride) {
    const OneEvent pin(event(
        "override", R"("mode":"pin","tier":"gold","reason":"r","by":"b","until":1900000000000)"
    ));
    EXPECT_EQ(pin.boxed<store::Override>().mode, store::OverrideMode::Pin);
    EXPECT_EQ(pin.boxed<store::Override>().tier, "gold");
    EXPECT_EQ(pin.boxed<store::Override>().until, Instant{1'900'000'000'000});
    const OneEvent clear(event("override", R"("mode":"clear","reason":"r","by":"b")"));
    EXPECT_EQ(clear.boxed<store::Override>().mode, store::OverrideMode::Clear);
    EXPECT_TRUE(clear.boxed<store::Override>().tier.empty());
}

TEST(EventDecoder, RefusesAnImpossibleOverride) {
    const auto body = [](std::string_view members) {
        return event("override", R"("reason":"r","by":"b",)" + std::string(members));
    };
    expect_fault(body(R"("mode":"pin","tier":"silver")"), FaultCode::UnknownTier, "tier");
    expect_fault(body(R"("mode":"pin")"), FaultCode::MissingField, "tier");
    expect_fault(body(R"("mode":"clear","tier":"gold")"), FaultCode::InvalidValue, "tier");
    expect_fault(body(R"("mode":"clear","until":1900000000000)"), FaultCode::InvalidValue, "until");
    expect_fault(body(R"("mode":"hold","tier":"gold")"), FaultCode::InvalidValue, "mode");
    expect_fault(
        body(R"("mode":"pin","tier":"gold","until":1800000000000)"), FaultCode::InvalidTime, "until"
    );
    expect_fault(
        event("override", R"("mode":"clear","by":"b")"), FaultCode::MissingField, "reason"
    );
    expect_fault(
        event("override", R"("mode":"clear","reason":"","by":"b")"),
        FaultCode::InvalidValue,
        "reason"
    );
}

TEST(EventDecoder, RefusesNamesThatDoNotFit) {
    expect_fault(event("visit", R"("chanel":"app")"), FaultCode::UnknownField, "'chanel'");
    expect_fault(event("visit", R"("sku":{"a":[1,{}]})"), FaultCode::UnknownField, "'sku'");
    expect_fault(event("visit", R"("":1)"), FaultCode::UnknownField, "''");
    expect_fault(event("visit", R"("amount":1)"), FaultCode::UnknownField, "amount");
    expect_fault(event("visit", R"("amount":null)"), FaultCode::UnknownField, "amount");
    expect_fault(
        event("visit", R"("channel":"a","channel":"b")"), FaultCode::DuplicateField, "channel"
    );
    expect_fault(
        event("visit", R"("channel":null,"\u0063hannel":"b")"), FaultCode::DuplicateField, "channel"
    );
    expect_fault(event("visit", R"("type":"visit")"), FaultCode::DuplicateField, "type");
    expect_fault(event("profile", R"("tags":[],"tags":["a"])"), FaultCode::DuplicateField, "tags");
    expect_fault(event("purchase", R"("sku":1)"), FaultCode::UnknownType, "type");
    expect_fault(R"({"customer":"C1"})", FaultCode::MissingField, "type");
    expect_fault("{}", FaultCode::MissingField, "type");
    expect_fault(R"({"type":"visit"})", FaultCode::MissingField, "customer");
    expect_fault(R"({"type":"visit","customer":null})", FaultCode::MissingField, "customer");
    expect_fault(event("order", R"("order_id":"O","amount":1)"), FaultCode::MissingField, "id");
    expect_fault(event("refund", R"("order_id":"O")"), FaultCode::MissingField, "id");
    expect_fault(event("order", R"("id":"e","amount":1)"), FaultCode::MissingField, "order_id");
    expect_fault(event("order", R"("id":"e","order_id":"O")"), FaultCode::MissingField, "amount");
}

TEST(EventDecoder, RefusesValuesOfTheWrongType) {
    expect_fault(R"({"type":7,"customer":"C"})", FaultCode::WrongType, "type");
    expect_fault(R"({"type":"visit","customer":7})", FaultCode::WrongType, "customer");
    expect_fault(order(R"("amount":true)"), FaultCode::WrongType, "amount");
    expect_fault(order(R"("amount":[1])"), FaultCode::WrongType, "amount");
    expect_fault(order(R"("amount":{})"), FaultCode::WrongType, "amount");
    expect_fault(order(R"("amount":1,"channel":1)"), FaultCode::WrongType, "channel");
    expect_fault(event("visit", R"("at":true)"), FaultCode::WrongType, "at");
    expect_fault(event("complaint", R"("severity":"3")"), FaultCode::WrongType, "severity");
    expect_fault(event("review", R"("rating":1,"public":"yes")"), FaultCode::WrongType, "public");
    expect_fault(
        event("feedback", R"("channel":"m","sentiment":"0")"), FaultCode::WrongType, "sentiment"
    );
    expect_fault(event("profile", R"("tags":"a")"), FaultCode::WrongType, "tags");
    expect_fault(event("profile", R"("tags":["a",1])"), FaultCode::WrongType, "tags");
    expect_fault(event("profile", R"("tags":["a",["b"]])"), FaultCode::WrongType, "tags");
    expect_fault(event("profile", R"("tags":{"a":"b"})"), FaultCode::WrongType, "tags");
    expect_fault("7", FaultCode::WrongType, "");
    expect_fault("\"visit\"", FaultCode::WrongType, "");
    expect_fault("[7]", FaultCode::WrongType, "");
    expect_fault("[[]]", FaultCode::WrongType, "");
}

TEST(EventDecoder, RefusesValuesOutOfRange) {
    for (const char* severity : {"0", "6", "-1", "2.5", "1e9", "1e999"}) {
        expect_fault(
            event("complaint", R"("severity":)" + std::string(severity)),
            FaultCode::InvalidValue,
            "severity"
        );
    }
    expect_fault(event("review", R"("rating":6)"), FaultCode::InvalidValue, "rating");
    expect_fault(event("survey", R"("kind":"nps","score":10.5)"), FaultCode::InvalidValue, "score");
    expect_fault(event("survey", R"("kind":"csat","score":0.5)"), FaultCode::InvalidValue, "score");
    expect_fault(
        event("survey", R"("kind":"research","score":1e999)"), FaultCode::InvalidValue, "score"
    );
    expect_fault(event("survey", R"("kind":"ces","score":1)"), FaultCode::InvalidValue, "kind");
    expect_fault(
        event("feedback", R"("channel":"m","sentiment":1.01)"), FaultCode::InvalidValue, "sentiment"
    );
    expect_fault(event("profile", R"("influence":100.5)"), FaultCode::InvalidValue, "influence");
    expect_fault(event("profile", R"("expert_score":-1)"), FaultCode::InvalidValue, "expert_score");
    expect_fault(event("profile", R"("strategic":"")"), FaultCode::InvalidValue, "strategic");
    expect_fault(
        event("profile", R"("birthday":"1984-02-30")"), FaultCode::InvalidValue, "birthday"
    );
    expect_fault(
        event("profile", R"("customer_since":1900000000000)"),
        FaultCode::InvalidTime,
        "customer_since"
    );
    expect_fault(
        event("churn_confirmed", R"("reason":"bored")"), FaultCode::InvalidValue, "reason"
    );
    expect_fault(order(R"("amount":1,"kind":"")"), FaultCode::InvalidValue, "kind");
    expect_fault(order(R"("amount":-0.01)"), FaultCode::InvalidValue, "amount");
    expect_fault(
        event("refund", R"("id":"e","order_id":"O","amount":0)"), FaultCode::InvalidValue, "amount"
    );
    expect_fault(event("follow_up", R"("channel":"m","cost":-1)"), FaultCode::InvalidValue, "cost");
    const std::string long_text(limits::kTextFieldBytesMax + 1, 'x');
    expect_fault(
        event("visit", R"("channel":")" + long_text + "\""), FaultCode::InvalidValue, "channel"
    );
    std::string tags = "\"t\"";
    for (std::size_t i = 0; i < limits::kTagsMax; ++i) {
        tags += ",\"t\"";
    }
    expect_fault(event("profile", R"("tags":[)" + tags + "]"), FaultCode::InvalidValue, "tags");
    expect_fault(
        event("profile", R"("tags":[")" + long_text + "\"]"), FaultCode::InvalidValue, "tags"
    );
}

TEST(EventDecoder, RefusesIdsThatAreEmptyLongOrUnprintable) {
    const auto visit = [](std::string_view customer) {
        return R"({"type":"visit","customer":")" + std::string(customer) + "\"}";
    };
    expect_fault(visit(""), FaultCode::InvalidId, "customer");
    expect_fault(visit(std::string(129, 'c')), FaultCode::IdTooLong, "customer");
    EXPECT_EQ((*OneEvent(visit(std::string(128, 'c')))).customer.size(), 128U);
    for (const char* control :
         {"\\n", "abcdefgh\\u0000", "\x7F", "\\u007f", "\\u0085", "abcdefg\xC2\x9F"}) {
        expect_fault(visit(control), FaultCode::InvalidId, "customer");
    }
    EXPECT_EQ((*OneEvent(visit("\xC2\xA0"))).customer, "\xC2\xA0");
    expect_fault(
        event("visit", R"("id":")" + std::string(65, 'e') + "\""), FaultCode::IdTooLong, "id"
    );
    expect_fault(event("visit", R"("id":"")"), FaultCode::InvalidId, "id");
    expect_fault(event("referral", R"("referred":"")"), FaultCode::InvalidId, "referred");
    expect_fault(event("ticket_opened", R"("ticket_id":"\t")"), FaultCode::InvalidId, "ticket_id");
}

TEST(EventDecoder, ReadsTimesAgainstTheClock) {
    EXPECT_EQ((*OneEvent(event("visit"))).at, kNow);
    EXPECT_EQ((*OneEvent(event("visit", R"("at":null)"))).at, kNow);
    EXPECT_EQ((*OneEvent(event("visit", R"("at":-1)"))).at, Instant{-1});
    EXPECT_EQ((*OneEvent(event("visit", R"("at":1800000300000)"))).at, Instant{1'800'000'300'000});
    expect_fault(event("visit", R"("at":1800000300001)"), FaultCode::FutureEvent, "at");
    for (const char* at :
         {"1.5", "1e3", "\"1800000000000\"", "\"2026-02-30T00:00:00Z\"", "-2208988800001"}) {
        expect_fault(event("visit", R"("at":)" + std::string(at)), FaultCode::InvalidTime, "at");
    }
}

TEST(EventDecoder, ReadsAmountsInTheEventsCurrency) {
    const auto amount = [](std::string_view members) {
        return OneEvent(order(members)).body<store::Order>().amount;
    };
    EXPECT_EQ(amount(R"("amount":123.45,"currency":"USD")"), Money{87'701});
    EXPECT_EQ(amount(R"("currency":"JPY","amount":"1000")"), Money{4'700});
    EXPECT_EQ(amount(R"("currency":"CNY","amount":1.100)"), Money{110});
    EXPECT_EQ(amount(R"("amount":"1e2")"), Money{10'000});
    expect_fault(order(R"("amount":1.005)"), FaultCode::AmountPrecision, "amount");
    expect_fault(order(R"("amount":1.5,"currency":"JPY")"), FaultCode::AmountPrecision, "amount");
    expect_fault(order(R"("amount":1e12)"), FaultCode::AmountRange, "amount");
    expect_fault(
        order(R"("amount":80000000000,"currency":"USD")"), FaultCode::AmountRange, "amount"
    );
    expect_fault(order(R"("amount":"1,5")"), FaultCode::InvalidValue, "amount");
    expect_fault(order(R"("amount":"")"), FaultCode::InvalidValue, "amount");
    expect_fault(order(R"("amount":1,"currency":"EUR")"), FaultCode::UnknownCurrency, "currency");
    expect_fault(order(R"("amount":1,"currency":"usd")"), FaultCode::UnknownCurrency, "currency");
    expect_fault(order(R"("amount":1,"currency":7)"), FaultCode::WrongType, "currency");
}

TEST(EventDecoder, ShowsTheValueFoundShortenedAndSafe) {
    const store::Fault fault =
        fault_of(event("a\\u0007b" + std::string(30, 'x') + std::string(20, 'y')));
    EXPECT_EQ(fault.detail, "unknown event type 'a?b" + std::string(30, 'x') + "yyyyyyy...'");
    const store::Fault wide = fault_of(event(std::string(39, 'x') + "\xE9\xBB\x84\xE9\xBB\x84"));
    EXPECT_EQ(wide.detail, "unknown event type '" + std::string(39, 'x') + "...'");
}

TEST(EventDecoder, FindsSyntaxBeforeContent) {
    for (const char* body :
         {R"([{"type":"nothing"},{]})",
          R"([{"type":"nothing"}] x)",
          R"({"type":"visit","customer":"C1","z":[1,}]})",
          R"({"type":"visit","customer":"C1","z":tru})",
          R"({"type":"visit","customer":"C1","z":{"a":1 "b":2}})",
          R"({"type":"visit","customer":"C1"}})",
          R"({"type":"visit","customer":"C1"} {})",
          R"({"type":"visit","customer":"C1",})",
          R"({"type":"visit","customer":"C1","at":01})",
          R"({"type":"visit","customer":"C1" "at":1})",
          R"({"type":"visit","customer":"C1":{}})",
          R"({"type":"visit","customer":"C1":1},"at":0})",
          R"([{"type":"visit","customer":"C1":1},"at":0}])",
          R"({"type":"visit","customer":"C1","channel":"a"b})",
          R"({"type":"visit","customer":"\ud800"})",
          R"({"type":"visit","customer":"C1","at":1)",
          R"(["type":"visit"])",
          "",
          " ",
          "{",
          "[",
          "nul",
          "\xEF\xBB\xBF{}"}) {
        for (const OnError on_error : {OnError::Reject, OnError::Skip}) {
            const auto decoded = decode(body, BodyForm::Json, on_error);
            ASSERT_FALSE(decoded) << body;
            EXPECT_EQ(decoded.error().code, FaultCode::BadJson) << body << "\n"
                                                                << decoded.error().detail;
            EXPECT_EQ(decoded.error().index, store::kNoIndex) << body;
        }
    }
    EXPECT_EQ(fault_of("{\"type\":\"visit\",\"z\":\"\xFF\"}").code, FaultCode::BadUtf8);
    EXPECT_EQ(fault_of(R"({"type":"visit" "a":1})").detail, "syntax error at byte 16");
}

TEST(EventDecoder, BoundsTheDepth) {
    const auto nested = [](std::size_t depth) {
        return event("visit", "\"z\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']'));
    };
    EXPECT_EQ(fault_of(nested(limits::kJsonDepthMax)).code, FaultCode::UnknownField);
    EXPECT_EQ(fault_of(nested(limits::kJsonDepthMax + 1)).code, FaultCode::BadJson);
    EXPECT_EQ(fault_of(std::string(100'000, '[')).code, FaultCode::BadJson);
}

}  // namespace
}  // namespace patron::wire
