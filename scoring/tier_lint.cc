#include "scoring/tier_lint.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "scoring/rule_logic.h"

namespace patron::scoring {
namespace {

// One policy's rules with what their messages need.
class TierLint {
  public:
    TierLint(const Policy& policy, int digits, PolicyIssues& issues)
        : policy_(policy), digits_(digits), issues_(issues) {}

    void run() {
        const std::vector<Tier>& tiers = policy_.tiers;
        if (tiers.empty() || tiers.size() > kPolicyTiersMax) {
            issues_.error(
                "/tiers", "needs 1 to " + std::to_string(kPolicyTiersMax) + " tiers, lowest first"
            );
            return;
        }
        check_names();
        std::vector<bool> sound;
        for (std::size_t i = 0; i < tiers.size(); ++i) {
            sound.push_back(check_tier(i));
        }
        for (std::size_t i = 1; i + 1 < tiers.size(); ++i) {
            if (sound[i] && sound[i + 1]) {
                check_order(i, i + 1);
            }
        }
    }

  private:
    static std::string tier_path(std::size_t tier) { return pointer_to("/tiers", tier); }

    void check_names() {
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < policy_.tiers.size(); ++i) {
            const Tier& tier = policy_.tiers[i];
            const std::string path = tier_path(i) + "/name";
            issues_.name(path, tier.name);
            if (!seen.insert(tier.name).second) {
                issues_.error(path, "\"" + tier.name + "\" names two tiers");
            }
            check_label(tier.label, tier_path(i) + "/label");
        }
    }

    void check_label(const Label& label, const std::string& path) {
        issues_.text(path + "/en", label.en);
        issues_.text(path + "/zh", label.zh);
        if (label.en.empty() || label.zh.empty()) {
            issues_.warn(path, "is not given in English and Chinese: pages show the bare name");
        }
    }

    // True when the rules can be reasoned about.
    bool check_tier(std::size_t index) {
        const Tier& tier = policy_.tiers[index];
        const std::string enter_path = tier_path(index) + "/enter";
        const std::string keep_path = tier_path(index) + "/keep";
        if (index == 0) {
            return check_lowest(tier, enter_path, keep_path);
        }
        if (tier.enter.empty()) {
            issues_.error(enter_path, "is missing: only the lowest tier needs nothing");
            return false;
        }
        const bool enter_sound = check_rule(tier.enter, enter_path);
        if (!tier.keep) {
            return enter_sound;
        }
        if (tier.keep->empty()) {
            issues_.error(keep_path, "keeps nobody; without it, `enter` keeps");
            return false;
        }
        const bool keep_sound = check_rule(*tier.keep, keep_path);
        if (enter_sound && keep_sound) {
            check_gap(tier, enter_path, keep_path);
        }
        return enter_sound && keep_sound;
    }

    bool check_lowest(const Tier& tier, const std::string& enter, const std::string& keep) {
        if (!tier.enter.empty()) {
            issues_.error(enter, "the lowest tier needs nothing, so it has no `enter`");
        }
        if (tier.keep) {
            issues_.error(keep, "the lowest tier cannot be lost, so it has no `keep`");
        }
        return tier.enter.empty() && !tier.keep;
    }

    bool check_rule(const Rule& rule, const std::string& path) {
        if (rule.size() > kPolicyClausesMax) {
            issues_.error(
                path, "has more than " + std::to_string(kPolicyClausesMax) + " alternatives"
            );
            return false;
        }
        bool sound = true;
        for (std::size_t i = 0; i < rule.size(); ++i) {
            sound = check_clause(rule[i], pointer_to(path, i)) && sound;
        }
        return sound;
    }

    bool check_clause(const Clause& clause, const std::string& path) {
        if (clause.empty() || clause.size() > kPolicyAtomsMax) {
            issues_.error(
                path,
                clause.empty() ? "asks for nothing, so it holds for everybody"
                               : "has more than " + std::to_string(kPolicyAtomsMax) + " comparisons"
            );
            return false;
        }
        bool sound = true;
        for (std::size_t i = 0; i < clause.size(); ++i) {
            sound = check_atom(clause[i], path) && sound;
            for (std::size_t j = 0; sound && j < i; ++j) {
                sound = check_not_repeated(clause[j], clause[i], path);
            }
        }
        return sound && check_possible(clause, path);
    }

    bool check_not_repeated(const Atom& first, const Atom& second, const std::string& path) {
        if (first.feature != second.feature || first.comparison != second.comparison) {
            return true;
        }
        issues_.error(
            path, "compares " + text(first) + " and " + text(second) + ": say the one that counts"
        );
        return false;
    }

    bool check_atom(const Atom& atom, const std::string& clause_path) {
        if (!is_known(atom.feature)) {
            issues_.error(clause_path, "reads a feature this policy does not have");
            return false;
        }
        const std::string path = pointer_to(clause_path, name(atom.feature));
        if (!check_threshold(atom, path)) {
            return false;
        }
        const FeatureKind kind = atom.feature.kind;
        if (kind == FeatureKind::ValueIndex && policy_.dimensions.empty()) {
            issues_.error(path, "value_index has no dimensions in this policy");
            return false;
        }
        if (is_rfm(kind) && !policy_.rfm) {
            issues_.error(path, "RFM scores need the cut points of `rfm`");
            return false;
        }
        return true;
    }

    bool check_threshold(const Atom& atom, const std::string& path) {
        const FeatureMotion motion = info(atom.feature.kind).motion;
        const bool fluent = motion == FeatureMotion::Rises || motion == FeatureMotion::Falls;
        if (atom.comparison > Comparison::In) {
            issues_.error(path, "has a comparison nobody knows");
            return false;
        }
        if (atom.comparison == Comparison::In) {
            return check_listed(atom, path, motion);
        }
        if (atom.comparison == Comparison::Equal && fluent) {
            issues_.error(path, "changes at every instant: `==` would hold for one; use >= and <=");
            return false;
        }
        return check_number(atom.threshold, atom.feature, path);
    }

    bool check_listed(const Atom& atom, const std::string& path, FeatureMotion motion) {
        if (motion != FeatureMotion::Steps) {
            issues_.error(path, "changes while nothing happens: `in` is for features that do not");
            return false;
        }
        if (atom.allowed.empty() || atom.allowed.size() > kPolicyAllowedMax) {
            issues_.error(path, "`in` needs 1 to " + std::to_string(kPolicyAllowedMax) + " values");
            return false;
        }
        return std::ranges::all_of(atom.allowed, [&](double v) {
            return check_number(v, atom.feature, path);
        });
    }

    bool check_number(double value, Feature feature, const std::string& path) {
        if (!(std::fabs(value) <= kThresholdMax)) {
            issues_.error(path, "is compared with a number that is not finite or too large");
            return false;
        }
        if (info(feature.kind).unit == FeatureUnit::Money && value != std::floor(value)) {
            issues_.error(path, "is compared with a fraction of a minor unit of money");
            return false;
        }
        return true;
    }

    bool check_possible(const Clause& clause, const std::string& path) {
        for (const ValueSet& set : value_sets(clause)) {
            if (is_empty(set)) {
                issues_.error(path, "can never hold: " + texts(clause, set.feature));
                return false;
            }
        }
        return true;
    }

    // Whoever just entered must be kept: `keep` may not be stricter than `enter`.
    void check_gap(const Tier& tier, const std::string& enter_path, const std::string& keep_path) {
        for (std::size_t i = 0; i < tier.enter.size(); ++i) {
            const Clause& enter = tier.enter[i];
            if (std::ranges::any_of(*tier.keep, [&](const Clause& k) {
                    return implies(enter, k);
                })) {
                continue;
            }
            const std::string where = pointer_to(enter_path, i);
            switch (worst_edge(enter, *tier.keep)) {
                case Truth::False:
                    issues_.error(
                        keep_path,
                        "leaves a gap: who just entered by " + where + " (" + texts(enter) +
                            ") is not kept"
                    );
                    break;
                case Truth::Open:
                    issues_.warn(
                        keep_path,
                        "asks for more than " + where + " (" + texts(enter) +
                            ") does: some who enter by it are not kept"
                    );
                    break;
                case Truth::True:
                    break;
            }
        }
    }

    static Truth worst_edge(const Clause& enter, const Rule& keep) {
        Truth worst = Truth::True;
        for (const std::vector<FeatureValue>& customer : edges(enter)) {
            Truth best = Truth::False;
            for (const Clause& clause : keep) {
                best = std::max(best, holds(clause, customer));
            }
            worst = std::min(worst, best);
        }
        return worst;
    }

    // Decided for rules whose clauses are all ANDs of `>=` on one set of features.
    void check_order(std::size_t lower, std::size_t higher) {
        const Tier& low = policy_.tiers[lower];
        const Tier& high = policy_.tiers[higher];
        if (!is_ladder(low.enter, high.enter)) {
            return;
        }
        const std::string path = tier_path(higher) + "/enter";
        if (covered(low.enter, high.enter)) {
            issues_.warn(
                path,
                "is no harder than that of \"" + low.name + "\": whoever enters \"" + low.name +
                    "\" enters \"" + high.name + "\" at once"
            );
        } else if (!covered(high.enter, low.enter)) {
            issues_.warn(
                path,
                "does not imply that of \"" + low.name + "\": \"" + high.name +
                    "\" is easier to enter in one respect"
            );
        }
    }

    static bool is_ladder(const Rule& a, const Rule& b) {
        const auto fits = [&](const Clause& clause) {
            return only_at_least(clause) && same_features(clause, a.front());
        };
        return std::ranges::all_of(a, fits) && std::ranges::all_of(b, fits);
    }

    // Every clause of `strong` implies one of `weak`.
    static bool covered(const Rule& strong, const Rule& weak) {
        return std::ranges::all_of(strong, [&](const Clause& s) {
            return std::ranges::any_of(weak, [&](const Clause& w) { return implies(s, w); });
        });
    }

    bool is_known(Feature feature) const {
        if (static_cast<std::size_t>(feature.kind) >= kFeatureKinds) {
            return false;
        }
        return info(feature.kind).windowed ? feature.window < policy_.window_days.size()
                                           : feature.window == 0;
    }

    static bool is_rfm(FeatureKind kind) {
        return kind == FeatureKind::RfmR || kind == FeatureKind::RfmF || kind == FeatureKind::RfmM;
    }

    std::string name(Feature feature) const { return feature_name(feature, policy_.window_days); }
    std::string text(const Atom& atom) const {
        return atom_text(atom, policy_.window_days, digits_);
    }

    // The clause's atoms, or those on one feature.
    std::string texts(const Clause& clause, std::optional<Feature> only = std::nullopt) const {
        std::string all;
        for (const Atom& atom : clause) {
            if (!only || atom.feature == *only) {
                all += (all.empty() ? "" : " and ") + text(atom);
            }
        }
        return all;
    }

    const Policy& policy_;
    int digits_;
    PolicyIssues& issues_;
};

}  // namespace

void lint_tiers(const Policy& policy, const FactSchema& schema, PolicyIssues& issues) {
    TierLint(policy, std::clamp(schema.currency_digits, 0, kCurrencyDigitsMax), issues).run();
}

}  // namespace patron::scoring
