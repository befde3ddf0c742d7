#include "server/wire/json_place.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include <boost/json.hpp>

#include "scoring/check.h"
#include "scoring/policy_issues.h"

namespace patron::wire {
namespace {

namespace json = boost::json;

// Boost.JSON judges what is JSON; the scanner below only finds the places in what it accepted.
std::optional<JsonMistake> judge(std::string_view text) {
    json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    options.max_depth = JsonTree::kDepthMax;
    json::parser parser({}, options);
    json::error_code error;
    // After an open comment it counts past the end of the text.
    const std::size_t read =
        std::min(parser.write_some(text.data(), text.size(), error), text.size());
    if (error == json::error::incomplete || (error && read == text.size())) {
        return JsonMistake{text.size(), "the text ends too early"};
    }
    if (error == json::error::too_deep) {
        return JsonMistake{
            read, "nested deeper than " + std::to_string(JsonTree::kDepthMax) + " levels"
        };
    }
    if (error) {
        return JsonMistake{read, error.message()};
    }
    if (read < text.size()) {
        return JsonMistake{read, "something follows the end of the document"};
    }
    return std::nullopt;
}

// A JSON string token, quotes included, as what it means.
std::string decode(std::string_view token) {
    if (token.find('\\') == std::string_view::npos) {
        return std::string(token.substr(1, token.size() - 2));
    }
    json::error_code error;
    const json::value value = json::parse(json::string_view(token.data(), token.size()), error);
    PATRON_CHECK(!error && value.is_string());
    return std::string(value.get_string());
}

std::string unescape_token(std::string_view token) {
    std::string plain;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() &&
            (token[i + 1] == '0' || token[i + 1] == '1')) {
            plain += token[++i] == '0' ? '~' : '/';
        } else {
            plain += token[i];
        }
    }
    return plain;
}

JsonKind kind_of(char first) {
    switch (first) {
        case '{':
            return JsonKind::Object;
        case '[':
            return JsonKind::Array;
        case '"':
            return JsonKind::String;
        case 't':
        case 'f':
            return JsonKind::Bool;
        case 'n':
            return JsonKind::Null;
        default:
            return JsonKind::Number;
    }
}

}  // namespace

// Walks a text that is known to be JSON; every step is checked all the same.
class JsonScanner {
  public:
    explicit JsonScanner(std::string_view text) { tree_.text_ = text; }

    std::expected<JsonTree, JsonMistake> run() {
        tree_.nodes_.push_back({});
        if (!value(JsonTree::kRoot)) {
            return std::unexpected(mistake_);
        }
        return std::move(tree_);
    }

  private:
    char peek() const { return at_ < tree_.text_.size() ? tree_.text_[at_] : '\0'; }

    bool fail(std::size_t offset, std::string message) {
        mistake_ = {offset, std::move(message)};
        return false;
    }

    bool take(char wanted) {
        if (peek() != wanted) {
            return fail(at_, std::string("expected '") + wanted + "'");
        }
        ++at_;
        return true;
    }

    void skip_space() {
        const std::string_view text = tree_.text_;
        while (at_ < text.size()) {
            if (text.substr(at_).starts_with("//")) {
                at_ = std::min(text.find('\n', at_), text.size());
            } else if (text.substr(at_).starts_with("/*")) {
                const std::size_t close = text.find("*/", at_ + 2);
                at_ = close == std::string_view::npos ? text.size() : close + 2;
            } else if (text[at_] == ' ' || text[at_] == '\t' || text[at_] == '\r' ||
                       text[at_] == '\n') {
                ++at_;
            } else {
                return;
            }
        }
    }

    bool value(JsonIndex index) {
        skip_space();
        const JsonKind kind = kind_of(peek());
        tree_.nodes_[index].kind = kind;
        tree_.nodes_[index].begin = at_;
        if (tree_.nodes_[index].key.empty() && tree_.nodes_[index].key_begin == 0) {
            tree_.nodes_[index].key_begin = at_;
        }
        const bool read = kind == JsonKind::Object   ? object(index)
                          : kind == JsonKind::Array  ? array(index)
                          : kind == JsonKind::String ? string()
                                                     : literal();
        tree_.nodes_[index].end = at_;
        return read;
    }

    std::optional<JsonIndex> add_child(JsonIndex parent) {
        if (tree_.nodes_.size() >= JsonTree::kNodesMax) {
            fail(at_, "more than " + std::to_string(JsonTree::kNodesMax) + " values");
            return std::nullopt;
        }
        const auto index = static_cast<JsonIndex>(tree_.nodes_.size());
        JsonNode child;
        child.parent = parent;
        child.position = static_cast<JsonIndex>(tree_.nodes_[parent].children.size());
        tree_.nodes_.push_back(std::move(child));
        tree_.nodes_[parent].children.push_back(index);
        return index;
    }

    bool object(JsonIndex index) {
        std::unordered_set<std::string> seen;
        ++at_;
        for (skip_space(); peek() != '}'; skip_space()) {
            const std::optional<JsonIndex> child = add_child(index);
            if (!child || !name(*child)) {
                return false;
            }
            tree_.nodes_[*child].repeated = !seen.insert(tree_.nodes_[*child].key).second;
            skip_space();
            if (!take(':') || !value(*child) || !separator('}')) {
                return false;
            }
        }
        return take('}');
    }

    bool name(JsonIndex child) {
        const std::size_t begin = at_;
        if (peek() != '"' || !string()) {
            return fail(begin, "expected a member name");
        }
        if (at_ - begin - 2 > JsonTree::kNameBytesMax) {
            return fail(
                begin,
                "a member name of more than " + std::to_string(JsonTree::kNameBytesMax) + " bytes"
            );
        }
        tree_.nodes_[child].key_begin = begin;
        tree_.nodes_[child].key = decode(tree_.text_.substr(begin, at_ - begin));
        return true;
    }

    bool array(JsonIndex index) {
        ++at_;
        for (skip_space(); peek() != ']'; skip_space()) {
            const std::optional<JsonIndex> child = add_child(index);
            if (!child || !value(*child) || !separator(']')) {
                return false;
            }
        }
        return take(']');
    }

    // A comma, or the closing bracket to come.
    bool separator(char close) {
        skip_space();
        return peek() == close || take(',');
    }

    bool string() {
        const std::string_view text = tree_.text_;
        const std::size_t begin = at_++;
        while (at_ < text.size() && text[at_] != '"') {
            at_ += text[at_] == '\\' ? 2 : 1;
        }
        if (at_ >= text.size()) {
            at_ = text.size();
            return fail(begin, "a string without end");
        }
        ++at_;
        return true;
    }

    bool literal() {
        const std::size_t begin = at_;
        const auto is_part = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '-' ||
                   c == '+' || c == '.';
        };
        while (is_part(peek())) {
            ++at_;
        }
        return at_ > begin || fail(begin, "expected a value");
    }

    JsonTree tree_;
    std::size_t at_ = 0;
    JsonMistake mistake_;
};

TextPlace place_at(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    TextPlace place;
    place.line += static_cast<std::size_t>(std::ranges::count(before, '\n'));
    // Continuation bytes of UTF-8 start no character.
    place.column +=
        static_cast<std::size_t>(std::ranges::count_if(before.substr(line_start), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }));
    return place;
}

std::expected<JsonTree, JsonMistake> JsonTree::parse(std::string_view text) {
    if (text.size() > kTextBytesMax) {
        return std::unexpected(
            JsonMistake{0, "more than " + std::to_string(kTextBytesMax) + " bytes"}
        );
    }
    if (auto mistake = judge(text)) {
        return std::unexpected(std::move(*mistake));
    }
    return JsonScanner(text).run();
}

std::string_view JsonTree::raw(JsonIndex index) const {
    return text_.substr(nodes_[index].begin, nodes_[index].end - nodes_[index].begin);
}

std::string JsonTree::string(JsonIndex index) const {
    PATRON_CHECK(nodes_[index].kind == JsonKind::String);
    return decode(raw(index));
}

std::optional<JsonIndex> JsonTree::member(JsonIndex object, std::string_view key) const {
    if (nodes_[object].kind == JsonKind::Object) {
        for (const JsonIndex child : nodes_[object].children) {
            if (nodes_[child].key == key) {
                return child;
            }
        }
    }
    return std::nullopt;
}

std::string JsonTree::pointer(JsonIndex index) const {
    if (index == kRoot) {
        return {};
    }
    const JsonNode& node = nodes_[index];
    const std::string above = pointer(node.parent);
    return nodes_[node.parent].kind == JsonKind::Array ? scoring::pointer_to(above, node.position)
                                                       : scoring::pointer_to(above, node.key);
}

std::optional<JsonIndex> JsonTree::step(JsonIndex from, std::string_view token) const {
    const JsonNode& node = nodes_[from];
    if (node.kind != JsonKind::Array) {
        return member(from, unescape_token(token));
    }
    std::size_t position = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), position);
    const bool whole = error == std::errc{} && end == token.data() + token.size();
    if (!whole || position >= node.children.size() || (token.size() > 1 && token.front() == '0')) {
        return std::nullopt;
    }
    return node.children[position];
}

JsonTree::Walk JsonTree::walk(std::string_view pointer) const {
    JsonIndex here = kRoot;
    while (!pointer.empty()) {
        if (pointer.front() != '/') {
            return {here, false};
        }
        pointer.remove_prefix(1);
        const std::size_t length = std::min(pointer.find('/'), pointer.size());
        const std::optional<JsonIndex> next = step(here, pointer.substr(0, length));
        if (!next) {
            return {here, false};
        }
        here = *next;
        pointer.remove_prefix(length);
    }
    return {here, true};
}

JsonIndex JsonTree::nearest(std::string_view pointer) const {
    return walk(pointer).index;
}

std::optional<JsonIndex> JsonTree::find(std::string_view pointer) const {
    const Walk found = walk(pointer);
    return found.arrived ? std::optional(found.index) : std::nullopt;
}

}  // namespace patron::wire
