#include "server/wire/override_decoder.h"

#include <string>

#include "server/wire/event_builder.h"
#include "server/wire/field_values.h"
#include "server/wire/json_flaw.h"

namespace patron::wire {
namespace {

using store::EventBatch;
using store::fail;
using store::FaultCode;
using store::Result;

constexpr FieldMask kAllowed =
    mask(Field::Mode, Field::Tier, Field::Reason, Field::By, Field::Until);

void set_text(RawEvent& raw, Field field, std::string_view text) {
    raw.named |= bit(field);
    raw.present |= bit(field);
    raw.kinds[static_cast<std::size_t>(field)] = RawKind::String;
    raw.texts[static_cast<std::size_t>(field)] = text;
}

// The path says whose override it is and what the body means.
Result<EventBatch> build(RawEvent& raw, std::string_view customer, const DecodeContext& context) {
    set_text(raw, Field::Type, "override");
    set_text(raw, Field::Customer, customer);
    EventBatch batch;
    store::Fault fault;
    if (!build_event(raw, context, batch, fault)) {
        fault.index = store::kNoIndex;
        return std::unexpected(std::move(fault));
    }
    return batch;
}

std::optional<store::Fault> foreign_field(const RawEvent& raw) {
    std::string name(raw.unknown.value_or(""));
    for (std::size_t i = 0; !raw.unknown && i < kFieldCount; ++i) {
        const auto field = static_cast<Field>(i);
        if ((raw.named & ~kAllowed & bit(field)) != 0) {
            name = field_name(field);
            break;
        }
    }
    if (name.empty() && !raw.unknown) {
        return std::nullopt;
    }
    return store::Fault{
        FaultCode::UnknownField, "an override has no field " + shown(name), name, store::kNoIndex
    };
}

}  // namespace

Result<EventBatch> decode_override(
    EventReader& reader,
    std::string_view body,
    std::string_view customer,
    const DecodeContext& context
) {
    RawEvent raw;
    reader.open(body, TextShape::Object);
    const ReadStatus status = reader.next(raw);
    const bool sound = status == ReadStatus::Event || status == ReadStatus::NotObject;
    if (auto flaw = find_json_flaw(body)) {
        return std::unexpected(std::move(*flaw));
    }
    if (!sound) {
        return fail(FaultCode::BadJson, "the body is not one JSON object");
    }
    if (status == ReadStatus::NotObject) {
        return fail(FaultCode::WrongType, "the body is an object with mode, reason and by");
    }
    if (auto fault = foreign_field(raw)) {
        return std::unexpected(std::move(*fault));
    }
    return build(raw, customer, context);
}

Result<EventBatch> make_override_clear(
    std::string_view customer,
    std::string_view reason,
    std::string_view by,
    const DecodeContext& context
) {
    RawEvent raw;
    raw.clear();
    set_text(raw, Field::Mode, "clear");
    set_text(raw, Field::Reason, reason);
    set_text(raw, Field::By, by);
    return build(raw, customer, context);
}

}  // namespace patron::wire
