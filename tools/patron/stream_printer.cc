#include "tools/patron/stream_printer.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "server/start_error.h"

namespace patron::tools {
namespace {

namespace json = boost::json;
using server::ExitCode;
using server::StartError;

constexpr std::size_t kShownBytes = 80;

std::string member_text(const json::object& message, std::string_view name) {
    const json::value* value = message.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

bool is_change(std::string_view type) {
    return type == "change" || type == "enter" || type == "leave";
}

}  // namespace

bool StreamPrinter::message(std::string_view text) {
    boost::system::error_code error;
    const json::value parsed = json::parse(text, error);
    const json::object* message = error ? nullptr : parsed.if_object();
    if (message == nullptr) {
        throw StartError(
            ExitCode::Protocol,
            "no message of a Patron: " + std::string(text.substr(0, kShownBytes))
        );
    }
    const std::string type = member_text(*message, "type");
    if (type == "gap") {
        notice(
            "changes were missed (" + member_text(*message, "reason") +
            "): all that is true now follows"
        );
    }
    const std::string line = how_.json ? std::string(text) : text_.line(*message);
    if (!line.empty()) {
        out_ << line << '\n';
    }
    changes_ += is_change(type) ? 1 : 0;
    return how_.changes_max == 0 || changes_ < how_.changes_max;
}

// A pipe or a terminal sees each change when it comes, a snapshot in pieces.
void StreamPrinter::caught_up() {
    if (!out_.flush()) {
        throw StartError(ExitCode::IoError, "the output takes no more");
    }
}

void StreamPrinter::notice(const std::string& text) {
    out_.flush();
    notices_ << "patron stream: " << text << std::endl;
}

}  // namespace patron::tools
