#include "server/wire/id_list_decoder.h"

#include <string>

#include <simdjson.h>

#include "server/wire/field_values.h"
#include "server/wire/json_flaw.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

namespace dom = simdjson::dom;
namespace limits = store::limits;
using store::fail;
using store::FaultCode;
using store::Result;

std::optional<store::Fault> read_ids(dom::element value, IdList& out) {
    dom::array items;
    if (value.get(items) != simdjson::SUCCESS) {
        return store::Fault{
            FaultCode::WrongType, "ids is a list of strings", "ids", store::kNoIndex
        };
    }
    if (items.size() > limits::kIdsPerRequestMax) {
        const std::string most = std::to_string(limits::kIdsPerRequestMax);
        return store::Fault{
            FaultCode::TooManyItems, "ids holds at most " + most + " items", "ids", store::kNoIndex
        };
    }
    out.ids.reserve(items.size());
    for (const dom::element item : items) {
        std::string_view id;
        if (item.get(id) != simdjson::SUCCESS) {
            const auto index = static_cast<std::int64_t>(out.ids.size());
            return store::Fault{FaultCode::WrongType, "an id is a string", "ids", index};
        }
        out.ids.push_back(id);
    }
    return std::nullopt;
}

std::optional<store::Fault> read_fields(dom::element value, IdList& out) {
    dom::array items;
    if (value.get(items) != simdjson::SUCCESS) {
        return store::Fault{
            FaultCode::WrongType, "fields is a list of names", "fields", store::kNoIndex
        };
    }
    out.members = 0;
    std::int64_t index = 0;
    for (const dom::element item : items) {
        std::string_view name;
        const bool is_text = item.get(name) == simdjson::SUCCESS;
        const auto member = is_text ? find_score_member(name) : std::nullopt;
        if (!member) {
            return store::Fault{
                is_text ? FaultCode::InvalidValue : FaultCode::WrongType,
                is_text ? "a score has no member " + shown(name) : "a field is a name",
                "fields",
                index
            };
        }
        out.members |= bit(*member);
        ++index;
    }
    return std::nullopt;
}

std::optional<store::Fault> read_members(dom::object object, IdList& out) {
    bool has_ids = false;
    bool has_fields = false;
    for (const auto [name, value] : object) {
        bool& seen = name == "ids" ? has_ids : has_fields;
        if (name != "ids" && name != "fields") {
            return store::Fault{
                FaultCode::UnknownField,
                "no such member: " + shown(name),
                std::string(name),
                store::kNoIndex
            };
        }
        if (seen) {
            return store::Fault{
                FaultCode::DuplicateField,
                "given more than once",
                std::string(name),
                store::kNoIndex
            };
        }
        seen = true;
        if (auto fault = name == "ids" ? read_ids(value, out) : read_fields(value, out)) {
            return fault;
        }
    }
    if (!has_ids) {
        return store::Fault{FaultCode::MissingField, "ids is missing", "ids", store::kNoIndex};
    }
    return std::nullopt;
}

}  // namespace

struct IdListDecoder::Parts {
    dom::parser parser;
};

IdListDecoder::IdListDecoder() : parts_(std::make_unique<Parts>()) {}
IdListDecoder::~IdListDecoder() = default;
IdListDecoder::IdListDecoder(IdListDecoder&&) noexcept = default;
IdListDecoder& IdListDecoder::operator=(IdListDecoder&&) noexcept = default;

Result<IdList> IdListDecoder::decode(std::string_view body) {
    dom::element root;
    if (parts_->parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) {
        if (auto flaw = find_json_flaw(body)) {
            return std::unexpected(std::move(*flaw));
        }
        return fail(FaultCode::BadJson, "the body holds a number out of range");
    }
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return fail(FaultCode::WrongType, "the body is an object with ids");
    }
    IdList out;
    if (auto fault = read_members(object, out)) {
        return std::unexpected(std::move(*fault));
    }
    return out;
}

}  // namespace patron::wire
