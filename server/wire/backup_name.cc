#include "server/wire/backup_name.h"

#include <algorithm>

#include <simdjson.h>

#include "server/wire/byte_writer.h"
#include "server/wire/field_values.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_flaw.h"

namespace patron::wire {
namespace {

namespace dom = simdjson::dom;
using store::fail;
using store::FaultCode;
using store::Result;

constexpr std::size_t kNameBytesMax = 64;
constexpr const char* kName = "name";

bool is_name(std::string_view text) {
    constexpr std::string_view kOthers = "._-";
    return !text.empty() && text.size() <= kNameBytesMax && text.front() != '.' &&
           std::ranges::all_of(text, [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      kOthers.contains(c);
           });
}

Result<std::string> read_name(dom::element value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
        return fail(FaultCode::WrongType, "a name is a string", kName);
    }
    if (!is_name(text)) {
        return fail(
            FaultCode::InvalidValue,
            shown(text) +
                " is not 1 to 64 letters, digits, dots, dashes or underscores, or starts "
                "with a dot",
            kName
        );
    }
    return std::string(text);
}

Result<std::string> read_members(dom::object object) {
    Result<std::string> name;
    bool seen = false;
    for (const auto [member, value] : object) {
        if (member != kName) {
            return fail(
                FaultCode::UnknownField, "no such member: " + shown(member), std::string(member)
            );
        }
        if (seen) {
            return fail(FaultCode::DuplicateField, "given more than once", kName);
        }
        seen = true;
        if (!value.is_null()) {
            name = read_name(value);
        }
        if (!name) {
            return name;
        }
    }
    return name;
}

}  // namespace

Result<std::string> decode_backup_name(std::string_view body) {
    if (body.empty()) {
        return {};
    }
    dom::parser parser;
    dom::element root;
    if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) {
        if (auto flaw = find_json_flaw(body)) {
            return std::unexpected(std::move(*flaw));
        }
        return fail(FaultCode::BadJson, "the body holds a number out of range");
    }
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return fail(FaultCode::WrongType, "the body is an object with a name");
    }
    return read_members(object);
}

std::string backup_name_at(scoring::Instant now) {
    ByteWriter out;
    append_instant(out, {now.ms - now.ms % 1000});
    std::string name(out.view());
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name;
}

}  // namespace patron::wire
