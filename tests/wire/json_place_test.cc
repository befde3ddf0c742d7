#include "server/wire/json_place.h"

#include <random>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace patron::wire {
namespace {

JsonTree tree(std::string_view text) {
    auto parsed = JsonTree::parse(text);
    EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
    return parsed ? std::move(*parsed) : *JsonTree::parse("null");
}

TextPlace place_of(std::string_view text, std::string_view pointer) {
    const JsonTree parsed = tree(text);
    const auto found = parsed.find(pointer);
    EXPECT_TRUE(found) << pointer;
    return found ? place_at(text, parsed[*found].begin) : TextPlace{0, 0};
}

JsonMistake mistake(std::string_view text) {
    auto parsed = JsonTree::parse(text);
    EXPECT_FALSE(parsed) << text;
    return parsed ? JsonMistake{} : parsed.error();
}

TEST(JsonPlace, CountsLinesAndCharactersFromOne) {
    EXPECT_EQ(place_at("abc", 0), (TextPlace{1, 1}));
    EXPECT_EQ(place_at("abc\nde", 4), (TextPlace{2, 1}));
    EXPECT_EQ(place_at("abc\n\nde", 6), (TextPlace{3, 2}));
    EXPECT_EQ(place_at("普通x", 6), (TextPlace{1, 3}));
    EXPECT_EQ(place_at("a", 99), (TextPlace{1, 2}));
    EXPECT_EQ(place_at("", 0), (TextPlace{1, 1}));
}

TEST(JsonPlace, FindsValuesBetweenCommentsAndTrailingCommas) {
    const char* text =
        "// a { \"b\": 1 }\n"
        "{ /* \"c\": [ */\n"
        "  \"a\": [1, {\"b\" : // one\n"
        "     -2.50e1, }, \"x//y\",],\n"
        "}\n"
        "// end";
    EXPECT_EQ(place_of(text, ""), (TextPlace{2, 1}));
    EXPECT_EQ(place_of(text, "/a"), (TextPlace{3, 8}));
    EXPECT_EQ(place_of(text, "/a/0"), (TextPlace{3, 9}));
    EXPECT_EQ(place_of(text, "/a/1/b"), (TextPlace{4, 6}));
    EXPECT_EQ(place_of(text, "/a/2"), (TextPlace{4, 18}));
    const JsonTree parsed = tree(text);
    EXPECT_EQ(parsed.raw(*parsed.find("/a/1/b")), "-2.50e1");
    EXPECT_EQ(parsed.string(*parsed.find("/a/2")), "x//y");
}

TEST(JsonPlace, ColumnsCountCharactersOfTheLine) {
    EXPECT_EQ(place_of("{\"zh\": \"普通客户\", \"a\": 1}", "/a"), (TextPlace{1, 21}));
}

TEST(JsonPlace, PointersEscapeAndReadBack) {
    const JsonTree parsed = tree(R"({"a/b": {"~": [7]}, "": 1, "\u0061\"": 2, "{": 3})");
    for (const char* pointer : {"/a~1b/~0/0", "/", "/a\"", "/{", "/a~1b", ""}) {
        const auto found = parsed.find(pointer);
        ASSERT_TRUE(found) << pointer;
        EXPECT_EQ(parsed.pointer(*found), pointer);
    }
    EXPECT_EQ(parsed.raw(*parsed.find("/a\"")), "2");
}

TEST(JsonPlace, AMissingPointerEndsAtTheDeepestValueOnTheWay) {
    const JsonTree parsed = tree(R"({"a": [{"b": 1}]})");
    for (const char* pointer : {"/a/0/c", "/a/0/c/d", "/a/0/x/0"}) {
        EXPECT_FALSE(parsed.find(pointer)) << pointer;
        EXPECT_EQ(parsed.pointer(parsed.nearest(pointer)), "/a/0") << pointer;
    }
    for (const char* pointer : {"/a/1", "/a/00", "/a/-", "/a/0x", "/a/99999999999999999999"}) {
        EXPECT_FALSE(parsed.find(pointer)) << pointer;
        EXPECT_EQ(parsed.pointer(parsed.nearest(pointer)), "/a") << pointer;
    }
    EXPECT_EQ(parsed.nearest("a"), JsonTree::kRoot);
}

TEST(JsonPlace, AMemberWrittenTwiceIsMarked) {
    const JsonTree parsed = tree(R"({"a": 1, "b": {"a": 1}, "\u0061": 2})");
    const auto& children = parsed[JsonTree::kRoot].children;
    ASSERT_EQ(children.size(), 3U);
    EXPECT_FALSE(parsed[children[0]].repeated);
    EXPECT_TRUE(parsed[children[2]].repeated);
    EXPECT_FALSE(parsed[*parsed.find("/b/a")].repeated);
    EXPECT_EQ(parsed.raw(*parsed.member(JsonTree::kRoot, "a")), "1");
}

TEST(JsonPlace, MistakesOfSyntaxHaveTheirOffset) {
    EXPECT_EQ(mistake("{\"a\": 1 \"b\": 2}").offset, 8U);
    EXPECT_EQ(mistake("{\"a\": tru}").offset, 6U);
    EXPECT_EQ(mistake("{\"a\": 1} x").offset, 9U);
    EXPECT_EQ(mistake("{\"a\": 1").offset, 7U);
    EXPECT_EQ(mistake("{\"a\": 1 /* open").message, "the text ends too early");
    EXPECT_EQ(mistake("").message, "the text ends too early");
    EXPECT_EQ(mistake("{\"a\": \"\xff\"}").offset, 7U);
}

TEST(JsonPlace, DepthSizeAndNamesAreBounded) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(JsonTree::parse(nested(JsonTree::kDepthMax)));
    EXPECT_NE(mistake(nested(JsonTree::kDepthMax + 1)).message.find("deeper"), std::string::npos);
    EXPECT_NE(
        mistake(std::string(JsonTree::kTextBytesMax + 1, ' ')).message.find("bytes"),
        std::string::npos
    );
    std::string many = "[0";
    for (std::size_t i = 0; i + 2 < JsonTree::kNodesMax; ++i) {
        many += ",0";
    }
    EXPECT_TRUE(JsonTree::parse(many + "]"));
    EXPECT_NE(mistake(many + ",0]").message.find("values"), std::string::npos);
    const std::string name(JsonTree::kNameBytesMax, 'n');
    EXPECT_TRUE(JsonTree::parse("{\"" + name + "\": 1}"));
    EXPECT_NE(mistake("{\"n" + name + "\": 1}").message.find("member name"), std::string::npos);
}

// The reference is Boost.JSON's own tree: same kinds, same members, and each raw text parses to the
// value.
void expect_same(const JsonTree& parsed, JsonIndex index, const boost::json::value& value) {
    const JsonNode& node = parsed[index];
    if (value.is_array()) {
        ASSERT_EQ(node.kind, JsonKind::Array);
        ASSERT_EQ(node.children.size(), value.get_array().size());
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            expect_same(parsed, node.children[i], value.get_array()[i]);
        }
    } else if (value.is_object()) {
        ASSERT_EQ(node.kind, JsonKind::Object);
        ASSERT_EQ(node.children.size(), value.get_object().size());
        for (const JsonIndex child : node.children) {
            expect_same(parsed, child, value.get_object().at(parsed[child].key));
        }
    } else {
        const std::string_view raw = parsed.raw(index);
        EXPECT_EQ(boost::json::parse(boost::json::string_view(raw.data(), raw.size())), value);
    }
    EXPECT_EQ(parsed.find(parsed.pointer(index)), index);
}

class RandomJson {
  public:
    explicit RandomJson(std::uint64_t seed) : random_(seed) {}

    std::string value(int depth) {
        switch (random_() % (depth > 0 ? 6 : 4)) {
            case 0:
                return space() + std::to_string(static_cast<int>(random_() % 2000) - 1000) +
                       space();
            case 1:
                return space() + "\"s\\\"\\\\ // 普\"" + space();
            case 2:
                return space() + "true" + space();
            case 3:
                return space() + "-1.5e-3" + space();
            case 4:
                return list(depth, '[', ']', false);
            default:
                return list(depth, '{', '}', true);
        }
    }

  private:
    std::string list(int depth, char open, char close, bool named) {
        std::string text = space() + open + space();
        const std::size_t count = random_() % 4;
        for (std::size_t i = 0; i < count; ++i) {
            text += named ? "\"k/" + std::to_string(i) + "\"" + space() + ":" : "";
            text += value(depth - 1) + (i + 1 < count || random_() % 2 == 0 ? "," : "") + space();
        }
        return text + close + space();
    }

    std::string space() {
        static constexpr const char* kSpaces[] = {"", " ", "\n\t", "/* ] } \" */", "// {\n"};
        return kSpaces[random_() % 5];
    }

    std::mt19937_64 random_;
};

TEST(JsonPlace, AgreesWithBoostJsonOnRandomTexts) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::string text = RandomJson(seed).value(5);
        boost::json::parse_options options;
        options.allow_comments = true;
        options.allow_trailing_commas = true;
        expect_same(tree(text), JsonTree::kRoot, boost::json::parse(text, {}, options));
    }
}

// Whatever the bytes, parse answers; it does not stop the process.
TEST(JsonPlace, BrokenTextsAreRefusedWithoutHarm) {
    std::mt19937_64 random(11);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = R"({"a": [1, "b\n", {"c": null}], /* x */ "d": -1.5e3, } // y)";
        for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
            text[random() % text.size()] = "{}[]\",:/*\\ \n0a\xff-"[random() % 16];
        }
        if (auto parsed = JsonTree::parse(text); !parsed) {
            EXPECT_LE(parsed.error().offset, text.size()) << text;
        }
    }
}

}  // namespace
}  // namespace patron::wire
