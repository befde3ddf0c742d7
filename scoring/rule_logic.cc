#include "scoring/rule_logic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scoring/policy_issues.h"

namespace patron::scoring {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

FeatureRange range_of_unit(FeatureUnit unit) {
    switch (unit) {
        case FeatureUnit::Money:
            return {-kInfinity, kInfinity, false};
        case FeatureUnit::Count:
            return {0, kInfinity, true};
        case FeatureUnit::Ratio:
            return {0, 1, false};
        case FeatureUnit::Points:
            return {0, 100, false};
        case FeatureUnit::Days:
        case FeatureUnit::Hours:
        case FeatureUnit::Number:
            return {0, kInfinity, false};
    }
    return {-kInfinity, kInfinity, false};
}

const ValueSet* find_set(const std::vector<ValueSet>& sets, Feature feature) {
    const auto found = std::ranges::find(sets, feature, &ValueSet::feature);
    return found == sets.end() ? nullptr : &*found;
}

void narrow_to(ValueSet& set, std::vector<double> values) {
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
    if (set.is_listed) {
        std::erase_if(values, [&](double v) { return !std::ranges::binary_search(set.listed, v); });
    }
    set.is_listed = true;
    set.listed = std::move(values);
}

void narrow(ValueSet& set, const Atom& atom) {
    switch (atom.comparison) {
        case Comparison::AtLeast:
            set.low = std::max(set.low, atom.threshold);
            break;
        case Comparison::AtMost:
            set.high = std::min(set.high, atom.threshold);
            break;
        case Comparison::Equal:
            narrow_to(set, {atom.threshold});
            break;
        case Comparison::In:
            narrow_to(set, atom.allowed);
            break;
    }
}

std::vector<double> members(const ValueSet& set) {
    std::vector<double> values = set.listed;
    std::erase_if(values, [&](double v) { return v < set.low || v > set.high; });
    return values;
}

bool contains(const ValueSet& set, double value) {
    return value >= set.low && value <= set.high &&
           (!set.is_listed || std::ranges::binary_search(set.listed, value));
}

bool is_subset(const ValueSet& inner, const ValueSet& outer) {
    if (inner.is_listed) {
        return std::ranges::all_of(members(inner), [&](double v) { return contains(outer, v); });
    }
    return !outer.is_listed && inner.low >= outer.low && inner.high <= outer.high;
}

// The values at the edge of one set; a set without bounds has none.
std::vector<double> edge_values(const ValueSet& set) {
    if (set.is_listed) {
        return members(set);
    }
    std::vector<double> values;
    if (std::isfinite(set.low)) {
        values.push_back(set.low);
    }
    if (std::isfinite(set.high) && set.high != set.low) {
        values.push_back(set.high);
    }
    return values;
}

std::string money_text(double minor, int digits) {
    std::string text = number_text(std::fabs(minor));
    const auto places = static_cast<std::size_t>(digits);
    if (digits > 0 && text.find_first_not_of("0123456789") == std::string::npos) {
        text.insert(0, text.size() <= places ? places + 1 - text.size() : 0, '0');
        text.insert(text.size() - places, ".");
    }
    return minor < 0 ? "-" + text : text;
}

}  // namespace

FeatureRange feature_range(FeatureKind kind) {
    switch (kind) {
        case FeatureKind::NpsLast:
            return {0, 10, false};
        case FeatureKind::CsatLast:
        case FeatureKind::CsatEwma:
        case FeatureKind::ReviewScore:
            return {1, 5, false};
        case FeatureKind::FeedbackSentiment:
            return {-1, 1, false};
        case FeatureKind::Strategic:
            return {0, 2, true};
        case FeatureKind::RfmR:
        case FeatureKind::RfmF:
        case FeatureKind::RfmM:
            return {1, 5, true};
        case FeatureKind::RecencyWholeDays:
        case FeatureKind::TenureWholeDays:
            return {0, kInfinity, true};
        default:
            return range_of_unit(info(kind).unit);
    }
}

std::vector<ValueSet> value_sets(const Clause& clause) {
    std::vector<ValueSet> sets;
    for (const Atom& atom : clause) {
        auto found = std::ranges::find(sets, atom.feature, &ValueSet::feature);
        if (found == sets.end()) {
            found = sets.insert(sets.end(), {atom.feature, -kInfinity, kInfinity, false, {}});
        }
        narrow(*found, atom);
    }
    // Nobody has 2.5 orders: `>= 2.5` means `>= 3`.
    for (ValueSet& set : sets) {
        if (feature_range(set.feature.kind).whole) {
            set.low = std::ceil(set.low);
            set.high = std::floor(set.high);
        }
    }
    return sets;
}

bool is_empty(const ValueSet& set) {
    const FeatureRange range = feature_range(set.feature.kind);
    if (set.is_listed) {
        return std::ranges::none_of(members(set), [&](double v) {
            return v >= range.low && v <= range.high && (!range.whole || v == std::floor(v));
        });
    }
    const double low = std::max(set.low, range.low);
    const double high = std::min(set.high, range.high);
    return low > high;
}

bool implies(const Clause& strong, const Clause& weak) {
    const std::vector<ValueSet> given = value_sets(strong);
    return std::ranges::all_of(value_sets(weak), [&](const ValueSet& wanted) {
        const ValueSet* set = find_set(given, wanted.feature);
        return set != nullptr && is_subset(*set, wanted);
    });
}

bool only_at_least(const Clause& clause) {
    return std::ranges::all_of(clause, [](const Atom& atom) {
        return atom.comparison == Comparison::AtLeast;
    });
}

bool same_features(const Clause& a, const Clause& b) {
    const std::vector<ValueSet> left = value_sets(a);
    const std::vector<ValueSet> right = value_sets(b);
    return left.size() == right.size() && std::ranges::all_of(left, [&](const ValueSet& set) {
               return find_set(right, set.feature) != nullptr;
           });
}

std::vector<std::vector<FeatureValue>> edges(const Clause& clause) {
    std::vector<std::vector<double>> values;
    std::size_t count = 0;
    const std::vector<ValueSet> sets = value_sets(clause);
    for (const ValueSet& set : sets) {
        values.push_back(edge_values(set));
        count = std::max(count, values.back().size());
    }
    std::vector<std::vector<FeatureValue>> customers(count);
    for (std::size_t c = 0; c < count; ++c) {
        for (std::size_t s = 0; s < sets.size(); ++s) {
            if (!values[s].empty()) {
                customers[c].push_back(
                    {sets[s].feature, values[s][std::min(c, values[s].size() - 1)]}
                );
            }
        }
    }
    return customers;
}

Truth holds(const Clause& clause, const std::vector<FeatureValue>& known) {
    Truth truth = Truth::True;
    for (const ValueSet& set : value_sets(clause)) {
        const auto found = std::ranges::find(known, set.feature, &FeatureValue::feature);
        if (found == known.end()) {
            truth = Truth::Open;
        } else if (!contains(set, found->value)) {
            return Truth::False;
        }
    }
    return truth;
}

std::string value_text(Feature feature, double value, int digits) {
    return info(feature.kind).unit == FeatureUnit::Money ? money_text(value, digits)
                                                         : number_text(value);
}

std::string atom_text(const Atom& atom, const std::vector<int>& window_days, int digits) {
    const std::string name = feature_name(atom.feature, window_days);
    switch (atom.comparison) {
        case Comparison::AtLeast:
            return name + " >= " + value_text(atom.feature, atom.threshold, digits);
        case Comparison::AtMost:
            return name + " <= " + value_text(atom.feature, atom.threshold, digits);
        case Comparison::Equal:
            return name + " == " + value_text(atom.feature, atom.threshold, digits);
        case Comparison::In:
            break;
    }
    std::string text = name + " in [";
    for (std::size_t i = 0; i < atom.allowed.size(); ++i) {
        text += (i == 0 ? "" : ", ") + value_text(atom.feature, atom.allowed[i], digits);
    }
    return text + "]";
}

}  // namespace patron::scoring
