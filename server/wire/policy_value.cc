#include <array>

#include "scoring/policy_lint.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

using scoring::Policy;

void read_breakpoints(PolicyReader& reader, JsonIndex at, scoring::Dimension& dimension) {
    if (!reader.list(at, 2, scoring::kPolicyBreakpointsMax)) {
        return;
    }
    for (const JsonIndex point : reader.tree()[at].children) {
        if (!reader.list(point, 2, 2)) {
            continue;
        }
        const auto& pair = reader.tree()[point].children;
        const auto value = reader.feature_value(pair[0], dimension.feature);
        const auto points = reader.number(pair[1]);
        if (value && points) {
            dimension.norm.push_back({*value, *points});
        }
    }
}

scoring::Dimension read_dimension(PolicyReader& reader, JsonIndex at, const Policy& policy) {
    static constexpr std::array<std::string_view, 4> kMembers{
        "name", "feature", "weight", "breakpoints"
    };
    scoring::Dimension dimension;
    if (!reader.object(at, kMembers)) {
        return dimension;
    }
    reader.string_into(at, "name", dimension.name);
    reader.number_into(at, "weight", dimension.weight);
    const auto feature_at = reader.required(at, "feature");
    const auto breakpoints = reader.required(at, "breakpoints");
    const auto name = feature_at ? reader.string(*feature_at) : std::nullopt;
    const auto feature =
        name ? reader.feature(*feature_at, *name, false, policy.window_days) : std::nullopt;
    // Without its feature the unit of the breakpoints is unknown.
    if (feature && breakpoints) {
        dimension.feature = *feature;
        read_breakpoints(reader, *breakpoints, dimension);
    }
    return dimension;
}

// `sign` -1: days of silence in the document, minus days in the policy (larger is better).
void read_cuts(
    PolicyReader& reader,
    JsonIndex object,
    std::string_view name,
    scoring::Feature unit,
    double sign,
    std::array<double, 4>& cuts
) {
    const auto at = reader.required(object, name);
    if (!at || !reader.list(*at, cuts.size(), cuts.size())) {
        return;
    }
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        const auto value = reader.feature_value(reader.tree()[*at].children[i], unit);
        if (value && *value < 0) {
            reader.mistake(reader.tree()[*at].children[i], "must be at least 0");
        } else if (value) {
            cuts[i] = *value == 0 ? 0 : sign * *value;
        }
    }
}

void read_rfm(PolicyReader& reader, JsonIndex at, Policy& policy) {
    static constexpr std::array<std::string_view, 3> kMembers{"r", "f", "m"};
    using scoring::FeatureKind;
    scoring::RfmCutPoints& cuts = policy.rfm.emplace();
    if (reader.object(at, kMembers)) {
        read_cuts(reader, at, "r", {FeatureKind::RecencyWholeDays, 0}, -1, cuts.r);
        read_cuts(reader, at, "f", {FeatureKind::PurchaseDays, 0}, 1, cuts.f);
        read_cuts(reader, at, "m", {FeatureKind::SpendLifetime, 0}, 1, cuts.m);
    }
}

}  // namespace

void read_value(PolicyReader& reader, JsonIndex root, Policy& policy) {
    const auto index = reader.tree().member(root, "value_index");
    if (index && reader.list(*index, 0, scoring::kPolicyDimensionsMax)) {
        for (const JsonIndex at : reader.tree()[*index].children) {
            policy.dimensions.push_back(read_dimension(reader, at, policy));
        }
    }
    if (const auto rfm = reader.tree().member(root, "rfm")) {
        read_rfm(reader, *rfm, policy);
    }
}

}  // namespace patron::wire
