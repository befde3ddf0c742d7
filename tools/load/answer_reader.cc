#include "tools/load/answer_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace patron::tools {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kVersionBytes = 9;  // "HTTP/1.1 "
constexpr std::size_t kStatusDigits = 3;

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

bool same_text(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, same_letter);
}

// What stands behind "\r\nname:" up to the line's end, without blanks around it.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            same_text(line.substr(0, name.size()), name)) {
            std::string_view value = line.substr(name.size() + 1);
            while (value.starts_with(' ') || value.starts_with('\t')) {
                value.remove_prefix(1);
            }
            while (value.ends_with(' ') || value.ends_with('\t')) {
                value.remove_suffix(1);
            }
            return value;
        }
    }
    return std::nullopt;
}

template <typename Number>
bool read_digits(std::string_view text, Number& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

Answer garbled(std::string_view why) {
    Answer answer;
    answer.state = Answer::State::Garbled;
    answer.why = why;
    return answer;
}

bool is_informational(int status) {
    return status < 200;
}

}  // namespace

Answer AnswerReader::read(std::string_view input) {
    if (skipping_) {
        return skip(input);
    }
    if (!looks_like_the_last(input)) {
        const std::size_t end = input.find(kHeadEnd);
        if (end == std::string_view::npos) {
            return input.size() < kHeadBytesMax ? Answer{} : garbled("a head of over 8 KiB");
        }
        const std::string_view why = learn(input.substr(0, end + kHeadEnd.size()));
        if (!why.empty()) {
            return garbled(why);
        }
    } else if (!read_length(input)) {
        return garbled("a Content-Length that is no number");
    }
    if (head_.length > kBodyKept) {
        skipping_ = true;
        left_ = head_.length;
        Answer rest = skip(input.substr(head_.bytes));
        rest.used += head_.bytes;
        return rest;
    }
    if (input.size() - head_.bytes < head_.length) {
        return {};
    }
    Answer answer;
    answer.used = head_.bytes + head_.length;
    if (is_informational(head_.status)) {
        Answer next = read(input.substr(answer.used));
        next.used += answer.used;
        return next;
    }
    answer.state = Answer::State::Whole;
    answer.status = head_.status;
    answer.closes = head_.closes;
    answer.body = input.substr(head_.bytes, head_.length);
    return answer;
}

Answer AnswerReader::skip(std::string_view input) {
    Answer answer;
    answer.used = std::min(left_, input.size());
    left_ -= answer.used;
    if (left_ == 0) {
        skipping_ = false;
        answer.state = Answer::State::Whole;
        answer.status = head_.status;
        answer.closes = head_.closes;
    }
    return answer;
}

// The digits may differ, everything around them and their number not.
bool AnswerReader::looks_like_the_last(std::string_view input) const {
    return head_.bytes != 0 && !until_length_.empty() && input.size() >= head_.bytes &&
           input.starts_with(until_length_) &&
           input.substr(0, head_.bytes).ends_with(behind_length_);
}

bool AnswerReader::read_length(std::string_view input) {
    const std::size_t from = until_length_.size();
    return read_digits(
        input.substr(from, head_.bytes - behind_length_.size() - from), head_.length
    );
}

// Why the head is of no use; empty if it is.
std::string_view AnswerReader::learn(std::string_view head_text) {
    head_ = {};
    until_length_.clear();
    if (!head_text.starts_with("HTTP/1.") ||
        !read_digits(head_text.substr(kVersionBytes, kStatusDigits), head_.status)) {
        return "no HTTP/1.1";
    }
    if (field(head_text, "transfer-encoding")) {
        return "a chunked body, which this generator does not read";
    }
    const auto connection = field(head_text, "connection");
    head_.closes = head_text[kVersionBytes - 2] == '0'
                       ? !connection || !same_text(*connection, "keep-alive")
                       : connection && same_text(*connection, "close");
    head_.bytes = head_text.size();
    const auto length = field(head_text, "content-length");
    if (head_.status == 204 || head_.status == 304 || is_informational(head_.status)) {
        return {};
    }
    if (!length || !read_digits(*length, head_.length)) {
        return "a body without Content-Length, which this generator does not read";
    }
    until_length_ =
        head_text.substr(0, static_cast<std::size_t>(length->data() - head_text.data()));
    behind_length_ = head_text.substr(until_length_.size() + length->size());
    return {};
}

}  // namespace patron::tools
