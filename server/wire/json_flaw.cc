#include "server/wire/json_flaw.h"

#include <cstdint>
#include <string>

#include <boost/json/basic_parser_impl.hpp>

#include "store/limits.h"

namespace patron::wire {
namespace {

namespace json = boost::json;
using store::Fault;
using store::FaultCode;

// Takes every token and keeps nothing.
struct NullHandler {
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return true; }
    bool on_object_end(std::size_t, json::error_code&) { return true; }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t, json::error_code&) { return true; }
    bool on_key_part(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_key(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
    bool on_double(double, json::string_view, json::error_code&) { return true; }
    bool on_bool(bool, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
};

// Length of the well-formed sequence at the start of `text`, 0 for none (Unicode, table 3-7).
std::size_t sequence_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) {
        return byte(i) >= 0x80 && byte(i) <= 0xBF;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return follows(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
        return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
    }
    return 0;
}

std::string at_byte(std::size_t offset) {
    return " at byte " + std::to_string(offset);
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t bytes = sequence_bytes(text.substr(at));
        if (bytes == 0) {
            return at;
        }
        at += bytes;
    }
    return std::nullopt;
}

std::optional<Fault> find_json_flaw(std::string_view text) {
    if (const auto at = find_invalid_utf8(text)) {
        return Fault{FaultCode::BadUtf8, "invalid UTF-8" + at_byte(*at), {}, store::kNoIndex};
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        return Fault{
            FaultCode::BadJson,
            "the text begins with a byte order mark; send it without",
            {},
            store::kNoIndex
        };
    }
    json::parse_options options;
    options.max_depth = store::limits::kJsonDepthMax;
    json::basic_parser<NullHandler> parser(options);
    json::error_code error;
    const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        return Fault{FaultCode::BadJson, error.message() + at_byte(parsed), {}, store::kNoIndex};
    }
    // The parser stops behind the document and leaves the rest to us.
    const std::size_t rest = text.find_first_not_of(" \t\r\n", parsed);
    if (rest == std::string_view::npos) {
        return std::nullopt;
    }
    return Fault{
        FaultCode::BadJson, "more text behind the document" + at_byte(rest), {}, store::kNoIndex
    };
}

}  // namespace patron::wire
