#include "server/endpoints/customer_path.h"

#include "server/wire/field_values.h"
#include "server/wire/json_flaw.h"
#include "server/wire/plain_text.h"
#include "server/wire/query_string.h"

namespace patron::endpoints {

using store::Fault;
using store::FaultCode;

namespace {

constexpr std::size_t kBytesMax = store::limits::kCustomerIdBytesMax;

Fault too_long() {
    std::string detail = "a customer id has at most " + std::to_string(kBytesMax) + " bytes";
    return {FaultCode::IdTooLong, std::move(detail), "customer_id", store::kNoIndex};
}

}  // namespace

std::optional<std::string_view> customer_of(Route route, std::string_view path, IdRoom& room) {
    const auto id = wire::decode_segment(customer_segment(route, path), room);
    return id && id->size() <= room.size() ? id : std::nullopt;
}

std::optional<Fault> id_fault(std::string_view id) {
    if (id.size() > kBytesMax) {
        return too_long();
    }
    if (id.empty() || wire::find_invalid_utf8(id) || wire::contains_control_character(id)) {
        return Fault{
            FaultCode::InvalidId,
            "a customer id is plain UTF-8 without control characters",
            "customer_id",
            store::kNoIndex
        };
    }
    return std::nullopt;
}

Fault segment_fault(std::string_view segment) {
    if (segment.size() > 3 * kBytesMax) {
        return too_long();
    }
    std::array<char, 3 * kBytesMax> room;
    if (wire::decode_segment(segment, room)) {
        return too_long();
    }
    return {
        FaultCode::InvalidId, "the id's percent-encoding is broken", "customer_id", store::kNoIndex
    };
}

Fault unknown_customer(std::string_view id) {
    if (auto fault = id_fault(id)) {
        return *fault;
    }
    return {
        FaultCode::UnknownCustomer, "no customer " + wire::shown(id), "customer_id", store::kNoIndex
    };
}

}  // namespace patron::endpoints
