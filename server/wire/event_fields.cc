#include "server/wire/event_fields.h"

#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

using enum Field;

constexpr FieldMask kEnvelope = mask(Id, Type, Customer, At, Source);
constexpr FieldMask kAlways = mask(Type, Customer);

constexpr EventTypeFields entry(std::string_view name, FieldMask required, FieldMask optional) {
    return {name, kAlways | required, kEnvelope | required | optional};
}

constexpr FieldMask kTicketOptional = mask(Severity, Cost, Currency);

// In the order of EventType.
constexpr std::array kTypes{
    entry("order", mask(Id, OrderId, Amount), mask(Currency, Margin, Kind, Channel)),
    entry("refund", mask(Id, OrderId), mask(Amount, Currency, Reason)),
    entry("visit", mask(), mask(Channel)),
    entry("ticket_opened", mask(TicketId), kTicketOptional),
    entry("ticket_first_response", mask(TicketId), kTicketOptional),
    entry("ticket_resolved", mask(TicketId), kTicketOptional),
    entry("complaint", mask(Severity), mask(Topic)),
    entry("review", mask(Rating), mask(Public)),
    entry("survey", mask(Kind, Score), mask(Dimension)),
    entry("feedback", mask(Channel, Sentiment), mask(Topic)),
    entry("referral", mask(Referred), mask(Converted)),
    entry("follow_up", mask(Channel), mask(Outcome, Cost, Currency, Campaign, Owner)),
    entry("training", mask(Topic, Completed), mask()),
    entry(
        "profile",
        mask(),
        mask(
            CustomerSince,
            Influence,
            Strategic,
            ExpertScore,
            PreferredChannel,
            DoNotContact,
            Region,
            Industry,
            Owner,
            Birthday,
            Tags
        )
    ),
    entry("override", mask(Mode, Reason, By), mask(Tier, Until)),
    entry("churn_confirmed", mask(Reason), mask()),
    entry("erase", mask(), mask()),
};
static_assert(kTypes.size() == static_cast<std::size_t>(EventType::Erase) + 1);

// A perfect hash of the field names, found by the compiler: length, first, middle and last letter
// tell any two of them apart.
constexpr std::size_t kSlots = 256;
constexpr std::uint8_t kNoField = 0xFF;

constexpr std::size_t slot_of(std::string_view name, std::uint32_t multiplier) {
    const auto letter = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i]));
    };
    const std::uint32_t key = letter(0) | letter(name.size() / 2) << 8U |
                              letter(name.size() - 1) << 16U |
                              static_cast<std::uint32_t>(name.size()) << 24U;
    return (key * multiplier) >> 24U;
}

constexpr bool is_perfect(std::uint32_t multiplier) {
    std::array<bool, kSlots> taken{};
    for (const std::string_view name : kFieldNames) {
        bool& slot = taken[slot_of(name, multiplier)];
        if (slot) {
            return false;
        }
        slot = true;
    }
    return true;
}

consteval std::uint32_t find_multiplier() {
    std::uint32_t multiplier = 0x9E37'79B1;
    while (!is_perfect(multiplier)) {
        multiplier = multiplier * 1'664'525 + 1'013'904'223;
    }
    return multiplier;
}

constexpr std::uint32_t kMultiplier = find_multiplier();

consteval std::array<std::uint8_t, kSlots> build_slots() {
    std::array<std::uint8_t, kSlots> slots{};
    slots.fill(kNoField);
    for (std::size_t i = 0; i < kFieldCount; ++i) {
        slots[slot_of(kFieldNames[i], kMultiplier)] = static_cast<std::uint8_t>(i);
    }
    return slots;
}

constexpr auto kSlotFields = build_slots();

}  // namespace

std::optional<Field> find_field(std::string_view name) {
    if (name.empty()) {
        return std::nullopt;
    }
    const std::uint8_t index = kSlotFields[slot_of(name, kMultiplier)];
    if (index == kNoField || !same_short_text(kFieldNames[index], name)) {
        return std::nullopt;
    }
    return static_cast<Field>(index);
}

const EventTypeFields& fields_of(EventType type) {
    return kTypes[static_cast<std::size_t>(type)];
}

std::optional<EventType> find_event_type(std::string_view name) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (same_short_text(kTypes[i].name, name)) {
            return static_cast<EventType>(i);
        }
    }
    return std::nullopt;
}

}  // namespace patron::wire
