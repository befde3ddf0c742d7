#include "server/wire/problem.h"

#include <random>
#include <set>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace patron::wire {
namespace {

using store::Fault;
using store::FaultCode;

// The last enumerator; a value added behind it makes `EveryKindHasItsOwnCode` fail by its fallback.
constexpr int kLast = static_cast<int>(FaultCode::WebSocketVersion);

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

boost::json::object parsed(const Fault& fault) {
    return boost::json::parse(body_of(problem_bytes({}, fault))).as_object();
}

TEST(Problem, EveryKindHasItsOwnCodeAndASaneStatus) {
    std::set<std::string_view> codes;
    for (int value = 0; value <= kLast; ++value) {
        const ProblemKind kind = problem_kind(static_cast<FaultCode>(value));
        EXPECT_FALSE(kind.title.empty()) << value;
        EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
        EXPECT_GE(kind.status, 400) << kind.code;
        EXPECT_LT(kind.status, 600) << kind.code;
        // What is told at the start, not to a caller.
        const bool of_start = kind.code == "data_damaged" || kind.code == "data_folder";
        EXPECT_EQ(kind.status == 500, of_start) << kind.code;
        EXPECT_NE(reason_phrase(kind.status), "Unknown") << kind.code;
        EXPECT_EQ(
            kind.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), kind.code.npos
        );
    }
    EXPECT_EQ(problem_kind(static_cast<FaultCode>(kLast + 1)).code, "internal");
}

TEST(Problem, KindsMapToTheirStatus) {
    EXPECT_EQ(problem_kind(FaultCode::BadJson).status, 400);
    EXPECT_EQ(problem_kind(FaultCode::AmountPrecision).status, 422);
    EXPECT_EQ(problem_kind(FaultCode::UnknownCustomer).status, 404);
    EXPECT_EQ(problem_kind(FaultCode::UnknownRoute).status, 404);
    EXPECT_EQ(problem_kind(FaultCode::TooEarly).status, 425);
    EXPECT_EQ(problem_kind(FaultCode::PastNotKept).status, 422);
    EXPECT_EQ(problem_kind(FaultCode::TooManyItems).status, 413);
    EXPECT_EQ(problem_kind(FaultCode::HeaderTooLarge).status, 431);
    EXPECT_EQ(problem_kind(FaultCode::DiskFull).status, 507);
    EXPECT_EQ(problem_kind(FaultCode::DiskFailed).status, 503);
    EXPECT_EQ(problem_kind(FaultCode::WritesStopped).status, 503);
    EXPECT_EQ(problem_kind(FaultCode::NoDataFolder).status, 409);
    EXPECT_EQ(problem_kind(FaultCode::NameTaken).status, 409);
    EXPECT_EQ(problem_kind(FaultCode::KeyInFlight).status, 409);
    EXPECT_EQ(problem_kind(FaultCode::KeyReused).status, 422);
}

TEST(Problem, ARefusedStreamSaysWhatToDo) {
    EXPECT_EQ(problem_kind(FaultCode::TooManyStreams).status, 503);
    EXPECT_EQ(problem_kind(FaultCode::TooManyClientStreams).status, 429);
    for (const FaultCode code : {FaultCode::TooManyStreams, FaultCode::TooManyClientStreams}) {
        const std::string answer = problem_bytes({}, {code, "no", {}, store::kNoIndex});
        EXPECT_NE(answer.find("\r\nRetry-After: 1\r\n"), answer.npos);
        EXPECT_EQ(answer.find("WebSocket"), answer.npos);
    }
    const std::string answer =
        problem_bytes({}, {FaultCode::WebSocketVersion, "no", {}, store::kNoIndex});
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n")) << answer;
    EXPECT_NE(answer.find("\r\nSec-WebSocket-Version: 13\r\n"), answer.npos);
    EXPECT_NE(answer.find("\r\nUpgrade: websocket\r\n"), answer.npos);
    EXPECT_EQ(answer.find("Retry-After"), answer.npos);
}

TEST(Problem, BodyCarriesWhatTheFaultKnows) {
    const auto body = parsed({FaultCode::AmountRange, "too much", "amount", 7});
    EXPECT_EQ(body.at("type"), "/problems/amount_range");
    EXPECT_EQ(body.at("title"), "Amount out of range");
    EXPECT_EQ(body.at("status"), 422);
    EXPECT_EQ(body.at("detail"), "too much");
    EXPECT_EQ(body.at("code"), "amount_range");
    EXPECT_EQ(body.at("field"), "amount");
    EXPECT_EQ(body.at("index"), 7);
}

TEST(Problem, LeavesOutWhatTheFaultDoesNotKnow) {
    const auto body = parsed({FaultCode::BadRequest, "no", {}, store::kNoIndex});
    EXPECT_FALSE(body.contains("field"));
    EXPECT_FALSE(body.contains("index"));
}

// A disk that failed needs a hand, not a second try.
TEST(Problem, OnlyWhatClearsByItselfInvitesARetry) {
    const std::set<FaultCode> clears{
        FaultCode::QueueFull,
        FaultCode::NotReady,
        FaultCode::Stopping,
        FaultCode::TooManyConnections,
        FaultCode::KeyInFlight,
        FaultCode::NoDescriptors,
        FaultCode::TooManyStreams,
        FaultCode::TooManyClientStreams
    };
    for (int value = 0; value <= kLast; ++value) {
        const auto code = static_cast<FaultCode>(value);
        const bool invites =
            problem_bytes({}, {code, "x", {}, store::kNoIndex}).find("Retry-After: 1\r\n") !=
            std::string::npos;
        EXPECT_EQ(invites, clears.contains(code)) << problem_kind(code).code;
    }
}

TEST(Problem, TakesOneFieldMore) {
    ByteWriter out;
    write_problem(
        out, {}, {FaultCode::MethodNotAllowed, "x", {}, store::kNoIndex}, {"Allow", "GET"}
    );
    EXPECT_NE(out.view().find("\r\nAllow: GET\r\n"), std::string_view::npos);
}

// Boost.JSON's parser refuses invalid UTF-8, so it is the reference here.
TEST(Problem, AnyBytesInTheDetailStillGiveValidJson) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        std::string detail(random() % 40, '\0');
        for (char& c : detail) {
            c = static_cast<char>(random() % 3 == 0 ? random() % 128 : 0x80 + random() % 128);
        }
        boost::system::error_code error;
        const std::string body =
            body_of(problem_bytes({}, {FaultCode::BadJson, detail, detail, 1}));
        boost::json::parse(body, error);
        ASSERT_FALSE(error) << error.message() << ' ' << body;
    }
}

TEST(Problem, ValidTextPassesUnchanged) {
    for (const std::string text :
         {"黄金 \xF0\x9F\x91\x8D é", "a\"b\\c\n\t\x01 d", "\xF4\x8F\xBF\xBF"}) {
        const auto body = parsed({FaultCode::BadJson, text, {}, store::kNoIndex});
        EXPECT_EQ(body.at("detail").as_string(), text);
    }
}

TEST(Problem, InvalidSequencesAreReplaced) {
    for (const std::string text :
         {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82"}) {
        const auto body = parsed({FaultCode::BadJson, text, {}, store::kNoIndex});
        EXPECT_NE(body.at("detail").as_string().find("\xEF\xBF\xBD"), std::string::npos);
    }
}

TEST(Problem, LongTextIsCutBetweenCharacters) {
    for (std::size_t lead = 0; lead < 4; ++lead) {
        std::string text(lead, 'a');
        while (text.size() < 3 * kProblemTextBytesMax) {
            text += "黄";
        }
        const auto body = parsed({FaultCode::BadJson, text, {}, store::kNoIndex});
        const auto& detail = body.at("detail").as_string();
        EXPECT_LE(detail.size(), kProblemTextBytesMax);
        EXPECT_TRUE(text.starts_with(std::string_view(detail)));
    }
}

}  // namespace
}  // namespace patron::wire
