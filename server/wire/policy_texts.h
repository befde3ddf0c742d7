#pragma once
// The constant pieces of JSON that a policy's names make, written once per policy.
//
// Shapes     tiers and stages by index as in the policy; `tier_pair` by tier and tier by rules.
// Owns       its strings; points to the policy, which outlives it.
// Threads    immutable once made.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/feature.h"
#include "scoring/state.h"

namespace patron::wire {

class PolicyTexts {
  public:
    explicit PolicyTexts(const scoring::CompiledPolicy& policy);

    const scoring::CompiledPolicy& policy() const { return policy_; }
    int currency_digits() const { return policy_.schema.currency_digits; }

    // JSON values.
    std::string_view tier(std::size_t tier) const { return tiers_[tier]; }
    std::string_view label(std::size_t tier) const { return labels_[tier]; }
    std::string_view next_tier(std::size_t by_rules) const {
        return by_rules + 1 < tiers_.size() ? std::string_view(tiers_[by_rules + 1]) : "null";
    }
    std::string_view service_level(std::size_t tier, scoring::Stage stage) const {
        return levels_[tier * scoring::kStages + static_cast<std::size_t>(stage)];
    }
    std::string_view name() const { return name_; }  // "default@1"
    std::string_view feature(scoring::Feature feature) const;
    // Net spend of the longest window, without quotes: "spend_365d".
    std::string_view longest_spend() const { return longest_spend_; }

    // Runs of members for the hot encoder.
    std::string_view tier_run(std::size_t tier, std::size_t by_rules) const {
        return tier_runs_[tier * tiers_.size() + by_rules];
    }
    std::string_view next_run(std::size_t by_rules) const { return next_runs_[by_rules]; }
    std::string_view service_run(std::size_t tier, scoring::Stage stage) const {
        return service_runs_[tier * scoring::kStages + static_cast<std::size_t>(stage)];
    }
    std::string_view end_run() const { return end_run_; }
    // No score is longer, but for its customer's id.
    std::size_t score_bytes_max() const { return score_bytes_max_; }

    // Tier names without quotes, as decoders of events want them.
    const std::vector<std::string_view>& tier_names() const { return tier_names_; }

  private:
    void make_values();
    void make_runs();
    std::size_t longest_score() const;

    const scoring::CompiledPolicy& policy_;
    std::vector<std::string> tiers_;
    std::vector<std::string> labels_;
    std::vector<std::string> levels_;
    std::string name_;
    std::string longest_spend_;
    std::array<std::vector<std::string>, scoring::kFeatureKinds> features_;  // by kind and window
    std::vector<std::string> tier_runs_;
    std::vector<std::string> next_runs_;
    std::vector<std::string> service_runs_;
    std::string end_run_;
    std::size_t score_bytes_max_ = 0;
    std::vector<std::string_view> tier_names_;
};

// Words of the answers, without quotes.
std::string_view follow_up_name(scoring::FollowUpState state);
std::string_view override_name(scoring::OverrideKind kind);  // "none" for None

}  // namespace patron::wire
