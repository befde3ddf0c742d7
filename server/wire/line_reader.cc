#include "server/wire/line_reader.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "server/wire/event_fields.h"
#include "server/wire/money_text.h"
#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

constexpr std::size_t kDepth = 1;  // the first stage knows none

constexpr bool is_space(char c) {
    return c == ' ' || c == '\r' || c == '\t';
}

bool is_blank(std::string_view line) {
    return std::ranges::all_of(line, is_space);
}

// A token and the space behind it end where the next token begins.
std::string_view trimmed(const char* from, const char* to) {
    while (is_space(to[-1])) {
        --to;
    }
    return {from, to};
}

bool read_literal(std::string_view token, Field field, RawEvent& out) {
    if (token == "true" || token == "false") {
        out.set(field, token.front() == 't' ? RawKind::True : RawKind::False, {});
        return true;
    }
    return token == "null";  // not given
}

// The first stage has closed every string, so what begins with a quote and ends with one is whole:
// anything but space behind a closing quote would have begun a token.
bool read_scalar(std::string_view token, Field field, RawEvent& out) {
    const char first = token.front();
    if (first == '"') {
        out.set(field, RawKind::String, {token.data() + 1, token.size() - 2});
        return token.size() >= 2 && token.back() == '"';
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        out.set(field, RawKind::Number, token);
        return is_json_number(token);
    }
    return read_literal(token, field, out);
}

}  // namespace

// simdjson's first stage: checks UTF-8, closes strings, finds where tokens begin.
struct LineReader::Indexer {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;

    bool run(std::string_view text) {
        if (stage == nullptr &&
            simdjson::get_active_implementation()->create_dom_parser_implementation(
                kChunkBytes, kDepth, stage
            ) != simdjson::SUCCESS) {
            return false;
        }
        // It reads whole blocks only, and the last one from a padded copy.
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        return stage->stage1(bytes, text.size(), simdjson::stage1_mode::regular) ==
               simdjson::SUCCESS;
    }
};

LineReader::LineReader() : indexer_(std::make_unique<Indexer>()) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

void LineReader::open(std::string_view body) {
    rest_ = body;
    chunk_ = {};
    at_ = 0;
}

// As many whole lines as fit, or one that does not. A line break inside a string is an error of the
// first stage, so where there is none the lines are as sound together as each is alone.
void LineReader::index_chunk() {
    std::size_t size = rest_.size();
    if (size > kChunkBytes) {
        size = rest_.rfind('\n', kChunkBytes - 1) + 1;
        size = size != 0 ? size : std::min(rest_.find('\n', kChunkBytes), rest_.size() - 1) + 1;
    }
    chunk_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    at_ = 0;
    token_ = 0;
    token_count_ = 0;
    if (size <= kChunkBytes && indexer_->run(chunk_)) {
        tokens_ = indexer_->stage->structural_indexes.get();
        token_count_ = indexer_->stage->n_structural_indexes;
        backslashes_ = chunk_.find('\\') != std::string_view::npos;
    }
}

bool LineReader::next(std::string_view& line) {
    for (;;) {
        if (at_ == chunk_.size()) {
            if (rest_.empty()) {
                return false;
            }
            index_chunk();
        }
        const std::size_t end = std::min(chunk_.find('\n', at_), chunk_.size());
        line_ = chunk_.substr(at_, end - at_);
        at_ = std::min(end + 1, chunk_.size());
        if (!line_.empty() && (line_.front() == '{' || !is_blank(line_))) {
            line = line_;
            return true;
        }
    }
}

bool LineReader::read(RawEvent& out) {
    if (token_count_ == 0) {
        return false;
    }
    const auto begin = static_cast<std::uint32_t>(line_.data() - chunk_.data());
    const auto end = begin + static_cast<std::uint32_t>(line_.size());
    while (token_ < token_count_ && tokens_[token_] < begin) {
        ++token_;
    }
    if (backslashes_ && line_.find('\\') != std::string_view::npos) {
        return false;
    }
    return read_object(out, end);
}

std::optional<Field> LineReader::field_at(std::size_t place, std::string_view name) {
    Field& usual = usual_[place % kUsualMembers];
    if (same_short_text(field_name(usual), name)) {
        return usual;
    }
    const std::optional<Field> field = find_field(name);
    usual = field.value_or(usual);
    return field;
}

bool LineReader::read_object(RawEvent& out, std::uint32_t end) {
    constexpr std::ptrdiff_t kMemberTokens = 4;  // name, colon, value, comma or brace
    const char* const text = chunk_.data();
    const std::uint32_t* at = tokens_ + token_;
    const std::uint32_t* const behind = tokens_ + token_count_;
    if (at == behind || text[*at] != '{') {
        return false;
    }
    ++at;
    out.clear();
    char last = ',';
    for (std::size_t place = 0; last == ','; ++place, at += kMemberTokens) {
        if (behind - at < kMemberTokens || at[3] >= end) {
            return false;
        }
        const char* const name = text + at[0];
        const char* const colon = text + at[1];
        last = text[at[3]];
        if (*name != '"' || *colon != ':' || colon[-1] != '"' || (last != ',' && last != '}')) {
            return false;
        }
        const std::optional<Field> field = field_at(place, {name + 1, colon - 1});
        if (!field || !out.name(*field) ||
            !read_scalar(trimmed(text + at[2], text + at[3]), *field, out)) {
            return false;
        }
    }
    token_ = static_cast<std::size_t>(at - tokens_);
    return at == behind || *at >= end;
}

}  // namespace patron::wire
