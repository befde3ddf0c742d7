#include "server/endpoints/openapi.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "scoring/feature.h"
#include "server/endpoints/routes.h"
#include "server/wire/score_encoder.h"
#include "tests/endpoints/test_api.h"
#include "tests/support/openapi_check.h"

namespace patron::testing {
namespace {

namespace json = boost::json;

const OpenApiCheck& document() {
    static const OpenApiCheck kDocument(endpoints::openapi_document());
    return kDocument;
}

TEST(OpenApi, EveryPathIsARouteAndEveryRouteAPath) {
    std::set<endpoints::Route> routes;
    for (const auto& [pattern, item] : document().document().at("paths").as_object()) {
        std::string path(pattern);
        if (const std::size_t at = path.find("{id}"); at != std::string::npos) {
            path.replace(at, 4, "C42");
        }
        const endpoints::Route route = endpoints::find_route(path);
        ASSERT_NE(route, endpoints::Route::Unknown) << path;
        routes.insert(route);
        for (const auto& [name, method] :
             {std::pair("get", endpoints::Method::Get),
              std::pair("post", endpoints::Method::Post),
              std::pair("put", endpoints::Method::Put),
              std::pair("delete", endpoints::Method::Delete)}) {
            EXPECT_EQ(item.as_object().contains(name), endpoints::allows(route, method))
                << path << ' ' << name;
        }
    }
    EXPECT_EQ(routes.size(), static_cast<std::size_t>(endpoints::Route::AsyncApi));
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
    const std::string_view text = endpoints::openapi_document();
    constexpr std::string_view kRef = R"("$ref": "#)";
    std::size_t count = 0;
    for (std::size_t at = text.find(kRef); at != text.npos; at = text.find(kRef, at + 1)) {
        const std::size_t begin = at + kRef.size();
        const std::string_view pointer = text.substr(begin, text.find('"', begin) - begin);
        boost::system::error_code error;
        document().document().find_pointer(pointer, error);
        EXPECT_FALSE(error) << pointer;
        ++count;
    }
    EXPECT_GT(count, 50U);
}

TEST(OpenApi, NamesEveryFeatureAndEveryMemberOfAScore) {
    const json::value& schemas = document().document().at("components").at("schemas");
    const json::object& features = schemas.at("Features").at("properties").as_object();
    for (const scoring::FeatureInfo& info : scoring::feature_table()) {
        EXPECT_TRUE(info.windowed || features.contains(info.name)) << info.name;
    }
    const json::object& members = schemas.at("ScorePart").at("properties").as_object();
    EXPECT_EQ(members.size(), wire::kScoreMembers);
    EXPECT_EQ(schemas.at("Score").at("required").as_array().size(), wire::kScoreMembers);
    for (const std::string_view name : wire::kScoreMemberNames) {
        EXPECT_TRUE(members.contains(name)) << name;
    }
}

// A checker that lets everything pass would make every test above it green.
TEST(OpenApiCheck, SeesWhatDoesNotFit) {
    const auto errors = [](const char* value, const char* schema) {
        return document().check_value(json::parse(value), json::parse(schema)).size();
    };
    EXPECT_EQ(errors("1", R"({"type":"integer","minimum":1,"maximum":1})"), 0U);
    EXPECT_EQ(errors("1.5", R"({"type":"integer"})"), 1U);
    EXPECT_EQ(errors("0", R"({"minimum":1})"), 1U);
    EXPECT_EQ(errors("2", R"({"maximum":1})"), 1U);
    EXPECT_EQ(errors(R"("ab")", R"({"pattern":"^b"})"), 1U);
    EXPECT_EQ(errors(R"("ab")", R"({"pattern":"b$"})"), 0U);
    EXPECT_EQ(errors("null", R"({"type":["string","null"]})"), 0U);
    EXPECT_EQ(errors("1", R"({"type":["string","null"]})"), 1U);
    EXPECT_EQ(errors(R"("x")", R"({"enum":["y",null]})"), 1U);
    EXPECT_EQ(errors(R"({"a":1})", R"({"required":["b"]})"), 1U);
    EXPECT_EQ(errors(R"({"a":1})", R"({"additionalProperties":false})"), 1U);
    EXPECT_EQ(
        errors(
            R"({"a":1,"b_1d":2})",
            R"({"properties":{"a":{}},"patternProperties":{"^b_":{"type":"string"}},
                   "additionalProperties":false})"
        ),
        1U
    );
    EXPECT_EQ(errors("[1,\"a\"]", R"({"items":{"type":"number"}})"), 1U);
    EXPECT_EQ(errors("1", R"({"oneOf":[{"type":"number"},{"type":"integer"}]})"), 1U);
    EXPECT_EQ(errors("1", R"({"anyOf":[{"type":"number"},{"type":"integer"}]})"), 0U);
    EXPECT_EQ(errors(R"("2026-13-01T00:00:00Z")", R"({"format":"date-time"})"), 1U);
    EXPECT_EQ(errors("{}", R"({"$ref":"#/components/schemas/Version"})"), 6U);
    EXPECT_EQ(errors("1", R"({"exclusiveMinimum":1})"), 1U);
}

TEST(OpenApiCheck, SeesAnAnswerThatIsNotDescribed) {
    HttpAnswer answer{200, {{"content-type", "application/json"}}, R"({"status":"alive"})"};
    EXPECT_TRUE(document().check("GET", "/livez", answer).empty());
    answer.body = R"({"status":"alive","x":1})";
    EXPECT_FALSE(document().check("GET", "/livez", answer).empty());
    answer.status = 201;
    EXPECT_FALSE(document().check("GET", "/livez", answer).empty());
    answer = {404, {{"content-type", "text/html"}}, "no"};
    EXPECT_FALSE(document().check("GET", "/livez", answer).empty());
}

}  // namespace
}  // namespace patron::testing
