#include "scoring/policy_issues.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace patron::scoring {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name(std::string_view text, bool dashes) {
    if (text.empty() || text.size() > kPolicyNameBytesMax || !is_lower(text.front())) {
        return false;
    }
    for (const char c : text) {
        if (!is_lower(c) && !is_digit(c) && c != '_' && !(dashes && c == '-')) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool PolicyIssues::in_range(const std::string& path, double value, double low, double high) {
    if (value >= low && value <= high) {
        return true;
    }
    error(
        path,
        "must lie between " + number_text(low) + " and " + number_text(high) + ", not " +
            number_text(value)
    );
    return false;
}

bool PolicyIssues::above(const std::string& path, double value, double low, double high) {
    if (value > low && value <= high) {
        return true;
    }
    error(
        path,
        "must be above " + number_text(low) + " and at most " + number_text(high) + ", not " +
            number_text(value)
    );
    return false;
}

bool PolicyIssues::probability(const std::string& path, double value) {
    if (value > 0 && value < 1) {
        return true;
    }
    error(
        path,
        "is a probability and must lie between 0 and 1 (both excluded), not " + number_text(value)
    );
    return false;
}

bool PolicyIssues::name(const std::string& path, std::string_view text, bool dashes) {
    if (is_name(text, dashes)) {
        return true;
    }
    error(
        path,
        "is no name: lower-case letters, digits and '_'" + std::string(dashes ? " and '-'" : "") +
            ", a letter first, at most " + std::to_string(kPolicyNameBytesMax)
    );
    return false;
}

bool PolicyIssues::text(const std::string& path, std::string_view text) {
    if (text.size() <= kPolicyTextBytesMax) {
        return true;
    }
    error(path, "is longer than " + std::to_string(kPolicyTextBytesMax) + " bytes");
    return false;
}

std::string pointer_to(std::string_view parent, std::string_view step) {
    std::string path(parent);
    path += '/';
    for (const char c : step) {
        if (c == '~') {
            path += "~0";
        } else if (c == '/') {
            path += "~1";
        } else {
            path += c;
        }
    }
    return path;
}

std::string pointer_to(std::string_view parent, std::size_t index) {
    return pointer_to(parent, std::to_string(index));
}

std::string number_text(double value) {
    if (value == 0) {
        return "0";
    }
    std::array<char, 400> bytes;  // the longest fixed notation has 309 digits and a sign
    // Plain digits where a person would write them so.
    const bool plain = std::fabs(value) >= 1e-7 && std::fabs(value) < 1e21;
    const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
    const auto [end, error] =
        std::to_chars(bytes.data(), bytes.data() + bytes.size(), value, format);
    return {bytes.data(), end};
}

}  // namespace patron::scoring
