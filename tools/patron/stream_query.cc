#include "tools/patron/stream_query.h"

#include <array>
#include <charconv>

namespace patron::tools {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_plain(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
}

void begin_parameter(std::string& out, std::string_view name) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    out += name;
    out += '=';
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& words) {
    if (words.empty()) {
        return;
    }
    begin_parameter(out, name);
    const char* comma = "";
    for (const std::string& word : words) {
        out += comma;
        append_escaped(out, word);
        comma = ",";
    }
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
    if (!text.empty()) {
        begin_parameter(out, name);
        append_escaped(out, text);
    }
}

// Without an exponent, which the server does not read.
std::string decimal(double value) {
    constexpr std::size_t kCharactersMax = 512;
    std::array<char, kCharactersMax> room{};
    char* const begin = room.data();
    const auto end = std::to_chars(begin, begin + room.size(), value, std::chars_format::fixed);
    return {begin, end.ptr};
}

}  // namespace

std::string stream_target(const StreamWish& wish) {
    std::string out = "/v1/stream";
    append_list(out, "topics", wish.topics);
    append_list(out, "tier", wish.tiers);
    append_list(out, "band", wish.bands);
    append_list(out, "lifecycle", wish.lifecycles);
    append_list(out, "customer", wish.customers);
    append_list(out, "region", wish.regions);
    append_list(out, "industry", wish.industries);
    append_list(out, "owner", wish.owners);
    append_list(out, "tag", wish.tags);
    append_text(out, "min_risk_change", wish.min_risk_change ? decimal(*wish.min_risk_change) : "");
    append_text(out, "snapshot", wish.snapshot ? "true" : "");
    append_text(out, "cursor", wish.cursor);
    append_text(out, "stats_ms", wish.stats_ms ? std::to_string(*wish.stats_ms) : "");
    return out;
}

std::vector<std::string> split_words(const std::vector<std::string>& given) {
    std::vector<std::string> words;
    for (const std::string& list : given) {
        std::string word;
        for (std::size_t i = 0; i <= list.size(); ++i) {
            if (i == list.size() || list[i] == ',') {
                if (!word.empty()) {
                    words.push_back(std::move(word));
                }
                word.clear();
                continue;
            }
            const bool escape = list[i] == '\\' && i + 1 < list.size() && list[i + 1] == ',';
            word += list[escape ? ++i : i];
        }
    }
    return words;
}

}  // namespace patron::tools
