#pragma once
// The reading of one policy document: typed access to its values, and the list of what is wrong.
//
// Shapes     a getter that finds no usable value adds a mistake and returns nothing; it never
// guesses. Bounds     at most kPolicyProblemsMax mistakes are kept. Threads    one owner.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/policy.h"
#include "server/wire/json_place.h"
#include "server/wire/policy_document.h"

namespace patron::wire {

class PolicyReader {
  public:
    PolicyReader(const JsonTree& tree, const scoring::FactSchema& schema)
        : tree_(tree), schema_(schema) {}

    const JsonTree& tree() const { return tree_; }
    const scoring::FactSchema& schema() const { return schema_; }
    const std::vector<PolicyProblem>& mistakes() const { return mistakes_; }

    // At the value.
    void mistake(JsonIndex at, std::string message);
    // At the name of a member.
    void name_mistake(JsonIndex at, std::string message);

    // An object without repeated members, and without any but `known` (an empty list knows all).
    bool object(JsonIndex at, std::span<const std::string_view> known);
    // A list of at least `least` and at most `most` values.
    bool list(JsonIndex at, std::size_t least, std::size_t most);
    // A member of `object` that must be there; its absence is a mistake.
    std::optional<JsonIndex> required(JsonIndex object, std::string_view name);

    std::optional<double> number(JsonIndex at);
    std::optional<std::int64_t> integer(JsonIndex at);
    std::optional<std::string> string(JsonIndex at);
    std::optional<bool> boolean(JsonIndex at);
    // Minor units; a number or a string of digits.
    std::optional<double> money(JsonIndex at);
    // A value of `feature` in its own unit: money, a name of `strategic`, or a number.
    std::optional<double> feature_value(JsonIndex at, scoring::Feature feature);

    // Members read straight into their place, which keeps its value after a mistake.
    void number_into(JsonIndex object, std::string_view name, double& out);
    void string_into(JsonIndex object, std::string_view name, std::string& out);
    void label_into(JsonIndex at, scoring::Label& out);

    // A feature by name, given as a member name or as a string value.
    std::optional<scoring::Feature> feature(
        JsonIndex at, std::string_view name, bool is_member, const std::vector<int>& window_days
    );

  private:
    void add(std::string pointer, std::size_t offset, std::string message);

    const JsonTree& tree_;
    const scoring::FactSchema& schema_;
    std::vector<PolicyProblem> mistakes_;
};

// "strategic" in words, in the order of its values 0, 1, 2.
std::span<const std::string> strategic_names();

}  // namespace patron::wire
