#include "server/wire/policy_document.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "scoring/policy_lint.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

using scoring::Policy;
using scoring::PolicyIssue;

constexpr std::array<std::string_view, 18> kMembers{
    "name",
    "revision",
    "label",
    "windows_days",
    "horizon_days",
    "purchase_model",
    "signals",
    "response_target_hours",
    "risk_bands",
    "lifecycle",
    "follow_up",
    "value_index",
    "rfm",
    "tiers",
    "grace_days",
    "max_step",
    "service",
    "currencies",
};

Policy read_policy(PolicyReader& reader) {
    Policy policy;
    if (reader.object(JsonTree::kRoot, kMembers)) {
        read_frame(reader, JsonTree::kRoot, policy);
        read_risk(reader, JsonTree::kRoot, policy);
        read_value(reader, JsonTree::kRoot, policy);
        read_tiers(reader, JsonTree::kRoot, policy);
        read_service(reader, JsonTree::kRoot, policy);
    }
    return policy;
}

// "/tiers/2/enter/0" -> "/tiers" (one step), "/tiers/2" (two).
std::string_view first_steps(std::string_view pointer, int steps) {
    std::size_t end = 0;
    for (int i = 0; i < steps && end < pointer.size(); ++i) {
        end = std::min(pointer.find('/', end + 1), pointer.size());
    }
    return pointer.substr(0, end);
}

bool is_above(std::string_view upper, std::string_view lower) {
    return lower.starts_with(upper) && (lower.size() == upper.size() || lower[upper.size()] == '/');
}

// What lint says about a section depends on these others being read in full.
bool depends(std::string_view section, std::string_view on) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kArrows{{
        {"/tiers", "/windows_days"},
        {"/tiers", "/value_index"},
        {"/tiers", "/rfm"},
        {"/value_index", "/windows_days"},
        {"/value_index", "/rfm"},
        {"/service", "/tiers"},
    }};
    return std::ranges::find(kArrows, std::pair(section, on)) != kArrows.end();
}

// A complaint that may only follow from a mistake in the text is not repeated as one of its own.
bool follows_from(const PolicyIssue& issue, const PolicyProblem& mistake) {
    const std::string_view section = first_steps(issue.path, 1);
    const std::string_view broken = first_steps(mistake.pointer, 1);
    if (broken.empty() || depends(section, broken)) {
        return true;
    }
    if (!issue.error && section == broken) {
        return true;
    }
    const std::string_view near = first_steps(issue.path, 2);
    const std::string_view far = first_steps(mistake.pointer, 2);
    return is_above(near, far) || is_above(far, near);
}

// Where lint's path stands in the text: what a stage does not say for itself its tier's default
// says.
std::string place_of_issue(const JsonTree& tree, const std::string& path) {
    const std::string_view tier = first_steps(path, 2);
    if (tree.find(path) || first_steps(path, 1) != "/service" || tier.size() == path.size()) {
        return path;
    }
    const std::string_view stage = first_steps(path, 3);
    return std::string(tier) + "/default" + path.substr(stage.size());
}

PolicyProblem problem_of(const JsonTree& tree, const PolicyIssue& issue) {
    const std::string pointer = place_of_issue(tree, issue.path);
    const TextPlace place = place_at(tree.text(), tree[tree.nearest(pointer)].begin);
    return {pointer, place.line, place.column, issue.message, issue.error};
}

// In the order of the text, each once; where they are too many, errors alone.
void tidy(std::vector<PolicyProblem>& problems) {
    std::set<std::tuple<std::string, std::string>> seen;
    std::erase_if(problems, [&](const PolicyProblem& problem) {
        return !seen.emplace(problem.pointer, problem.message).second;
    });
    std::ranges::stable_sort(problems, {}, [](const PolicyProblem& problem) {
        return std::tuple(problem.line, problem.column);
    });
    if (problems.size() > kPolicyProblemsMax) {
        std::erase_if(problems, [](const PolicyProblem& problem) { return !problem.error; });
        problems.resize(std::min(problems.size(), kPolicyProblemsMax));
    }
}

std::vector<PolicyProblem> syntax_problem(std::string_view text, const JsonMistake& mistake) {
    const TextPlace place = place_at(text, mistake.offset);
    return {{"", place.line, place.column, mistake.message, true}};
}

}  // namespace

std::expected<PolicyDocument, std::vector<PolicyProblem>> parse_policy(
    std::string_view text, const scoring::FactSchema& schema
) {
    const auto tree = JsonTree::parse(text);
    if (!tree) {
        return std::unexpected(syntax_problem(text, tree.error()));
    }
    PolicyReader reader(*tree, schema);
    PolicyDocument document{read_policy(reader), {}};
    std::vector<PolicyProblem> problems = reader.mistakes();
    bool sound = problems.empty();
    for (const PolicyIssue& issue : scoring::lint(document.policy, schema)) {
        const auto explains = [&](const PolicyProblem& m) {
            return follows_from(issue, m);
        };
        if (std::ranges::none_of(reader.mistakes(), explains)) {
            problems.push_back(problem_of(*tree, issue));
            sound = sound && !issue.error;
        }
    }
    tidy(problems);
    if (!sound) {
        return std::unexpected(std::move(problems));
    }
    document.warnings = std::move(problems);
    return document;
}

}  // namespace patron::wire
