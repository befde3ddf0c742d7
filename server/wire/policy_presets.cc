#include "server/wire/policy_presets.h"

#include <algorithm>
#include <array>

#include "scoring/check.h"
#include "server/wire/json_place.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_preset_texts.h"

namespace patron::wire {
namespace {

constexpr std::string_view kDefaultPreset = "loyalty";
constexpr std::string_view kDefaultName = "default";

}  // namespace

std::span<const Preset> presets() {
    static const std::string loyalty = loyalty_preset();
    static const std::string value = value_preset();
    static const std::string vip = vip_preset();
    static const std::array<Preset, 3> all{{
        {"loyalty",
         "Loyalty programme: standard, silver, gold, platinum by yearly spend and orders",
         loyalty},
        {"value", "Customer value: low, mid, high by an index of 0 to 100 points", value},
        {"vip", "VIP programme: prospect, regular, vip", vip},
    }};
    return all;
}

const Preset* find_preset(std::string_view name) {
    const auto all = presets();
    const auto found = std::ranges::find(all, name, &Preset::name);
    return found == all.end() ? nullptr : &*found;
}

std::string default_policy_text() {
    const Preset* preset = find_preset(kDefaultPreset);
    PATRON_CHECK(preset != nullptr);
    const auto tree = JsonTree::parse(preset->text);
    PATRON_CHECK(tree);
    const auto name = tree->member(JsonTree::kRoot, "name");
    PATRON_CHECK(name);
    const JsonNode& node = (*tree)[*name];
    std::string text(preset->text);
    return text.replace(node.begin, node.end - node.begin, '"' + std::string(kDefaultName) + '"');
}

scoring::Policy default_policy(const scoring::FactSchema& schema) {
    auto document = parse_policy(default_policy_text(), schema);
    PATRON_CHECK(document);
    return std::move(document->policy);
}

}  // namespace patron::wire
