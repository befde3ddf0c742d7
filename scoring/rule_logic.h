#pragma once
// What can be said about tier rules without any customer: the values a clause leaves to each
// feature, whether one clause implies another, and who stands at the edge of one.
//
// Shapes     a clause is a product of one ValueSet per feature; features count as independent.
// Range      thresholds are finite. An unknown feature holds no comparison, so a ValueSet also says
//            that the feature is known.
// Threads    pure.

#include <string>
#include <vector>

#include "scoring/policy.h"

namespace patron::scoring {

// [low, high], cut down to `listed` when `is_listed`.
struct ValueSet {
    Feature feature;
    double low = 0;
    double high = 0;
    bool is_listed = false;
    std::vector<double> listed;  // ascending
};

// The values a feature can take at all; `whole` ones are integers.
struct FeatureRange {
    double low = 0;
    double high = 0;
    bool whole = false;
};

FeatureRange feature_range(FeatureKind kind);

// One set per feature of the clause, in the order of first mention.
std::vector<ValueSet> value_sets(const Clause& clause);

// True when no value of the feature's range is in the set.
bool is_empty(const ValueSet& set);

// Whoever satisfies `strong` satisfies `weak`.
bool implies(const Clause& strong, const Clause& weak);

// Only `>=`.
bool only_at_least(const Clause& clause);
bool same_features(const Clause& a, const Clause& b);

enum class Truth : std::uint8_t { False, Open, True };

struct FeatureValue {
    Feature feature;
    double value = 0;
};

// Customers at the edge of the clause: each bound and each listed value of every feature occurs in
// one. The clause must not be empty of customers.
std::vector<std::vector<FeatureValue>> edges(const Clause& clause);

// Open: the clause asks for a feature that `known` does not mention.
Truth holds(const Clause& clause, const std::vector<FeatureValue>& known);

// "spend_365d >= 5000.00"; money in major units of a currency with `digits`.
std::string atom_text(const Atom& atom, const std::vector<int>& window_days, int digits);

// A value of the feature as a person writes it.
std::string value_text(Feature feature, double value, int digits);

}  // namespace patron::scoring
