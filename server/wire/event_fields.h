#pragma once
// The names of an event on the wire: its types, its fields, and which type has which field.
//
// Shapes     one table of fields and one of types; the decoder and the encoder follow from them.
// Threads    constants and pure functions.
// Source     semantics: the table of events. Beyond it, `currency` goes with every amount: a
// refund, a
//            ticket's or a follow-up's cost.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::wire {

// clang-format off
enum class Field : std::uint8_t {
    Id, Type, Customer, At, Source,
    OrderId, Amount, Currency, Margin, Kind, Channel, Reason,
    TicketId, Severity, Cost, Topic, Rating, Public, Score, Dimension, Sentiment,
    Referred, Converted, Outcome, Campaign, Owner, Completed,
    CustomerSince, Influence, Strategic, ExpertScore, PreferredChannel, DoNotContact,
    Region, Industry, Birthday, Tags,
    Mode, Tier, By, Until,
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::Until) + 1;

// In the order of Field.
inline constexpr std::array<std::string_view, kFieldCount> kFieldNames{
    "id", "type", "customer", "at", "source",
    "order_id", "amount", "currency", "margin", "kind", "channel", "reason",
    "ticket_id", "severity", "cost", "topic", "rating", "public", "score", "dimension", "sentiment",
    "referred", "converted", "outcome", "campaign", "owner", "completed",
    "customer_since", "influence", "strategic", "expert_score", "preferred_channel", "do_not_contact",
    "region", "industry", "birthday", "tags",
    "mode", "tier", "by", "until",
};
// clang-format on

constexpr std::string_view field_name(Field field) {
    return kFieldNames[static_cast<std::size_t>(field)];
}

std::optional<Field> find_field(std::string_view name);

// A set of fields, one bit each.
using FieldMask = std::uint64_t;

constexpr FieldMask bit(Field field) {
    return FieldMask{1} << static_cast<unsigned>(field);
}

template <class... Fields>
constexpr FieldMask mask(Fields... fields) {
    return (FieldMask{0} | ... | bit(fields));
}

// clang-format off
enum class EventType : std::uint8_t {
    Order, Refund, Visit, TicketOpened, TicketFirstResponse, TicketResolved,
    Complaint, Review, Survey, Feedback, Referral, FollowUp, Training,
    Profile, Override, ChurnConfirmed, Erase,
};
// clang-format on

struct EventTypeFields {
    std::string_view name;
    FieldMask required;
    FieldMask allowed;  // required ones and the envelope included
};

const EventTypeFields& fields_of(EventType type);

std::optional<EventType> find_event_type(std::string_view name);

}  // namespace patron::wire
