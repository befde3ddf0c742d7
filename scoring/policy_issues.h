#pragma once
// The list that the parts of `lint` write into, with the checks they share.
//
// Errors     NaN and infinities fail every range.
// Threads    one owner.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/policy_lint.h"

namespace patron::scoring {

class PolicyIssues {
  public:
    void error(std::string path, std::string message) {
        list_.push_back({std::move(path), std::move(message), true});
    }
    void warn(std::string path, std::string message) {
        list_.push_back({std::move(path), std::move(message), false});
    }

    // `low <= value <= high`, or an error at `path`.
    bool in_range(const std::string& path, double value, double low, double high);
    // `low < value <= high`.
    bool above(const std::string& path, double value, double low, double high);
    // 0 < value < 1.
    bool probability(const std::string& path, double value);
    // A name that can stand in an URL, a metric and a file: lower case, digits, '_' (and '-' for
    // policies).
    bool name(const std::string& path, std::string_view text, bool dashes = false);
    // At most kPolicyTextBytesMax bytes.
    bool text(const std::string& path, std::string_view text);

    bool empty() const { return list_.empty(); }
    std::vector<PolicyIssue> take() { return std::move(list_); }

  private:
    std::vector<PolicyIssue> list_;
};

// "/tiers/2": a JSON pointer one step further down; `~` and `/` in the step are escaped.
std::string pointer_to(std::string_view parent, std::string_view step);
std::string pointer_to(std::string_view parent, std::size_t index);

// As a person writes it: 5, 0.05, -1.5.
std::string number_text(double value);

}  // namespace patron::scoring
