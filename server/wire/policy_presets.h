#pragma once
// The policies that ship: commented documents to start from, valid under lint without warnings.
//
// Shapes     "loyalty" (standard, silver, gold, platinum), "value" (low_value, mid_value,
// high_value),
//            "vip" (prospect, regular, vip); tiers lowest first, labels in English and Chinese.
// Units      thresholds are amounts of the schema's base currency, chosen with CNY in mind.
// Threads    immutable; any number of readers.
// Source     priors and judgement, each said so in a comment of the document.

#include <span>
#include <string>
#include <string_view>

#include "scoring/policy.h"

namespace patron::wire {

struct Preset {
    std::string_view name;
    std::string_view title;
    std::string_view text;
};

std::span<const Preset> presets();

// nullptr for a name that does not ship.
const Preset* find_preset(std::string_view name);

// The loyalty preset under the name "default", as document and as policy. The schema must be valid.
std::string default_policy_text();
scoring::Policy default_policy(const scoring::FactSchema& schema);

}  // namespace patron::wire
