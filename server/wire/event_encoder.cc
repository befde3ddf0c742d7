#include "server/wire/event_encoder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "scoring/check.h"
#include "server/wire/event_fields.h"
#include "server/wire/event_names.h"
#include "server/wire/instant_text.h"
#include "server/wire/money_text.h"

namespace patron::wire {
namespace {

using enum Field;
using scoring::Instant;
using scoring::Money;

// For texts that the wire requires and the store does not keep.
constexpr std::string_view kNotKept = "unknown";

void append_string(ByteWriter& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out.append('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.append('\\');
            out.append(c);
        } else if (byte < 0x20) {
            out.append("\\u00");
            out.append(kHex[byte >> 4U]);
            out.append(kHex[byte & 0xFU]);
        } else {
            out.append(c);
        }
    }
    out.append('"');
}

class EventWriter {
  public:
    EventWriter(ByteWriter& out, int money_digits) : out_(out), money_digits_(money_digits) {}

    void write(const store::Event& event) {
        out_.append("{\"type\":");
        append_string(out_, fields_of(type_of(event.body)).name);
        text(Customer, event.customer);
        if (!event.id.empty()) {
            text(Id, event.id);
        }
        instant(At, event.at);
        std::visit([this](const auto& body) { members(body); }, event.body);
        out_.append("}\n");
    }

  private:
    static EventType type_of(const store::EventBody& body);

    void members(const store::Order& order) {
        text(OrderId, order.order_id);
        money(Amount, order.amount);
        money(Margin, order.margin);
        word(Kind, kOrderKindNames, order.kind);
    }
    void members(const store::Refund& refund) {
        text(OrderId, refund.order_id);
        money(Amount, refund.amount);
    }
    void members(const store::Visit&) {}
    void members(const store::Ticket& ticket) {
        text(TicketId, ticket.ticket_id);
        if (ticket.severity != 0) {
            integer(Severity, ticket.severity);
        }
        money(Cost, ticket.cost);
    }
    void members(const store::Complaint& complaint) { integer(Severity, complaint.severity); }
    void members(const store::Review& review) {
        integer(Rating, review.rating);
        flag(Public, review.is_public);
    }
    void members(const store::Survey& survey) {
        word(Kind, kSurveyKindNames, survey.kind);
        number(Score, survey.score);
        word(Dimension, kDimensionNames, survey.dimension);
    }
    void members(const store::Feedback& feedback) {
        text(Channel, kNotKept);
        number(Sentiment, feedback.sentiment);
    }
    void members(const store::Referral& referral) {
        text(Referred, referral.referred);
        flag(Converted, referral.converted);
    }
    void members(const store::FollowUp& follow_up) {
        text(Channel, kNotKept);
        money(Cost, follow_up.cost);
    }
    void members(const store::Training& training) {
        text(Topic, kNotKept);
        flag(Completed, training.completed);
    }
    void members(const std::unique_ptr<store::Profile>& profile);
    void members(const std::unique_ptr<store::Override>& verdict);
    void members(const store::ChurnConfirmed& churn) {
        word(Reason, kChurnReasonNames, churn.reason);
    }
    void members(const store::Erase&) {}

    void name(Field field) {
        out_.append(",\"");
        out_.append(field_name(field));
        out_.append("\":");
    }
    void text(Field field, std::string_view value) {
        name(field);
        append_string(out_, value);
    }
    void instant(Field field, Instant value) {
        name(field);
        out_.append('"');
        append_instant(out_, value);
        out_.append('"');
    }
    void money(Field field, Money value) {
        name(field);
        append_money(out_, value, money_digits_);
    }
    void integer(Field field, std::int64_t value) {
        name(field);
        out_.append_int(value);
    }
    void flag(Field field, bool value) {
        name(field);
        out_.append(value ? "true" : "false");
    }
    void number(Field field, double value);
    void tags(const std::vector<std::string_view>& values);

    void text(Field field, const std::optional<std::string_view>& value) {
        if (value) {
            text(field, *value);
        }
    }
    void instant(Field field, const std::optional<Instant>& value) {
        if (value) {
            instant(field, *value);
        }
    }
    void money(Field field, const std::optional<Money>& value) {
        if (value) {
            money(field, *value);
        }
    }
    void number(Field field, const std::optional<double>& value) {
        if (value) {
            number(field, *value);
        }
    }

    template <class Enum, std::size_t kCount>
    void word(Field field, const std::array<std::string_view, kCount>& names, Enum value) {
        const std::string_view spelled = names[static_cast<std::size_t>(value)];
        if (!spelled.empty()) {
            text(field, spelled);
        }
    }

    ByteWriter& out_;
    int money_digits_;
};

// The shortest digits that read back as the same double.
void EventWriter::number(Field field, double value) {
    constexpr std::size_t kBytesMax = 32;
    PATRON_CHECK(std::isfinite(value));
    name(field);
    char* const start = out_.reserve(kBytesMax);
    out_.advance(
        static_cast<std::size_t>(std::to_chars(start, start + kBytesMax, value).ptr - start)
    );
}

void EventWriter::tags(const std::vector<std::string_view>& values) {
    name(Tags);
    out_.append('[');
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) {
            out_.append(',');
        }
        append_string(out_, values[i]);
    }
    out_.append(']');
}

void EventWriter::members(const std::unique_ptr<store::Profile>& profile) {
    instant(CustomerSince, profile->customer_since);
    number(Influence, profile->influence);
    if (profile->strategic) {
        word(Strategic, kStrategicNames, *profile->strategic);
    }
    number(ExpertScore, profile->expert_score);
    text(PreferredChannel, profile->preferred_channel);
    if (profile->do_not_contact) {
        flag(DoNotContact, *profile->do_not_contact);
    }
    text(Region, profile->region);
    text(Industry, profile->industry);
    text(Owner, profile->owner);
    text(Birthday, profile->birthday);
    if (profile->tags) {
        tags(*profile->tags);
    }
}

void EventWriter::members(const std::unique_ptr<store::Override>& verdict) {
    word(Mode, kOverrideModeNames, verdict->mode);
    if (verdict->mode != store::OverrideMode::Clear) {
        text(Tier, verdict->tier);
    }
    text(Reason, verdict->reason);
    text(By, verdict->by);
    instant(Until, verdict->until);
}

EventType EventWriter::type_of(const store::EventBody& body) {
    struct Types {
        EventType operator()(const store::Order&) { return EventType::Order; }
        EventType operator()(const store::Refund&) { return EventType::Refund; }
        EventType operator()(const store::Visit&) { return EventType::Visit; }
        EventType operator()(const store::Ticket& ticket) {
            switch (ticket.phase) {
                case store::TicketPhase::Opened:
                    return EventType::TicketOpened;
                case store::TicketPhase::FirstResponse:
                    return EventType::TicketFirstResponse;
                case store::TicketPhase::Resolved:
                    return EventType::TicketResolved;
            }
            std::unreachable();
        }
        EventType operator()(const store::Complaint&) { return EventType::Complaint; }
        EventType operator()(const store::Review&) { return EventType::Review; }
        EventType operator()(const store::Survey&) { return EventType::Survey; }
        EventType operator()(const store::Feedback&) { return EventType::Feedback; }
        EventType operator()(const store::Referral&) { return EventType::Referral; }
        EventType operator()(const store::FollowUp&) { return EventType::FollowUp; }
        EventType operator()(const store::Training&) { return EventType::Training; }
        EventType operator()(const std::unique_ptr<store::Profile>&) { return EventType::Profile; }
        EventType operator()(const std::unique_ptr<store::Override>&) {
            return EventType::Override;
        }
        EventType operator()(const store::ChurnConfirmed&) { return EventType::ChurnConfirmed; }
        EventType operator()(const store::Erase&) { return EventType::Erase; }
    };
    return std::visit(Types(), body);
}

}  // namespace

void write_event(
    ByteWriter& out, const store::Event& event, const scoring::CurrencyTable& currencies
) {
    EventWriter(out, currencies.digits).write(event);
}

}  // namespace patron::wire
