#include "tools/patron/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace patron::tools {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::string_view kUnclosed = "a quote is never closed";
constexpr std::string_view kTooLong = "longer than 1 MiB";
constexpr std::string_view kAfterQuote = "text after a closing quote";
constexpr std::string_view kTooManyFields = "more than 4096 fields";

std::string_view without_line_end(std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    if (text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

bool CsvReader::fill() {
    if (ended_) {
        return false;
    }
    if (begin_ > 0 && buffer_.size() - end_ < kReadBytes) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - end_ < kReadBytes) {
        buffer_.resize(std::max(buffer_.size() * 2, 2 * kReadBytes));
    }
    const std::size_t n = source_.read({buffer_.data() + end_, kReadBytes});
    end_ += n;
    ended_ = n == 0;
    return n > 0;
}

// Goes on from `at` in `state`; true: `at` is behind the row's line end.
bool CsvReader::scan_to_row_end(std::size_t& at, At& state) const {
    const char* bytes = buffer_.data();
    for (; at < end_; ++at) {
        const char c = bytes[at];
        if (state == At::Quoted) {
            state = c == '"' ? At::QuoteInQuoted : At::Quoted;
        } else if (c == '\n') {
            ++at;
            return true;
        } else if (c == '"' && format_.split == Split::AtDelimiter && state != At::Plain) {
            state = At::Quoted;
        } else {
            state = c == format_.delimiter ? At::FieldStart : At::Plain;
        }
    }
    return false;
}

// The row is not what it looks like: its first line is given back alone.
CsvReader::Found CsvReader::give_up(std::string_view why) {
    std::size_t searched = 0;
    for (;;) {
        const char* from = buffer_.data() + begin_ + searched;
        const void* lf = std::memchr(from, '\n', end_ - begin_ - searched);
        if (lf != nullptr) {
            const auto end =
                static_cast<std::size_t>(static_cast<const char*>(lf) - buffer_.data());
            return {end + 1, why};
        }
        // A line without an end: keep its start for the report, drop what follows.
        end_ = std::min(end_, begin_ + kRowBytesMax);
        searched = end_ - begin_;
        if (!fill()) {
            return {end_, why};
        }
    }
}

CsvReader::Found CsvReader::find_row() {
    std::size_t scanned = 0;
    At state = At::FieldStart;
    for (;;) {
        std::size_t at = begin_ + scanned;
        const bool whole = scan_to_row_end(at, state);
        scanned = at - begin_;
        if (scanned > kRowBytesMax) {
            return give_up(state == At::Quoted ? kUnclosed : kTooLong);
        }
        if (whole) {
            return {at, {}};
        }
        if (!fill()) {
            return state == At::Quoted ? give_up(kUnclosed) : Found{end_, {}};
        }
    }
}

bool CsvReader::next(CsvRow& row) {
    if (!started_) {
        started_ = true;
        while (end_ < 3 && fill()) {
        }
        if (std::string_view(buffer_.data(), end_).starts_with("\xEF\xBB\xBF")) {
            begin_ = 3;
        }
    }
    for (;;) {
        const Found found = find_row();
        if (found.end == begin_) {
            return false;
        }
        const std::string_view whole(buffer_.data() + begin_, found.end - begin_);
        begin_ = found.end;
        row.line = line_;
        line_ += static_cast<std::uint64_t>(std::ranges::count(whole, '\n'));
        row.raw = without_line_end(whole);
        if (!row.raw.empty()) {
            row.flaw = found.flaw;
            split(row);
            return true;
        }
    }
}

void CsvReader::split(CsvRow& row) {
    row.fields.clear();
    if (!row.flaw.empty()) {
        return;
    }
    switch (format_.split) {
        case Split::AtDelimiter:
            split_quoted(row);
            break;
        case Split::AtSpaces:
            split_at_spaces(row);
            break;
        case Split::Nowhere:
            row.fields.push_back(row.raw);
            break;
    }
    if (row.fields.size() > kFieldsMax) {
        row.flaw = kTooManyFields;
    }
    if (!row.flaw.empty()) {
        row.fields.clear();
    }
}

void CsvReader::split_at_spaces(CsvRow& row) const {
    std::size_t at = 0;
    while (row.fields.size() <= kFieldsMax) {
        while (at < row.raw.size() && is_blank(row.raw[at])) {
            ++at;
        }
        if (at == row.raw.size()) {
            return;
        }
        const std::size_t start = at;
        while (at < row.raw.size() && !is_blank(row.raw[at])) {
            ++at;
        }
        row.fields.push_back(row.raw.substr(start, at - start));
    }
}

void CsvReader::split_quoted(CsvRow& row) {
    unquoted_.clear();
    unquoted_.reserve(row.raw.size());  // views into it stay valid
    std::size_t at = 0;
    while (row.fields.size() <= kFieldsMax) {
        if (at < row.raw.size() && row.raw[at] == '"') {
            if (!take_quoted(row.raw, at, row)) {
                row.flaw = kAfterQuote;
                return;
            }
        } else {
            const std::size_t end = std::min(row.raw.find(format_.delimiter, at), row.raw.size());
            row.fields.push_back(row.raw.substr(at, end - at));
            at = end;
        }
        if (at == row.raw.size()) {
            return;
        }
        ++at;
    }
}

// `at` stands on the opening quote and ends on the delimiter or the row's end.
bool CsvReader::take_quoted(std::string_view raw, std::size_t& at, CsvRow& row) {
    const std::size_t start = unquoted_.size();
    for (++at; at < raw.size(); ++at) {
        if (raw[at] == '"') {
            ++at;
            if (at == raw.size() || raw[at] != '"') {
                break;
            }
        }
        unquoted_ += raw[at];
    }
    row.fields.push_back(std::string_view(unquoted_).substr(start));
    return at == raw.size() || raw[at] == format_.delimiter;
}

}  // namespace patron::tools
