#include <array>

#include "scoring/policy_lint.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

using scoring::Atom;
using scoring::Comparison;
using scoring::Policy;

constexpr std::array<std::string_view, 4> kComparisons{">=", "<=", "==", "in"};

std::optional<Atom> read_allowed(PolicyReader& reader, JsonIndex at, scoring::Feature feature) {
    if (!reader.list(at, 1, scoring::kPolicyAllowedMax)) {
        return std::nullopt;
    }
    Atom atom{feature, Comparison::In, 0, {}};
    bool sound = true;
    for (const JsonIndex child : reader.tree()[at].children) {
        const auto value = reader.feature_value(child, feature);
        sound = sound && value.has_value();
        atom.allowed.push_back(value.value_or(0));
    }
    return sound ? std::optional(std::move(atom)) : std::nullopt;
}

std::optional<Atom> read_atom(
    PolicyReader& reader, JsonIndex at, scoring::Feature feature, Comparison comparison
) {
    if (comparison == Comparison::In) {
        return read_allowed(reader, at, feature);
    }
    const auto threshold = reader.feature_value(at, feature);
    return threshold ? std::optional(Atom{feature, comparison, *threshold, {}}) : std::nullopt;
}

void read_comparisons(
    PolicyReader& reader, JsonIndex at, scoring::Feature feature, scoring::Clause& clause
) {
    if (reader.tree()[at].kind == JsonKind::Number) {
        reader.mistake(
            at, "needs a comparison, such as {\">=\": " + std::string(reader.tree().raw(at)) + "}"
        );
        return;
    }
    if (!reader.object(at, kComparisons)) {
        return;
    }
    bool any = false;
    for (std::size_t i = 0; i < kComparisons.size(); ++i) {
        const auto operand = reader.tree().member(at, kComparisons[i]);
        if (operand) {
            any = true;
            if (auto atom = read_atom(reader, *operand, feature, static_cast<Comparison>(i))) {
                clause.push_back(std::move(*atom));
            }
        }
    }
    if (!any && reader.tree()[at].children.empty()) {
        reader.mistake(at, "needs one of >=, <=, ==, in");
    }
}

scoring::Clause read_clause(PolicyReader& reader, JsonIndex at, const Policy& policy) {
    scoring::Clause clause;
    if (!reader.object(at, {})) {
        return clause;
    }
    for (const JsonIndex child : reader.tree()[at].children) {
        const JsonNode& node = reader.tree()[child];
        const auto feature = node.repeated
                                 ? std::nullopt
                                 : reader.feature(child, node.key, true, policy.window_days);
        if (feature) {
            read_comparisons(reader, child, *feature, clause);
        }
    }
    return clause;
}

scoring::Rule read_rule(PolicyReader& reader, JsonIndex at, const Policy& policy) {
    scoring::Rule rule;
    if (reader.list(at, 1, scoring::kPolicyClausesMax)) {
        for (const JsonIndex clause : reader.tree()[at].children) {
            rule.push_back(read_clause(reader, clause, policy));
        }
    }
    return rule;
}

scoring::Tier read_tier(PolicyReader& reader, JsonIndex at, const Policy& policy) {
    static constexpr std::array<std::string_view, 4> kMembers{"name", "label", "enter", "keep"};
    scoring::Tier tier;
    if (!reader.object(at, kMembers)) {
        return tier;
    }
    reader.string_into(at, "name", tier.name);
    if (const auto label = reader.tree().member(at, "label")) {
        reader.label_into(*label, tier.label);
    }
    if (const auto enter = reader.tree().member(at, "enter")) {
        tier.enter = read_rule(reader, *enter, policy);
    }
    if (const auto keep = reader.tree().member(at, "keep")) {
        tier.keep = read_rule(reader, *keep, policy);
    }
    return tier;
}

}  // namespace

void read_tiers(PolicyReader& reader, JsonIndex root, Policy& policy) {
    const auto at = reader.required(root, "tiers");
    if (at && reader.list(*at, 1, scoring::kPolicyTiersMax)) {
        for (const JsonIndex tier : reader.tree()[*at].children) {
            policy.tiers.push_back(read_tier(reader, tier, policy));
        }
    }
}

}  // namespace patron::wire
