#pragma once
// Which customers are meant, by where they stand and what they are.
//
// Shapes     parameters: tier, risk_band, lifecycle, follow_up, override (each a comma-separated
//            list of names; "none" is a band and an override too), service_level, region, industry,
//            owner (one exact value each).
// Errors     BadParameter.
// Threads    values; tiers are indices of the policy it was read under.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/wire/policy_texts.h"
#include "server/wire/query_string.h"
#include "store/store.h"

namespace patron::endpoints {

struct CustomerChoice {
    // Sets of names by index, one bit each; none set: all.
    std::uint32_t tiers = 0;
    std::uint32_t bands = 0;
    std::uint32_t stages = 0;
    std::uint32_t follow_ups = 0;
    std::uint32_t overrides = 0;
    std::optional<std::string> service_level;
    std::optional<std::string> region;
    std::optional<std::string> industry;
    std::optional<std::string> owner;

    // The names of its parameters, and others.
    static std::vector<std::string_view> parameters_and(
        std::initializer_list<std::string_view> others
    );
    static store::Result<CustomerChoice> read(
        const wire::QueryString& query, const wire::PolicyTexts& texts
    );

    // Whether `matches` looks at the profile.
    bool reads_profile() const { return region || industry || owner; }
    bool matches(const store::ScanRow& row) const;
};

}  // namespace patron::endpoints
