#include "bench/e2e/http_answers.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace patron::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLengthName = "\r\ncontent-length:";
constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::size_t kStatusDigits = 3;

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
    const char* end = text.data() + text.size();
    return std::from_chars(text.data() + start, end, number).ec == std::errc();
}

}  // namespace

HttpAnswer HttpAnswers::take(std::string_view input) {
    if (looks_like_the_last(input)) {
        return cut(input);
    }
    const std::size_t end = input.find(kHeadEnd);
    if (end == std::string_view::npos) {
        return {};
    }
    if (!learn(input, end + kHeadEnd.size())) {
        return {input.size(), 0, {}};
    }
    return cut(input);
}

bool HttpAnswers::looks_like_the_last(std::string_view input) const {
    return head_bytes_ != 0 && input.size() >= head_bytes_ && input.starts_with(until_length_) &&
           input.substr(head_bytes_ - kHeadEnd.size(), kHeadEnd.size()) == kHeadEnd;
}

bool HttpAnswers::learn(std::string_view input, std::size_t head_bytes) {
    head_bytes_ = 0;
    const std::string_view head = input.substr(0, head_bytes);
    const auto name =
        std::search(head.begin(), head.end(), kLengthName.begin(), kLengthName.end(), same_letter);
    if (name == head.end() || !head.starts_with(kVersion) ||
        !read_number(head.substr(kVersion.size(), kStatusDigits), status_)) {
        return false;
    }
    const auto length_at = static_cast<std::size_t>(name - head.begin()) + kLengthName.size();
    until_length_ = head.substr(0, length_at);
    head_bytes_ = head_bytes;
    return true;
}

HttpAnswer HttpAnswers::cut(std::string_view input) const {
    const std::size_t length_at = until_length_.size();
    std::size_t length = 0;
    if (!read_number(input.substr(length_at, head_bytes_ - length_at), length)) {
        return {input.size(), 0, {}};
    }
    if (input.size() - head_bytes_ < length) {
        return {};
    }
    return {head_bytes_ + length, status_, input.substr(head_bytes_, length)};
}

}  // namespace patron::bench
