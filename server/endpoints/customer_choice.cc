#include "server/endpoints/customer_choice.h"

#include <array>
#include <span>

#include "server/wire/state_names.h"

namespace patron::endpoints {
namespace {

using store::Fault;
using wire::QueryString;

bool in_set(std::uint32_t bits, std::size_t index) {
    return bits == 0 || (bits >> index & 1) != 0;
}

bool is(const std::optional<std::string>& wanted, const std::string* value) {
    return !wanted || (value != nullptr && *value == *wanted);
}

std::optional<std::string> text(const QueryString& query, std::string_view name) {
    const auto value = query.find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

std::vector<std::string_view> CustomerChoice::parameters_and(
    std::initializer_list<std::string_view> others
) {
    std::vector<std::string_view> names{
        "tier",
        "risk_band",
        "lifecycle",
        "follow_up",
        "override",
        "service_level",
        "region",
        "industry",
        "owner"
    };
    names.insert(names.end(), others.begin(), others.end());
    return names;
}

store::Result<CustomerChoice> CustomerChoice::read(
    const QueryString& query, const wire::PolicyTexts& texts
) {
    CustomerChoice out;
    struct Set {
        std::string_view name;
        std::span<const std::string_view> choices;
        std::uint32_t* bits;
    };
    const std::array<Set, 5> sets{{
        {"tier", texts.tier_names(), &out.tiers},
        {"risk_band", wire::band_names(), &out.bands},
        {"lifecycle", wire::stage_names(), &out.stages},
        {"follow_up", wire::follow_up_names(), &out.follow_ups},
        {"override", wire::override_names(), &out.overrides},
    }};
    for (const Set& set : sets) {
        const auto bits = query.choices(set.name, set.choices);
        if (!bits) {
            return std::unexpected(bits.error());
        }
        *set.bits = *bits;
    }
    out.service_level = text(query, "service_level");
    out.region = text(query, "region");
    out.industry = text(query, "industry");
    out.owner = text(query, "owner");
    return out;
}

bool CustomerChoice::matches(const store::ScanRow& row) const {
    const scoring::Standing& standing = row.reading.standing;
    const scoring::State& state = standing.state;
    if (!in_set(tiers, state.tier) || !in_set(bands, static_cast<std::size_t>(state.band)) ||
        !in_set(stages, static_cast<std::size_t>(state.stage)) ||
        !in_set(follow_ups, static_cast<std::size_t>(state.follow_up)) ||
        !in_set(overrides, static_cast<std::size_t>(standing.override_kind))) {
        return false;
    }
    const store::ProfileDetails* profile = row.profile;
    const auto& policy = row.reading.policy->policy;
    return (!service_level || policy.service_for(state.tier, state.stage).level == *service_level
           ) &&
           is(region, profile ? &profile->region : nullptr) &&
           is(industry, profile ? &profile->industry : nullptr) &&
           is(owner, profile ? &profile->owner : nullptr);
}

}  // namespace patron::endpoints
