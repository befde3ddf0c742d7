#include "tools/patron/event_batch.h"

#include <boost/json.hpp>

namespace patron::tools {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

bool read_count(const json::object& object, std::string_view name, std::uint64_t& out) {
    const json::value* value = object.if_contains(name);
    boost::system::error_code error;
    if (value != nullptr && value->is_number()) {
        out = value->to_number<std::uint64_t>(error);
        return !error;
    }
    return false;
}

bool read_rejected(const json::object& answer, std::vector<RejectedItem>& out) {
    const json::value* list = answer.if_contains("rejected");
    if (list == nullptr || !list->is_array()) {
        return false;
    }
    for (const json::value& item : list->get_array()) {
        std::uint64_t index = 0;
        if (!item.is_object() || !read_count(item.get_object(), "index", index)) {
            return false;
        }
        const json::object& object = item.get_object();
        out.push_back({index, {text_of(object, "code"), text_of(object, "detail")}});
    }
    return true;
}

}  // namespace

std::expected<IngestAnswer, std::string> read_ingest_answer(std::string_view body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    IngestAnswer out;
    const bool whole = !error && value.is_object() &&
                       read_count(value.get_object(), "accepted", out.accepted) &&
                       read_count(value.get_object(), "duplicates", out.duplicates) &&
                       read_rejected(value.get_object(), out.rejected);
    if (!whole) {
        return std::unexpected(
            "the answer is not that of a Patron: " + std::string(body.substr(0, 80))
        );
    }
    return out;
}

std::string problem_detail(std::string_view body) {
    constexpr std::size_t kBytesMax = 200;
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    std::string detail;
    if (!error && value.is_object()) {
        detail = text_of(value.get_object(), "detail");
    }
    return detail.empty() ? std::string(body.substr(0, kBytesMax)) : detail;
}

}  // namespace patron::tools
