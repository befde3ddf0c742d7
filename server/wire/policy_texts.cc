#include "server/wire/policy_texts.h"

#include <algorithm>

#include "scoring/check.h"
#include "server/wire/digits.h"
#include "server/wire/json_string.h"

namespace patron::wire {
namespace {

using scoring::Feature;
using scoring::FeatureInfo;
using scoring::Stage;

std::size_t longest(const std::vector<std::string>& texts) {
    std::size_t bytes = 0;
    for (const std::string& text : texts) {
        bytes = std::max(bytes, text.size());
    }
    return bytes;
}

}  // namespace

PolicyTexts::PolicyTexts(const scoring::CompiledPolicy& policy) : policy_(policy) {
    make_values();
    make_runs();
    score_bytes_max_ = longest_score();
}

void PolicyTexts::make_values() {
    const scoring::Policy& policy = policy_.policy;
    for (std::size_t tier = 0; tier < policy.tiers.size(); ++tier) {
        const scoring::Tier& t = policy.tiers[tier];
        tier_names_.push_back(t.name);
        tiers_.push_back(json_string(t.name));
        labels_.push_back(
            R"({"en":)" + json_string(t.label.en) + R"(,"zh":)" + json_string(t.label.zh) + "}"
        );
        for (std::size_t stage = 0; stage < scoring::kStages; ++stage) {
            levels_.push_back(json_string(policy.service_for(tier, static_cast<Stage>(stage)).level)
            );
        }
    }
    const int longest_days =
        policy.window_days.empty() ? 0 : *std::ranges::max_element(policy.window_days);
    longest_spend_ = "spend_" + std::to_string(longest_days) + "d";
    name_ = json_string(policy.name + "@" + std::to_string(policy.revision));
    for (const FeatureInfo& info : scoring::feature_table()) {
        const std::size_t windows = info.windowed ? policy.window_days.size() : 1;
        for (std::size_t window = 0; window < windows; ++window) {
            const Feature feature{info.kind, static_cast<std::uint8_t>(window)};
            features_[static_cast<std::size_t>(info.kind)].push_back(
                json_string(scoring::feature_name(feature, policy.window_days))
            );
        }
    }
}

void PolicyTexts::make_runs() {
    for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
        for (const std::string& by_rules : tiers_) {
            tier_runs_.push_back(
                R"(,"tier":)" + tiers_[tier] + R"(,"tier_by_rules":)" + by_rules +
                R"(,"tier_label":)" + labels_[tier] + R"(,"since":)"
            );
        }
        next_runs_.push_back(
            R"(,"next_tier":)" + std::string(next_tier(tier)) + R"(,"gap_to_next":)"
        );
        for (std::size_t stage = 0; stage < scoring::kStages; ++stage) {
            service_runs_.push_back(
                R"(,"service_level":)" +
                std::string(service_level(tier, static_cast<Stage>(stage))) + R"(,"value_index":)"
            );
        }
    }
    end_run_ = R"(,"policy":)" + name_;
}

std::size_t PolicyTexts::longest_score() const {
    // Two gaps of a number and an instant, an override, ten more numbers and instants, and the
    // names of the members that do not stand in a run, counted generously.
    constexpr std::size_t kConstantBytes = 1'024;
    std::size_t feature = 0;
    for (const std::vector<std::string>& names : features_) {
        feature = std::max(feature, longest(names));
    }
    return kConstantBytes + longest(tier_runs_) + longest(next_runs_) + longest(service_runs_) +
           end_run_.size() + 2 * feature + longest(tiers_) + 16 * kFixedBytesMax;
}

std::string_view PolicyTexts::feature(Feature feature) const {
    const auto& names = features_[static_cast<std::size_t>(feature.kind)];
    PATRON_CHECK(feature.window < names.size());
    return names[feature.window];
}

std::string_view follow_up_name(scoring::FollowUpState state) {
    switch (state) {
        case scoring::FollowUpState::None:
            return "none";
        case scoring::FollowUpState::Planned:
            return "planned";
        case scoring::FollowUpState::Due:
            return "due";
        case scoring::FollowUpState::OverContacted:
            return "over_contacted";
        case scoring::FollowUpState::DoNotContact:
            return "do_not_contact";
    }
    return "";
}

std::string_view override_name(scoring::OverrideKind kind) {
    switch (kind) {
        case scoring::OverrideKind::None:
            return "none";
        case scoring::OverrideKind::Pin:
            return "pin";
        case scoring::OverrideKind::Floor:
            return "floor";
        case scoring::OverrideKind::Ceiling:
            return "ceiling";
    }
    return "";
}

}  // namespace patron::wire
