#include "server/wire/id_list_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::wire {
namespace {

using store::FaultCode;

store::Fault refused(std::string_view body) {
    IdListDecoder decoder;
    const auto list = decoder.decode(body);
    EXPECT_FALSE(list.has_value()) << body;
    return list ? store::Fault{} : list.error();
}

TEST(IdListDecoder, ReadsIdsInOrder) {
    IdListDecoder decoder;
    const auto list = decoder.decode(R"( {"ids": ["b", "a", "b", "", "\u5ba2\"", "客"]} )");
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->ids, (std::vector<std::string_view>{"b", "a", "b", "", "客\"", "客"}));
    EXPECT_EQ(list->members, kAllScoreMembers);
}

TEST(IdListDecoder, ReadsFieldsAsASet) {
    IdListDecoder decoder;
    const auto list = decoder.decode(R"({"fields":["tier","churn_risk","tier"],"ids":[]})");
    ASSERT_TRUE(list.has_value());
    EXPECT_TRUE(list->ids.empty());
    EXPECT_EQ(list->members, bit(ScoreMember::Tier) | bit(ScoreMember::ChurnRisk));
}

TEST(IdListDecoder, IsUsedAgainWithoutTraces) {
    IdListDecoder decoder;
    EXPECT_TRUE(decoder.decode(R"({"ids":["one"]})").has_value());
    EXPECT_FALSE(decoder.decode(R"({"ids":)").has_value());
    EXPECT_EQ(decoder.decode(R"({"ids":["two"]})")->ids.front(), "two");
}

TEST(IdListDecoder, RefusesWhatIsNotJson) {
    for (const std::string_view body :
         {"", "{", R"({"ids":["a"]} x)", R"({"ids":["a",]})", R"({"ids":["a])", R"({'ids':[]})"}) {
        EXPECT_EQ(refused(body).code, FaultCode::BadJson) << body;
    }
    EXPECT_EQ(refused("{\"ids\":[\"\xff\"]}").code, FaultCode::BadUtf8);
}

TEST(IdListDecoder, RefusesOtherShapesAndSaysWhere) {
    EXPECT_EQ(refused("[]").code, FaultCode::WrongType);
    EXPECT_EQ(refused(R"({"ids":"a"})").field, "ids");
    EXPECT_EQ(refused(R"({"ids":["a",1]})").index, 1);
    EXPECT_EQ(refused(R"({"ids":["a",null]})").code, FaultCode::WrongType);
    EXPECT_EQ(refused("{}").code, FaultCode::MissingField);
    EXPECT_EQ(refused(R"({"ids":[],"id":1})").code, FaultCode::UnknownField);
    EXPECT_EQ(refused(R"({"ids":[],"ids":[]})").code, FaultCode::DuplicateField);
    EXPECT_EQ(refused(R"({"ids":[],"fields":["tier","nope"]})").index, 1);
    EXPECT_EQ(refused(R"({"ids":[],"fields":["tier","nope"]})").code, FaultCode::InvalidValue);
    EXPECT_EQ(refused(R"({"ids":[],"fields":3})").code, FaultCode::WrongType);
}

TEST(IdListDecoder, HoldsTheBoundOfItems) {
    const auto body = [](std::size_t ids) {
        std::string text = R"({"ids":["a")";
        for (std::size_t i = 1; i < ids; ++i) {
            text += R"(,"a")";
        }
        return text + "]}";
    };
    IdListDecoder decoder;
    EXPECT_TRUE(decoder.decode(body(store::limits::kIdsPerRequestMax)).has_value());
    EXPECT_EQ(refused(body(store::limits::kIdsPerRequestMax + 1)).code, FaultCode::TooManyItems);
}

}  // namespace
}  // namespace patron::wire
