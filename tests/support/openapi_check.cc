#include "tests/support/openapi_check.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>

namespace patron::testing {
namespace {

namespace json = boost::json;
using Errors = std::vector<std::string>;

// Keywords that say nothing about a value.
const std::set<std::string_view> kAnnotations{"description", "default", "title", "$comment"};

bool is_integer(const json::value& value) {
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() &&
            value.get_double() == static_cast<double>(static_cast<long long>(value.get_double())));
}

bool has_type(const json::value& value, std::string_view type) {
    if (type == "null") {
        return value.is_null();
    }
    if (type == "boolean") {
        return value.is_bool();
    }
    if (type == "string") {
        return value.is_string();
    }
    if (type == "number") {
        return value.is_number();
    }
    if (type == "integer") {
        return is_integer(value);
    }
    return type == "array" ? value.is_array() : type == "object" && value.is_object();
}

bool is_date_time(std::string_view text) {
    static const std::regex kShape(
        R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?Z)"
    );
    return std::regex_match(text.begin(), text.end(), kShape);
}

bool is_date(std::string_view text) {
    static const std::regex kShape(R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))");
    return std::regex_match(text.begin(), text.end(), kShape);
}

class SchemaWalk {
  public:
    explicit SchemaWalk(const json::value& document) : document_(document) {}

    void check(const json::value& value, const json::value& schema, const std::string& place) {
        for (const auto& [keyword, rule] : schema.as_object()) {
            if (!kAnnotations.contains(keyword)) {
                check_keyword(value, schema.as_object(), keyword, rule, place);
            }
        }
    }
    Errors errors;

  private:
    void check_keyword(
        const json::value& value,
        const json::object& schema,
        std::string_view keyword,
        const json::value& rule,
        const std::string& place
    ) {
        if (keyword == "$ref") {
            check(value, target(rule), place);
        } else if (keyword == "type") {
            check_type(value, rule, place);
        } else if (keyword == "enum") {
            const auto& allowed = rule.as_array();
            expect(std::ranges::find(allowed, value) != allowed.end(), place, "is not in the enum");
        } else if (keyword == "allOf") {
            for (const json::value& part : rule.as_array()) {
                check(value, part, place);
            }
        } else if (keyword == "oneOf" || keyword == "anyOf") {
            check_choice(value, rule.as_array(), keyword == "oneOf", place);
        } else if (!check_object_keyword(value, schema, keyword, rule, place) &&
                   !check_bound(value, keyword, rule, place)) {
            errors.push_back("the document uses a keyword unknown here: " + std::string(keyword));
        }
    }

    void check_type(const json::value& value, const json::value& rule, const std::string& place) {
        bool fits = false;
        if (rule.is_string()) {
            fits = has_type(value, rule.get_string());
        } else {
            for (const json::value& type : rule.as_array()) {
                fits |= has_type(value, type.as_string());
            }
        }
        expect(fits, place, "has the wrong type, wanted " + json::serialize(rule));
    }

    void check_choice(
        const json::value& value,
        const json::array& choices,
        bool exactly_one,
        const std::string& place
    ) {
        std::size_t fitting = 0;
        Errors reasons;
        for (const json::value& choice : choices) {
            SchemaWalk walk(document_);
            walk.check(value, choice, place);
            fitting += walk.errors.empty() ? 1 : 0;
            reasons.insert(reasons.end(), walk.errors.begin(), walk.errors.end());
        }
        if (fitting == 0) {
            errors.insert(errors.end(), reasons.begin(), reasons.end());
        }
        expect(
            fitting > 0 && (fitting == 1 || !exactly_one),
            place,
            "fits " + std::to_string(fitting) + " of the choices"
        );
    }

    bool check_object_keyword(
        const json::value& value,
        const json::object& schema,
        std::string_view keyword,
        const json::value& rule,
        const std::string& place
    ) {
        static const std::set<std::string_view> kMembers{
            "properties", "patternProperties", "additionalProperties"
        };
        if (keyword == "required") {
            for (const json::value& name : value.is_object() ? rule.as_array() : json::array()) {
                expect(
                    value.get_object().contains(name.as_string()),
                    place,
                    "lacks " + std::string(name.as_string())
                );
            }
            return true;
        }
        if (keyword == "items") {
            for (std::size_t i = 0; value.is_array() && i < value.get_array().size(); ++i) {
                check(value.get_array()[i], rule, place + "/" + std::to_string(i));
            }
            return true;
        }
        if (!kMembers.contains(keyword)) {
            return false;
        }
        // All three at once, when the first of them comes by.
        const bool first = keyword == "properties" ||
                           (!schema.contains("properties") && keyword == "additionalProperties");
        if (first && value.is_object()) {
            for (const auto& [name, member] : value.get_object()) {
                check_member(schema, name, member, place + "/" + std::string(name));
            }
        }
        return true;
    }

    void check_member(
        const json::object& schema,
        std::string_view name,
        const json::value& member,
        const std::string& place
    ) {
        bool known = false;
        if (const json::value* properties = schema.if_contains("properties")) {
            if (const json::value* own = properties->as_object().if_contains(name)) {
                check(member, *own, place);
                known = true;
            }
        }
        if (const json::value* patterns = schema.if_contains("patternProperties")) {
            for (const auto& [pattern, own] : patterns->as_object()) {
                const std::regex shape{std::string(pattern)};
                if (std::regex_search(name.begin(), name.end(), shape)) {
                    check(member, own, place);
                    known = true;
                }
            }
        }
        const json::value* others = schema.if_contains("additionalProperties");
        if (known || others == nullptr) {
            return;
        }
        if (others->is_bool()) {
            expect(others->get_bool(), place, "is not in the schema");
        } else {
            check(member, *others, place);
        }
    }

    bool check_bound(
        const json::value& value,
        std::string_view keyword,
        const json::value& rule,
        const std::string& place
    ) {
        if (keyword == "format") {
            const bool date = rule.as_string() == "date";
            if (value.is_string()) {
                const std::string_view text = value.get_string();
                expect(date ? is_date(text) : is_date_time(text), place, "is no instant or date");
            }
            return date || rule.as_string() == "date-time";
        }
        if (keyword == "pattern") {
            if (value.is_string()) {
                const std::string text(value.get_string());
                expect(
                    std::regex_search(text, std::regex(std::string(rule.as_string()))),
                    place,
                    "does not fit its pattern"
                );
            }
            return true;
        }
        const double bound = rule.is_number() ? rule.to_number<double>() : 0;
        if (keyword == "minimum" || keyword == "maximum") {
            if (value.is_number()) {
                const double number = value.to_number<double>();
                expect(
                    keyword == "minimum" ? number >= bound : number <= bound,
                    place,
                    "is out of bounds"
                );
            }
            return true;
        }
        const double length = value.is_string()  ? static_cast<double>(value.get_string().size())
                              : value.is_array() ? static_cast<double>(value.get_array().size())
                                                 : bound;
        if (keyword == "minLength") {
            expect(length >= bound, place, "is too short");
            return true;
        }
        if (keyword == "maxLength" || keyword == "maxItems") {
            expect(length <= bound, place, "is too long");
            return true;
        }
        return false;
    }

    void expect(bool holds, const std::string& place, const std::string& what) {
        if (!holds) {
            errors.push_back((place.empty() ? "/" : place) + " " + what);
        }
    }

    // "#/components/schemas/Score"
    const json::value& target(const json::value& reference) const {
        return document_.at_pointer(std::string_view(reference.as_string()).substr(1));
    }

    const json::value& document_;
};

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        out.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

bool path_fits(std::string_view pattern, std::string_view path) {
    const auto want = segments(pattern);
    const auto have = segments(path);
    return std::ranges::equal(want, have, [](std::string_view a, std::string_view b) {
        return a.starts_with('{') ? !b.empty() : a == b;
    });
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

}  // namespace

OpenApiCheck::OpenApiCheck(std::string_view document) {
    boost::system::error_code error;
    document_ = json::parse(document, error);
    if (error) {
        std::fprintf(stderr, "the OpenAPI document is not JSON: %s\n", error.message().c_str());
        std::abort();
    }
}

const json::object* OpenApiCheck::find_path(std::string_view path) const {
    for (const auto& [pattern, item] : document_.at("paths").as_object()) {
        if (path_fits(pattern, path)) {
            return &item.as_object();
        }
    }
    return nullptr;
}

const json::value& OpenApiCheck::resolve(const json::value& reference) const {
    const json::value* named = reference.as_object().if_contains("$ref");
    return named == nullptr ? reference
                            : document_.at_pointer(std::string_view(named->as_string()).substr(1));
}

Errors OpenApiCheck::check_value(const json::value& value, const json::value& schema) const {
    SchemaWalk walk(document_);
    walk.check(value, schema, "");
    return std::move(walk.errors);
}

Errors OpenApiCheck::check(std::string_view method, std::string_view path, const HttpAnswer& answer)
    const {
    const json::object* item = find_path(path);
    const json::value* operation = item ? item->if_contains(lower(method)) : nullptr;
    // What no resource answers for is at least a problem.
    static const json::value kProblemOnly =
        json::parse(R"({"responses": {"default": {"$ref": "#/components/responses/Problem"}}})");
    const json::object& responses =
        (operation ? *operation : kProblemOnly).as_object().at("responses").as_object();
    const json::value* found = responses.if_contains(std::to_string(answer.status));
    if (found == nullptr && answer.status >= 400) {
        found = responses.if_contains("default");
    }
    if (found == nullptr) {
        return {"no response " + std::to_string(answer.status) + " is described"};
    }
    const json::value* content = resolve(*found).as_object().if_contains("content");
    if (content == nullptr) {
        return answer.body.empty() ? Errors{} : Errors{"a body that is not described"};
    }
    const json::value* media = content->as_object().if_contains(answer.header("content-type"));
    if (media == nullptr) {
        return {"a media type that is not described: " + answer.header("content-type")};
    }
    if (answer.header("content-type").find("json") == std::string::npos) {
        return {};
    }
    boost::system::error_code error;
    const json::value body = json::parse(answer.body, error);
    return error ? Errors{"the body is not JSON: " + error.message()}
                 : check_value(body, media->at("schema"));
}

}  // namespace patron::testing
