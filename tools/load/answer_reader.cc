#include "tools/load/answer_reader.h"

#include <algorithm>
#include <charconv>

namespace patron::tools {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "
constexpr std::size_t kStatusDigits = 3;
constexpr char kSmall = 0x20;  // what a small letter has and a capital has not

bool is_named(std::string_view line, std::string_view small_name) {
    return line.size() > small_name.size() && line[small_name.size()] == ':' &&
           std::equal(small_name.begin(), small_name.end(), line.begin(), [](char a, char b) {
               return a == (b | kSmall);
           });
}

bool is_word(std::string_view text, std::string_view small_word) {
    return std::ranges::equal(text, small_word, [](char a, char b) { return (a | kSmall) == b; });
}

std::string_view value_behind(std::string_view line, std::string_view name) {
    line.remove_prefix(name.size() + 1);
    while (line.starts_with(' ') || line.starts_with('\t')) {
        line.remove_prefix(1);
    }
    while (line.ends_with(' ') || line.ends_with('\t')) {
        line.remove_suffix(1);
    }
    return line;
}

template <typename Number>
bool read_digits(std::string_view text, Number& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

Answer garbled(std::string_view why) {
    Answer answer;
    answer.state = Answer::State::Garbled;
    answer.why = why;
    return answer;
}

}  // namespace

Answer AnswerReader::read(std::string_view input) {
    if (skipping_) {
        return skip(input);
    }
    head_ = read_head(input);
    if (!head_.why.empty()) {
        return garbled(head_.why);
    }
    if (head_.bytes == 0) {
        return input.size() < kHeadBytesMax ? Answer{} : garbled("a head of over 8 KiB");
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
    if (head_.status < 200) {  // the answer itself is still to come
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

AnswerReader::Head AnswerReader::read_head(std::string_view input) {
    Head head;
    std::size_t end = input.find('\n');
    if (end == std::string_view::npos) {
        return head;
    }
    if (!input.starts_with(kVersion) || end < kStatusAt + kStatusDigits ||
        !read_digits(input.substr(kStatusAt, kStatusDigits), head.status) || head.status < 100) {
        head.why = "no HTTP/1.1";
        return head;
    }
    head.closes = input[kVersion.size()] == '0';
    bool has_length = false;
    for (std::size_t at = end + 1; head.why.empty(); at = end + 1) {
        end = input.find('\n', at);
        if (end == std::string_view::npos) {
            return head;
        }
        std::string_view line = input.substr(at, end - at);
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        if (line.empty()) {
            break;
        }
        read_field(line, head, has_length);
    }
    if (head.why.empty() && !has_length && !has_no_body(head.status)) {
        head.why = "a body without Content-Length, which this generator does not read";
    }
    head.length = has_no_body(head.status) ? 0 : head.length;
    head.bytes = end + 1;
    return head;
}

void AnswerReader::read_field(std::string_view line, Head& head, bool& has_length) {
    constexpr std::string_view kLength = "content-length";
    constexpr std::string_view kConnection = "connection";
    const char first = static_cast<char>(line.front() | kSmall);
    if (first == 'c' && is_named(line, kLength)) {
        has_length = read_digits(value_behind(line, kLength), head.length);
        head.why = has_length ? "" : "a Content-Length that is no number";
    } else if (first == 'c' && is_named(line, kConnection)) {
        const std::string_view value = value_behind(line, kConnection);
        head.closes = is_word(value, "close") || (head.closes && !is_word(value, "keep-alive"));
    } else if (first == 't' && is_named(line, "transfer-encoding")) {
        head.why = "a chunked body, which this generator does not read";
    }
}

}  // namespace patron::tools
