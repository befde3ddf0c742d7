#include "server/endpoints/asyncapi.h"

#include <algorithm>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/endpoints/openapi.h"
#include "server/wire/change_encoder.h"
#include "server/wire/policy_presets.h"
#include "server/wire/stream_encoder.h"
#include "tests/endpoints/test_api.h"
#include "tests/support/openapi_check.h"
#include "tests/support/seed.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using scoring::Instant;
using scoring::Visible;
using wire::ByteWriter;
using Names = std::set<std::string, std::less<>>;

const OpenApiCheck& document() {
    static const OpenApiCheck kDocument(endpoints::asyncapi_document());
    return kDocument;
}

const json::object& root() {
    return document().document().as_object();
}

const json::object& object_at(std::string_view pointer) {
    return document().document().at_pointer(pointer).as_object();
}

// A Schema Object of a binding: an object with its properties, not a reference.
void expect_query(const json::value& binding) {
    EXPECT_EQ(binding.at("query").at("type"), "object");
    EXPECT_TRUE(binding.at("query").at("properties").is_object());
}

// What follows "#" in a Reference Object that holds nothing else.
std::string reference_of(const json::value& value) {
    const json::object& object = value.as_object();
    EXPECT_EQ(object.size(), 1U) << json::serialize(value);
    const std::string text(object.at("$ref").as_string());
    EXPECT_TRUE(text.starts_with("#/")) << text;
    return text.substr(1);
}

// Every required field is there, and no other than the allowed.
void expect_fields(const json::object& object, const Names& required, const Names& optional) {
    for (const std::string& name : required) {
        EXPECT_TRUE(object.contains(name)) << name << " is missing in " << json::serialize(object);
    }
    for (const auto& [name, value] : object) {
        EXPECT_TRUE(
            required.contains(std::string_view(name)) || optional.contains(std::string_view(name))
        ) << name
          << " is no field of " << json::serialize(object);
    }
}

// -- what AsyncAPI 3.0.0 demands, object by object --

TEST(AsyncApi, TheRootIsWhatTheSpecificationNames) {
    expect_fields(
        root(),
        {"asyncapi", "info"},
        {"id", "defaultContentType", "servers", "channels", "operations", "components"}
    );
    EXPECT_EQ(root().at("asyncapi"), "3.0.0");
    expect_fields(
        object_at("/info"),
        {"title", "version"},
        {"description", "termsOfService", "contact", "license", "tags", "externalDocs"}
    );
    EXPECT_EQ(root().at("defaultContentType"), "application/json");
}

TEST(AsyncApi, BothDoorsAreServers) {
    Names protocols;
    for (const auto& [name, server] : object_at("/servers")) {
        expect_fields(
            server.as_object(),
            {"host", "protocol"},
            {"protocolVersion",
             "pathname",
             "description",
             "title",
             "summary",
             "variables",
             "security",
             "tags",
             "externalDocs",
             "bindings"}
        );
        protocols.insert(std::string(server.at("protocol").as_string()));
        const std::string host(server.at("host").as_string());
        EXPECT_EQ(host.find("://"), host.npos);
        std::smatch variable;
        for (std::string rest = host; std::regex_search(rest, variable, std::regex("\\{(\\w+)\\}"));
             rest = variable.suffix()) {
            EXPECT_TRUE(server.at("variables").as_object().contains(variable[1].str())) << host;
        }
        for (const auto& [key, value] : server.at("variables").as_object()) {
            expect_fields(value.as_object(), {}, {"enum", "default", "description", "examples"});
        }
    }
    EXPECT_EQ(protocols, (Names{"ws", "http"}));
}

TEST(AsyncApi, ChannelsNameTheirMessages) {
    for (const auto& [name, value] : object_at("/channels")) {
        const json::object& channel = value.as_object();
        expect_fields(
            channel,
            {},
            {"address",
             "messages",
             "title",
             "summary",
             "description",
             "servers",
             "parameters",
             "tags",
             "externalDocs",
             "bindings"}
        );
        const std::string address(channel.at("address").as_string());
        EXPECT_EQ(address.find_first_of("?#"), address.npos);
        for (const json::value& server : channel.at("servers").as_array()) {
            EXPECT_TRUE(reference_of(server).starts_with("/servers/"));
        }
        for (const auto& [key, message] : channel.at("messages").as_object()) {
            EXPECT_EQ(reference_of(message), "/components/messages/" + std::string(key));
        }
        expect_fields(
            channel.at("bindings").at("ws").as_object(),
            {},
            {"method", "query", "headers", "bindingVersion"}
        );
        expect_query(channel.at("bindings").at("ws"));
    }
}

TEST(AsyncApi, OperationsSendWhatTheirChannelHas) {
    for (const auto& [name, value] : object_at("/operations")) {
        const json::object& operation = value.as_object();
        expect_fields(
            operation,
            {"action", "channel"},
            {"title",
             "summary",
             "description",
             "security",
             "tags",
             "externalDocs",
             "bindings",
             "traits",
             "messages",
             "reply"}
        );
        EXPECT_EQ(operation.at("action"), "send");
        const std::string channel = reference_of(operation.at("channel"));
        EXPECT_TRUE(channel.starts_with("/channels/")) << channel;
        Names sent;
        for (const json::value& message : operation.at("messages").as_array()) {
            const std::string pointer = reference_of(message);
            EXPECT_TRUE(pointer.starts_with(channel + "/messages/")) << pointer;
            sent.insert(pointer.substr(pointer.rfind('/') + 1));
        }
        for (const auto& [key, message] : object_at(channel + "/messages")) {
            EXPECT_TRUE(sent.contains(std::string_view(key))) << key;
        }
        expect_fields(
            operation.at("bindings").at("http").as_object(),
            {},
            {"method", "query", "bindingVersion"}
        );
        expect_query(operation.at("bindings").at("http"));
    }
}

TEST(AsyncApi, MessagesHaveAPayloadOfTheirName) {
    for (const auto& [name, value] : object_at("/components/messages")) {
        expect_fields(
            value.as_object(),
            {"payload"},
            {"headers",
             "correlationId",
             "contentType",
             "name",
             "title",
             "summary",
             "description",
             "tags",
             "externalDocs",
             "bindings",
             "examples",
             "traits"}
        );
        EXPECT_EQ(value.at("name"), json::value(name));
        const json::object& payload = object_at(reference_of(value.at("payload")));
        EXPECT_EQ(payload.at("additionalProperties"), false) << name;
        EXPECT_EQ(payload.at("properties").at("type").at("enum"), json::array{json::value(name)});
    }
}

TEST(AsyncApi, KeysOfComponentsAreIdentifiers) {
    const std::regex shape("^[a-zA-Z0-9._-]+$");
    for (const auto& [kind, things] : object_at("/components")) {
        for (const auto& [name, thing] : things.as_object()) {
            EXPECT_TRUE(std::regex_match(std::string(name), shape)) << name;
        }
    }
}

void collect_references(const json::value& value, Names& out) {
    if (const json::array* array = value.if_array()) {
        for (const json::value& item : *array) {
            collect_references(item, out);
        }
    }
    if (const json::object* object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            if (name == "$ref") {
                out.insert(std::string(member.as_string()).substr(1));
            } else {
                collect_references(member, out);
            }
        }
    }
}

TEST(AsyncApi, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
    Names references;
    collect_references(document().document(), references);
    for (const std::string& pointer : references) {
        boost::system::error_code error;
        document().document().find_pointer(pointer, error);
        EXPECT_FALSE(error) << pointer;
    }
    for (const auto& [name, schema] : object_at("/components/schemas")) {
        EXPECT_TRUE(references.contains("/components/schemas/" + std::string(name))) << name;
    }
}

TEST(AsyncApi, IsServedAndLinked) {
    TestApi api;
    EXPECT_EQ(api.get("/asyncapi.json").body, endpoints::asyncapi_document());
    const json::object openapi = api.get_json("/openapi.json");
    EXPECT_EQ(openapi.at("externalDocs").at("url"), "/asyncapi.json");
    // What may be asked is the same in both documents.
    Names parameters;
    const json::value& listen = openapi.at("paths").at("/v1/stream").at("get");
    for (const json::value& parameter : listen.at("parameters").as_array()) {
        if (parameter.at("in") == "query") {
            parameters.insert(std::string(parameter.at("name").as_string()));
        }
    }
    for (const auto& [name, schema] : object_at("/channels/stream/bindings/ws/query/properties")) {
        EXPECT_EQ(parameters.erase(std::string(name)), 1U) << name;
    }
    EXPECT_TRUE(parameters.empty()) << *parameters.begin();
}

// -- every message that is written --

const wire::PolicyTexts& texts() {
    static const auto kPolicy = scoring::compile(wire::default_policy({}), {});
    static const wire::PolicyTexts kTexts(*kPolicy);
    return kTexts;
}

// Against the payload of the message that its type names; the type.
std::string checked(const ByteWriter& out) {
    const json::value message = json::parse(out.view());
    const std::string type(message.at("type").as_string());
    const json::object& messages = object_at("/components/messages");
    EXPECT_TRUE(messages.contains(type)) << type;
    if (!messages.contains(type)) {
        return type;
    }
    for (const std::string& error :
         document().check_value(message, messages.at(type).at("payload"))) {
        ADD_FAILURE() << error << '\n' << out.view();
    }
    return type;
}

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::uint8_t below(std::size_t n) {
        return static_cast<std::uint8_t>(
            std::uniform_int_distribution<std::size_t>(0, n - 1)(random_)
        );
    }
    double number(double most) {
        return below(4) == 0 ? scoring::kUnknown : most * below(101) / 100;
    }
    Instant instant() {
        return Instant{
            1'700'000'000'000 + static_cast<std::int64_t>(random_() % 1'000'000'000'000)
        };
    }
    Visible visible() {
        return {
            below(4),
            below(4),
            static_cast<scoring::Band>(below(scoring::kBands)),
            static_cast<scoring::Stage>(below(scoring::kStages)),
            static_cast<scoring::FollowUpState>(below(scoring::kFollowUpStates)),
            static_cast<scoring::OverrideKind>(below(4)),
            below(4)
        };
    }
    store::ScoreThen score() {
        return {
            number(1),
            number(1),
            number(100),
            below(4) == 0 ? scoring::kLongAgo : instant(),
            below(4) == 0 ? scoring::kNever : instant()
        };
    }
    store::Change change() {
        store::Change c;
        c.id = below(2) == 0 ? "C42" : "\"客\\";
        c.at = instant();
        c.cause = static_cast<store::Cause>(below(3));
        c.score = score();
        c.seq = random_() >> 12;
        c.from = below(5) == 0 ? std::nullopt : std::optional(visible());
        c.to = visible();
        return c;
    }
    wire::StreamPosition position() {
        return {random_(), random_() >> 1, random_() >> 12, instant()};
    }

  private:
    std::mt19937_64 random_;
};

Names write_standing_messages(Chance& chance) {
    Names types;
    const auto check = [&types](auto write) {
        ByteWriter out;
        write(out);
        types.insert(checked(out));
    };
    const wire::StreamPosition where = chance.position();
    check([&](auto& out) { wire::append_hello(out, texts(), where); });
    check([&](auto& out) { wire::append_resumed(out, texts(), where); });
    const auto reason = static_cast<wire::GapReason>(chance.below(3));
    check([&](auto& out) { wire::append_gap(out, texts(), where, reason); });
    check([&](auto& out) { wire::append_snapshot_begin(out, where.as_of); });
    check([&](auto& out) { wire::append_snapshot_end(out, where, chance.below(100)); });
    check([&](auto& out) { wire::append_heartbeat(out, where); });
    check([&](auto& out) {
        wire::append_picture_row(out, texts(), {"C", {}, chance.visible(), chance.score()});
    });
    check([&](auto& out) {
        store::LiveCounts counts;
        counts.tiers.resize(4);
        counts.tiers[chance.below(4)] = counts.customers = chance.below(100);
        counts.as_of = where.as_of;
        wire::append_counts(out, texts(), counts);
    });
    return types;
}

TEST(AsyncApi, EveryMessageKeepsItsSchema) {
    Chance chance(test_seed(20'260'302));
    Names types;
    for (int round = 0; round < 1'000; ++round) {
        types.merge(write_standing_messages(chance));
        store::Change change = chance.change();
        const auto verb = static_cast<wire::ChangeVerb>(chance.below(3));
        if (verb == wire::ChangeVerb::Leave) {
            change.from = chance.visible();
            change.to = chance.below(2) == 0 ? std::nullopt : change.to;
        }
        ByteWriter out;
        wire::append_change_verb(out, verb);
        wire::append_change_tail(
            out,
            texts(),
            change,
            chance.below(2) == 0 ? std::nullopt
                                 : std::optional(std::pair<std::uint64_t, std::uint64_t>(7, round)),
            1 + chance.below(3)
        );
        types.insert(checked(out));
    }
    for (const auto& [name, message] : object_at("/components/messages")) {
        EXPECT_TRUE(types.contains(std::string_view(name))) << name << " was never written";
    }
}

}  // namespace
}  // namespace patron::testing
