#include "tools/patron/server_call.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "server/start_error.h"
#include "tools/patron/event_batch.h"
#include "tools/patron/http_client.h"

namespace patron::tools {
namespace {

namespace json = boost::json;
using server::ExitCode;
using server::StartError;

ExitCode exit_code_of(unsigned status) {
    switch (status) {
        case 409:
            return ExitCode::CannotCreate;
        case 503:
        case 507:
            return ExitCode::Unavailable;
        default:
            return ExitCode::Protocol;
    }
}

[[noreturn]] void throw_foreign(std::string_view what) {
    throw StartError(
        ExitCode::Protocol, "the answer is not that of a Patron: " + std::string(what)
    );
}

const json::value& member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) {
        throw_foreign(std::string(name) + " is missing");
    }
    return *value;
}

}  // namespace

json::object call_server(const std::string& url, std::string_view target, std::string_view body) {
    HttpClient client(parse_server_url(url), kCallPatience);
    const auto answer = client.post(target, "application/json", body);
    if (!answer) {
        throw StartError(
            ExitCode::Unavailable, answer.error() + "; is a server running there? (patron serve)"
        );
    }
    if (answer->status != 200) {
        throw StartError(
            exit_code_of(answer->status),
            "the server answered " + std::to_string(answer->status) + ": " +
                problem_detail(answer->body)
        );
    }
    constexpr std::size_t kShownBytes = 80;
    boost::system::error_code error;
    const json::value value = json::parse(answer->body, error);
    if (error || !value.is_object()) {
        throw_foreign(answer->body.substr(0, kShownBytes));
    }
    return value.get_object();
}

std::string text_member(const json::object& object, std::string_view name) {
    const json::value& value = member(object, name);
    if (!value.is_string()) {
        throw_foreign(std::string(name) + " is no text");
    }
    return std::string(value.get_string());
}

std::uint64_t count_member(const json::object& object, std::string_view name) {
    boost::system::error_code error;
    const json::value& value = member(object, name);
    const auto count = value.is_number() ? value.to_number<std::uint64_t>(error) : 0;
    if (!value.is_number() || error) {
        throw_foreign(std::string(name) + " is no count");
    }
    return count;
}

}  // namespace patron::tools
