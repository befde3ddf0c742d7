#include "server/endpoints/media_type.h"

#include <algorithm>
#include <string>

namespace patron::endpoints {
namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t";
    const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

bool same(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 0x20) : a) == b;
    });
}

bool is_utf8_parameter(std::string_view parameter) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    if (!same(trim(parameter.substr(0, equals)), "charset")) {
        return true;
    }
    const std::string_view value = trim(parameter.substr(std::min(equals + 1, parameter.size())));
    return same(value, "utf-8") || same(value, "\"utf-8\"");
}

}  // namespace

MediaType media_type(std::string_view content_type) {
    const std::size_t end = std::min(content_type.find(';'), content_type.size());
    const std::string_view type = trim(content_type.substr(0, end));
    std::string_view rest = content_type.substr(end);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t next = std::min(rest.find(';'), rest.size());
        if (!is_utf8_parameter(rest.substr(0, next))) {
            return MediaType::Other;
        }
        rest.remove_prefix(next);
    }
    if (same(type, "application/json")) {
        return MediaType::Json;
    }
    return same(type, "application/x-ndjson") ? MediaType::Ndjson : MediaType::Other;
}

store::Fault unsupported_media_type(std::string_view wanted) {
    return {
        store::FaultCode::UnsupportedMediaType,
        "the body is to be " + std::string(wanted) + " in UTF-8",
        "Content-Type",
        store::kNoIndex
    };
}

}  // namespace patron::endpoints
