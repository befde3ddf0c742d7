#include "scoring/policy_lint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "scoring/policy_issues.h"
#include "scoring/tier_lint.h"

namespace patron::scoring {
namespace {

constexpr double kWeightSumSlack = 1e-9;

void lint_identity(const Policy& policy, PolicyIssues& issues) {
    issues.name("/name", policy.name, true);
    if (policy.revision == 0) {
        issues.error("/revision", "starts at 1");
    }
    issues.text("/label/en", policy.label.en);
    issues.text("/label/zh", policy.label.zh);
}

void lint_windows(const Policy& policy, PolicyIssues& issues) {
    const std::vector<int>& days = policy.window_days;
    if (days.empty() || days.size() > kPolicyWindowsMax) {
        issues.error(
            "/windows_days", "needs 1 to " + std::to_string(kPolicyWindowsMax) + " windows"
        );
    }
    for (std::size_t i = 0; i < days.size(); ++i) {
        const std::string path = pointer_to("/windows_days", i);
        issues.in_range(path, days[i], 1, kPolicyDaysMax);
        if (i > 0 && days[i] <= days[i - 1]) {
            issues.error(
                path,
                "windows ascend: " + std::to_string(days[i]) + " follows " +
                    std::to_string(days[i - 1])
            );
        }
    }
}

void lint_purchase_model(const Policy& policy, PolicyIssues& issues) {
    issues.in_range("/horizon_days", policy.horizon_days, 1, kPolicyDaysMax);
    const std::string path = "/purchase_model";
    const PurchaseParams& params = policy.purchase;
    if (params.model != PurchaseModel::MbgNbd && params.model != PurchaseModel::BgNbd) {
        issues.error(path + "/type", "is a model nobody knows");
    }
    issues.in_range(path + "/unit_days", params.unit_days, kPurchaseParamMin, kPurchaseParamMax);
    issues.in_range(path + "/r", params.r, kPurchaseParamMin, kPurchaseParamMax);
    issues.in_range(path + "/alpha", params.alpha, kPurchaseParamMin, kPurchaseParamMax);
    issues.in_range(path + "/a", params.a, kPurchaseParamMin, kPurchaseParamMax);
    issues.in_range(path + "/b", params.b, kPurchaseParamMin, kPurchaseParamMax);
    issues.text(path + "/source", policy.purchase_source);
    if (policy.purchase_source.empty()) {
        issues.warn(path + "/source", "does not say where the parameters come from");
    }
}

void lint_signals(const Policy& policy, PolicyIssues& issues) {
    for (std::size_t i = 0; i < kSignals; ++i) {
        const std::string path = pointer_to("/signals", signal_name(static_cast<Signal>(i)));
        issues.in_range(path, policy.signal_weights[i], -kSignalWeightMax, kSignalWeightMax);
    }
    issues.above("/response_target_hours", policy.response_target_hours, 0, kHoursMax);
}

void lint_bands(const RiskBands& bands, PolicyIssues& issues) {
    const std::string path = "/risk_bands";
    const bool medium = issues.probability(path + "/medium", bands.medium);
    const bool high = issues.probability(path + "/high", bands.high);
    if (!medium || !high) {
        return;
    }
    if (bands.medium >= bands.high) {
        issues.error(path + "/high", "must lie above `medium`");
        return;
    }
    const double most = std::min(bands.medium, bands.high - bands.medium);
    if (!(bands.hysteresis >= 0 && bands.hysteresis < most)) {
        issues.error(
            path + "/hysteresis",
            "must be at least 0 and below both `medium` and the gap from "
            "`medium` to `high` (" +
                number_text(most) + "), not " + number_text(bands.hysteresis)
        );
    }
}

std::string limit_path(const std::string& path, LimitUnit unit) {
    switch (unit) {
        case LimitUnit::Days:
            return path + "/days";
        case LimitUnit::Intervals:
            return path + "/intervals";
        case LimitUnit::Probability:
            return path + "/probability";
    }
    return path;
}

bool lint_limit(const SilenceLimit& limit, const std::string& path, PolicyIssues& issues) {
    bool sound = issues.above(path + "/days", limit.days, 0, kPolicyDaysMax);
    switch (limit.unit) {
        case LimitUnit::Days:
            if (sound && limit.value != limit.days) {
                issues.error(path + "/days", "says two different numbers of days");
                sound = false;
            }
            return sound;
        case LimitUnit::Intervals:
            return issues.above(path + "/intervals", limit.value, 0, kIntervalsMax) && sound;
        case LimitUnit::Probability:
            return issues.probability(path + "/probability", limit.value) && sound;
    }
    issues.error(path, "has a unit nobody knows");
    return false;
}

void lint_lifecycle(const Lifecycle& lifecycle, PolicyIssues& issues) {
    const std::string path = "/lifecycle";
    issues.in_range(path + "/new_days", lifecycle.new_days, 0, kPolicyDaysMax);
    const bool dormant = lint_limit(lifecycle.dormant, path + "/dormant", issues);
    const bool churned = lint_limit(lifecycle.churned, path + "/churned", issues);
    issues.in_range(path + "/won_back_days", lifecycle.won_back_days, 0, kPolicyDaysMax);
    if (!dormant || !churned) {
        return;
    }
    if (lifecycle.dormant.unit == lifecycle.churned.unit) {
        const bool falls = lifecycle.dormant.unit == LimitUnit::Probability;
        if (falls ? lifecycle.churned.value > lifecycle.dormant.value
                  : lifecycle.churned.value < lifecycle.dormant.value) {
            issues.error(
                limit_path(path + "/churned", lifecycle.churned.unit),
                "comes before `dormant`: nobody would ever be dormant"
            );
            return;
        }
    }
    if (lifecycle.churned.days < lifecycle.dormant.days) {
        issues.error(
            path + "/churned/days", "comes before `dormant` for customers without an interval"
        );
    }
}

void lint_follow_up(const FollowUpRules& rules, PolicyIssues& issues) {
    const std::string path = "/follow_up/cadence_factor";
    bool sound = true;
    for (std::size_t i = 0; i < kBands; ++i) {
        const std::string band = pointer_to(path, band_name(static_cast<Band>(i)));
        sound = issues.above(band, rules.cadence_factor[i], 0, 1) && sound;
    }
    for (std::size_t i = 1; sound && i < kBands; ++i) {
        if (rules.cadence_factor[i] > rules.cadence_factor[i - 1]) {
            issues.warn(
                pointer_to(path, band_name(static_cast<Band>(i))),
                "makes follow-ups rarer although the risk is higher"
            );
        }
    }
    issues.above("/follow_up/contact_pressure_max", rules.contact_pressure_max, 0, 1000);
}

bool is_rfm(FeatureKind kind) {
    return kind == FeatureKind::RfmR || kind == FeatureKind::RfmF || kind == FeatureKind::RfmM;
}

void lint_dimension_feature(
    const Policy& policy, Feature feature, const std::string& path, PolicyIssues& issues
) {
    const auto kind = static_cast<std::size_t>(feature.kind);
    if (kind >= kFeatureKinds) {
        issues.error(path, "reads a feature this policy does not have");
        return;
    }
    const FeatureInfo& entry = info(feature.kind);
    if (entry.windowed ? feature.window >= policy.window_days.size() : feature.window != 0) {
        issues.error(path, "reads a window this policy does not have");
    } else if (feature.kind == FeatureKind::ValueIndex) {
        issues.error(path, "the value index cannot be made of itself");
    } else if (entry.motion != FeatureMotion::Steps && entry.motion != FeatureMotion::Days) {
        issues.error(
            path,
            std::string(entry.name) +
                " changes at every instant; the value index needs features that stand still "
                "within a day"
        );
    } else if (is_rfm(feature.kind) && !policy.rfm) {
        issues.error(path, "RFM scores need the cut points of `rfm`");
    }
}

void lint_breakpoints(const Dimension& dimension, const std::string& path, PolicyIssues& issues) {
    const std::vector<Breakpoint>& norm = dimension.norm;
    const bool is_money = static_cast<std::size_t>(dimension.feature.kind) < kFeatureKinds &&
                          info(dimension.feature.kind).unit == FeatureUnit::Money;
    if (norm.size() < 2 || norm.size() > kPolicyBreakpointsMax) {
        issues.error(path, "needs 2 to " + std::to_string(kPolicyBreakpointsMax) + " breakpoints");
    }
    for (std::size_t i = 0; i < norm.size(); ++i) {
        const std::string point = pointer_to(path, i);
        if (!(std::fabs(norm[i].at) <= kThresholdMax)) {
            issues.error(point + "/0", "is not finite or too large");
        } else if (i > 0 && norm[i].at <= norm[i - 1].at) {
            issues.error(point + "/0", "breakpoints ascend");
        } else if (is_money && norm[i].at != std::floor(norm[i].at)) {
            issues.error(point + "/0", "is a fraction of a minor unit of money");
        }
        issues.in_range(point + "/1", norm[i].points, 0, 100);
    }
}

void lint_dimensions(const Policy& policy, PolicyIssues& issues) {
    const std::string path = "/value_index";
    const std::vector<Dimension>& dimensions = policy.dimensions;
    if (dimensions.size() > kPolicyDimensionsMax) {
        issues.error(path, "has more than " + std::to_string(kPolicyDimensionsMax) + " dimensions");
    }
    std::set<std::string_view> names;
    double sum = 0;
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        const Dimension& dimension = dimensions[i];
        const std::string here = pointer_to(path, i);
        issues.name(here + "/name", dimension.name);
        if (!names.insert(dimension.name).second) {
            issues.error(here + "/name", "\"" + dimension.name + "\" names two dimensions");
        }
        lint_dimension_feature(policy, dimension.feature, here + "/feature", issues);
        issues.above(here + "/weight", dimension.weight, 0, 1);
        lint_breakpoints(dimension, here + "/breakpoints", issues);
        sum += dimension.weight;
    }
    if (!dimensions.empty() && !(std::fabs(sum - 1) <= kWeightSumSlack)) {
        issues.error(path, "weights add up to " + number_text(sum) + ", not to 1");
    }
}

void lint_cuts(
    const std::array<double, 4>& cuts, const std::string& path, bool reversed, PolicyIssues& issues
) {
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        if (!(std::fabs(cuts[i]) <= kThresholdMax)) {
            issues.error(pointer_to(path, i), "is not finite or too large");
        } else if (cuts[i] != std::floor(cuts[i])) {
            issues.error(pointer_to(path, i), "cuts are whole numbers");
        } else if (i > 0 && cuts[i] < cuts[i - 1]) {
            issues.error(
                pointer_to(path, i),
                reversed ? "cuts of silence descend: the longest first" : "cuts ascend"
            );
        }
    }
}

void lint_rfm(const Policy& policy, PolicyIssues& issues) {
    if (policy.rfm) {
        lint_cuts(policy.rfm->r, "/rfm/r", true, issues);
        lint_cuts(policy.rfm->f, "/rfm/f", false, issues);
        lint_cuts(policy.rfm->m, "/rfm/m", false, issues);
    }
}

void lint_moves(const Policy& policy, PolicyIssues& issues) {
    issues.in_range("/grace_days", policy.grace_days, 0, kPolicyDaysMax);
    issues.in_range("/max_step", policy.max_step, 1, static_cast<double>(kPolicyTiersMax - 1));
}

void lint_list(
    const std::vector<std::string>& list, const std::string& path, PolicyIssues& issues
) {
    if (list.size() > kServiceListMax) {
        issues.error(path, "has more than " + std::to_string(kServiceListMax) + " entries");
    }
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string here = pointer_to(path, i);
        if (list[i].empty()) {
            issues.error(here, "is empty");
        }
        issues.text(here, list[i]);
        if (!seen.insert(list[i]).second) {
            issues.error(here, "is named twice");
        }
    }
}

void lint_cell(const ServiceCell& cell, const std::string& path, PolicyIssues& issues) {
    if (cell.level.empty()) {
        issues.error(path + "/level", "is missing");
    }
    issues.text(path + "/level", cell.level);
    issues.in_range(path + "/cadence_days", cell.cadence_days, 0, kPolicyDaysMax);
    issues.in_range(path + "/response_hours", cell.response_hours, 0, kHoursMax);
    lint_list(cell.channels, path + "/channels", issues);
    lint_list(cell.benefits, path + "/benefits", issues);
}

void lint_service(const Policy& policy, PolicyIssues& issues) {
    const std::size_t wanted = policy.tiers.size() * kStages;
    if (policy.service.size() != wanted) {
        issues.error(
            "/service",
            "needs a cell for every tier and stage: " + std::to_string(wanted) + ", not " +
                std::to_string(policy.service.size())
        );
        return;
    }
    for (std::size_t tier = 0; tier < policy.tiers.size(); ++tier) {
        const std::string path = pointer_to("/service", policy.tiers[tier].name);
        for (std::size_t stage = 0; stage < kStages; ++stage) {
            const std::string cell = pointer_to(path, stage_name(static_cast<Stage>(stage)));
            lint_cell(policy.service[tier * kStages + stage], cell, issues);
        }
    }
}

void lint_rate(const ExchangeRate& rate, const std::string& path, PolicyIssues& issues) {
    if (!currency_digits(rate.currency)) {
        issues.error(path, "is no currency code of ISO 4217");
    }
    if (rate.numerator < 1 || rate.numerator > kRateNumeratorMax || rate.scale < 0 ||
        rate.scale > kRateScaleMax) {
        issues.error(path, "is no exchange rate: a decimal number above 0, at most 15 digits");
    }
}

void lint_currencies(const Policy& policy, const FactSchema& schema, PolicyIssues& issues) {
    const CurrencyTable& table = policy.currencies;
    const std::string path = "/currencies";
    if (currency_text(table.base) != schema.currency || table.digits != schema.currency_digits) {
        issues.error(
            path,
            "are told in " + std::string(currency_text(table.base)) +
                ", but the facts are kept in " + schema.currency
        );
    }
    if (table.rates.size() > kPolicyCurrenciesMax) {
        issues.error(path, "has more than " + std::to_string(kPolicyCurrenciesMax) + " rates");
    }
    std::set<CurrencyCode> seen;
    for (const ExchangeRate& rate : table.rates) {
        const std::string here = pointer_to(path, currency_text(rate.currency));
        lint_rate(rate, here, issues);
        if (rate.currency == table.base) {
            issues.error(here, "is the base currency itself");
        }
        if (!seen.insert(rate.currency).second) {
            issues.error(here, "has two rates");
        }
    }
}

}  // namespace

std::vector<PolicyIssue> lint(const Policy& policy, const FactSchema& schema) {
    PolicyIssues issues;
    lint_identity(policy, issues);
    lint_windows(policy, issues);
    lint_purchase_model(policy, issues);
    lint_signals(policy, issues);
    lint_bands(policy.bands, issues);
    lint_lifecycle(policy.lifecycle, issues);
    lint_follow_up(policy.follow_up, issues);
    lint_dimensions(policy, issues);
    lint_rfm(policy, issues);
    lint_tiers(policy, schema, issues);
    lint_moves(policy, issues);
    lint_service(policy, issues);
    lint_currencies(policy, schema, issues);
    return issues.take();
}

bool has_errors(const std::vector<PolicyIssue>& issues) {
    return std::ranges::any_of(issues, &PolicyIssue::error);
}

}  // namespace patron::scoring
