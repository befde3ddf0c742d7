#include "server/wire/policy_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "scoring/feature.h"
#include "scoring/policy_issues.h"
#include "server/wire/money_text.h"
#include "server/wire/nearest_name.h"

namespace patron::wire {
namespace {

std::string_view kind_name(JsonKind kind) {
    switch (kind) {
        case JsonKind::Null:
            return "null";
        case JsonKind::Bool:
            return "true or false";
        case JsonKind::Number:
            return "a number";
        case JsonKind::String:
            return "a string";
        case JsonKind::Array:
            return "a list";
        case JsonKind::Object:
            return "an object";
    }
    return "something else";
}

std::string expected(std::string_view wanted, JsonKind found) {
    return "must be " + std::string(wanted) + ", not " + std::string(kind_name(found));
}

std::vector<std::string> strings(std::span<const std::string_view> views) {
    return {views.begin(), views.end()};
}

std::vector<std::string> feature_names(const std::vector<int>& window_days) {
    std::vector<std::string> names;
    for (const scoring::FeatureInfo& entry : scoring::feature_table()) {
        const std::size_t count = entry.windowed ? window_days.size() : 1;
        for (std::size_t w = 0; w < count; ++w) {
            names.push_back(
                scoring::feature_name({entry.kind, static_cast<std::uint8_t>(w)}, window_days)
            );
        }
    }
    return names;
}

std::string money_fault(store::FaultCode code, const scoring::FactSchema& schema) {
    switch (code) {
        case store::FaultCode::AmountPrecision:
            return "has more decimals than " + schema.currency + " (" +
                   std::to_string(schema.currency_digits) + ")";
        case store::FaultCode::AmountRange:
            return "is more money than a policy can name";
        default:
            return "is no amount of money: write digits such as 1200 or 1200.50";
    }
}

// "spend_60d" where `windows_days` does not say 60.
bool names_other_window(std::string_view name) {
    const std::size_t digits = name.rfind('_') + 1;  // npos + 1 is 0
    int days = 0;
    const auto [end, error] =
        std::from_chars(name.data() + digits, name.data() + name.size(), days);
    return error == std::errc{} && scoring::parse_feature(name, std::array{days});
}

}  // namespace

std::span<const std::string> strategic_names() {
    static const std::array<std::string, 3> names{"none", "potential", "key"};
    return names;
}

void PolicyReader::add(std::string pointer, std::size_t offset, std::string message) {
    if (mistakes_.size() < kPolicyProblemsMax) {
        const TextPlace place = place_at(tree_.text(), offset);
        mistakes_.push_back({std::move(pointer), place.line, place.column, std::move(message), true}
        );
    }
}

void PolicyReader::mistake(JsonIndex at, std::string message) {
    add(tree_.pointer(at), tree_[at].begin, std::move(message));
}

void PolicyReader::name_mistake(JsonIndex at, std::string message) {
    add(tree_.pointer(at), tree_[at].key_begin, std::move(message));
}

bool PolicyReader::object(JsonIndex at, std::span<const std::string_view> known) {
    if (tree_[at].kind != JsonKind::Object) {
        mistake(at, expected("an object", tree_[at].kind));
        return false;
    }
    for (const JsonIndex child : tree_[at].children) {
        const std::string& key = tree_[child].key;
        if (tree_[child].repeated) {
            name_mistake(child, "\"" + key + "\" is written twice");
        } else if (!known.empty() && std::ranges::find(known, key) == known.end()) {
            name_mistake(child, "unknown member \"" + key + "\"" + suggestion(key, strings(known)));
        }
    }
    return true;
}

bool PolicyReader::list(JsonIndex at, std::size_t least, std::size_t most) {
    if (tree_[at].kind != JsonKind::Array) {
        mistake(at, expected("a list", tree_[at].kind));
        return false;
    }
    const std::size_t size = tree_[at].children.size();
    if (size < least || size > most) {
        const std::string wanted = least == most
                                       ? std::to_string(least)
                                       : std::to_string(least) + " to " + std::to_string(most);
        mistake(at, "needs " + wanted + " entries, not " + std::to_string(size));
        return false;
    }
    return true;
}

std::optional<JsonIndex> PolicyReader::required(JsonIndex object, std::string_view name) {
    const std::optional<JsonIndex> found = tree_.member(object, name);
    if (!found) {
        add(scoring::pointer_to(tree_.pointer(object), name),
            tree_[object].begin,
            "\"" + std::string(name) + "\" is missing");
    }
    return found;
}

std::optional<double> PolicyReader::number(JsonIndex at) {
    if (tree_[at].kind != JsonKind::Number) {
        mistake(at, expected("a number", tree_[at].kind));
        return std::nullopt;
    }
    // Not Boost.JSON's double: its last bit may differ from the nearest.
    const std::string_view raw = tree_.raw(at);
    double value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (error != std::errc{} || end != raw.data() + raw.size()) {
        mistake(at, "is out of the range of numbers");
        return std::nullopt;
    }
    return value == 0 ? 0 : value;  // no negative zero
}

std::optional<std::int64_t> PolicyReader::integer(JsonIndex at) {
    if (tree_[at].kind != JsonKind::Number) {
        mistake(at, expected("a whole number", tree_[at].kind));
        return std::nullopt;
    }
    const std::string_view raw = tree_.raw(at);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (error != std::errc{} || end != raw.data() + raw.size()) {
        mistake(at, "must be a whole number");
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> PolicyReader::string(JsonIndex at) {
    if (tree_[at].kind != JsonKind::String) {
        mistake(at, expected("a string", tree_[at].kind));
        return std::nullopt;
    }
    return tree_.string(at);
}

std::optional<bool> PolicyReader::boolean(JsonIndex at) {
    if (tree_[at].kind != JsonKind::Bool) {
        mistake(at, expected("true or false", tree_[at].kind));
        return std::nullopt;
    }
    return tree_.raw(at) == "true";
}

std::optional<double> PolicyReader::money(JsonIndex at) {
    const JsonKind kind = tree_[at].kind;
    if (kind != JsonKind::Number && kind != JsonKind::String) {
        mistake(at, expected("an amount of money", kind));
        return std::nullopt;
    }
    const std::string text =
        kind == JsonKind::String ? tree_.string(at) : std::string(tree_.raw(at));
    const auto minor = parse_minor_units(text, schema_.currency_digits);
    if (!minor) {
        mistake(at, money_fault(minor.error(), schema_));
        return std::nullopt;
    }
    return static_cast<double>(*minor);  // lint refuses what a double cannot hold exactly
}

std::optional<double> PolicyReader::feature_value(JsonIndex at, scoring::Feature feature) {
    if (scoring::info(feature.kind).unit == scoring::FeatureUnit::Money) {
        return money(at);
    }
    if (feature.kind == scoring::FeatureKind::Strategic && tree_[at].kind == JsonKind::String) {
        const auto names = strategic_names();
        const std::string name = tree_.string(at);
        const auto found = std::ranges::find(names, name);
        if (found == names.end()) {
            mistake(at, "must be \"none\", \"potential\" or \"key\"" + suggestion(name, names));
            return std::nullopt;
        }
        return static_cast<double>(found - names.begin());
    }
    return number(at);
}

void PolicyReader::number_into(JsonIndex object, std::string_view name, double& out) {
    if (const auto at = required(object, name)) {
        out = number(*at).value_or(out);
    }
}

void PolicyReader::string_into(JsonIndex object, std::string_view name, std::string& out) {
    if (const auto at = required(object, name)) {
        out = string(*at).value_or(out);
    }
}

void PolicyReader::label_into(JsonIndex at, scoring::Label& out) {
    static constexpr std::array<std::string_view, 2> kLanguages{"en", "zh"};
    if (object(at, kLanguages)) {
        string_into(at, "en", out.en);
        string_into(at, "zh", out.zh);
    }
}

std::optional<scoring::Feature> PolicyReader::feature(
    JsonIndex at, std::string_view name, bool is_member, const std::vector<int>& window_days
) {
    if (const auto found = scoring::parse_feature(name, window_days)) {
        return found;
    }
    if (std::ranges::any_of(mistakes_, [](const PolicyProblem& problem) {
            return problem.pointer.starts_with("/windows_days");
        })) {
        return std::nullopt;  // which names exist cannot be said before the windows are
    }
    const std::string message =
        "unknown feature \"" + std::string(name) + "\"" +
        (names_other_window(name) ? ": windows_days has no such window" : "") +
        suggestion(name, feature_names(window_days));
    is_member ? name_mistake(at, message) : mistake(at, message);
    return std::nullopt;
}

}  // namespace patron::wire
