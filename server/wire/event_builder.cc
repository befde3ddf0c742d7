#include "server/wire/event_builder.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "server/wire/event_fields.h"
#include "server/wire/event_names.h"
#include "server/wire/field_values.h"
#include "server/wire/instant_text.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

namespace limits = store::limits;
using enum Field;
using scoring::Instant;
using store::FaultCode;

template <class Body>
Body& emplace_boxed(store::Event& event) {
    return *event.body.emplace<std::unique_ptr<Body>>(std::make_unique<Body>());
}

class EventBuilder {
  public:
    EventBuilder(
        const RawEvent& raw,
        const DecodeContext& context,
        store::EventBatch& batch,
        store::Fault& fault
    )
        : values_(raw, context, fault), batch_(batch) {}

    bool build(store::Event& event) {
        EventType type{};
        return find_type(type) && check_names(type) && envelope(event) && body(type, event) &&
               keep_envelope(event);
    }

  private:
    bool find_type(EventType& out);
    bool check_names(EventType type);
    bool envelope(store::Event& event);
    bool keep_envelope(store::Event& event);
    bool body(EventType type, store::Event& event);

    bool order(store::Order& out);
    bool refund(store::Refund& out);
    bool ticket(store::TicketPhase phase, store::Ticket& out);
    bool complaint(store::Complaint& out);
    bool review(store::Review& out);
    bool survey(store::Survey& out);
    bool feedback(store::Feedback& out);
    bool referral(store::Referral& out);
    bool follow_up(store::FollowUp& out);
    bool training(store::Training& out);
    bool profile(store::Profile& out);
    bool profile_texts(store::Profile& out);
    bool birthday(store::Profile& out);
    bool tags(store::Profile& out);
    bool override_tier(store::Override& out, Instant at);
    bool override_limits(const store::Override& out, Instant at);
    bool not_empty(Field field, std::string_view text);

    // The batch's copy; an empty text needs no bytes.
    std::string_view keep(std::string_view text) {
        return text.empty() ? std::string_view() : batch_.keep(text);
    }
    void keep(std::optional<std::string_view>& text) {
        if (text) {
            text = keep(*text);
        }
    }

    FieldValues values_;
    store::EventBatch& batch_;
};

bool EventBuilder::find_type(EventType& out) {
    if (values_.raw().duplicate) {
        const Field twice = *values_.raw().duplicate;
        return values_.refuse(
            FaultCode::DuplicateField,
            twice,
            std::string(field_name(twice)) + " occurs more than once"
        );
    }
    if (!values_.has(Type)) {
        return values_.refuse(FaultCode::MissingField, Type, "type is missing");
    }
    std::string_view name;
    if (!values_.text(Type, name)) {
        return false;
    }
    const auto type = find_event_type(name);
    if (!type) {
        return values_.refuse(FaultCode::UnknownType, Type, "unknown event type " + shown(name));
    }
    out = *type;
    return true;
}

bool EventBuilder::check_names(EventType type) {
    const EventTypeFields& fields = fields_of(type);
    const RawEvent& raw = values_.raw();
    if (raw.unknown) {
        values_.refuse(
            FaultCode::UnknownField, Type, "no event has a field " + shown(*raw.unknown)
        );
        values_.fault().field = shown(*raw.unknown);
        return false;
    }
    if (const FieldMask strange = raw.named & ~fields.allowed; strange != 0) {
        const auto field = static_cast<Field>(std::countr_zero(strange));
        return values_.refuse(
            FaultCode::UnknownField,
            field,
            "type " + std::string(fields.name) + " has no field " + std::string(field_name(field))
        );
    }
    if (const FieldMask missing = fields.required & ~raw.present; missing != 0) {
        const auto field = static_cast<Field>(std::countr_zero(missing));
        return values_.refuse(
            FaultCode::MissingField,
            field,
            "type " + std::string(fields.name) + " needs " + std::string(field_name(field))
        );
    }
    return true;
}

bool EventBuilder::envelope(store::Event& event) {
    const Instant now = values_.context().now;
    event.at = now;
    if (!values_.id(Customer, limits::kCustomerIdBytesMax, event.customer) ||
        !values_.id(Id, limits::kEventIdBytesMax, event.id) || !values_.instant(At, event.at) ||
        !values_.check_texts(bit(Source))) {
        return false;
    }
    if (event.at.ms > now.ms + limits::kFutureSkewMsMax) {
        return values_.refuse(
            FaultCode::FutureEvent,
            At,
            "at lies more than five minutes in the future: " + shown(values_.raw().text(At))
        );
    }
    return true;
}

bool EventBuilder::keep_envelope(store::Event& event) {
    event.customer = keep(event.customer);
    event.id = keep(event.id);
    return true;
}

bool EventBuilder::body(EventType type, store::Event& event) {
    switch (type) {
        case EventType::Order:
            return order(event.body.emplace<store::Order>());
        case EventType::Refund:
            return refund(event.body.emplace<store::Refund>());
        case EventType::Visit:
            event.body.emplace<store::Visit>();
            return values_.check_texts(bit(Channel));
        case EventType::TicketOpened:
            return ticket(store::TicketPhase::Opened, event.body.emplace<store::Ticket>());
        case EventType::TicketFirstResponse:
            return ticket(store::TicketPhase::FirstResponse, event.body.emplace<store::Ticket>());
        case EventType::TicketResolved:
            return ticket(store::TicketPhase::Resolved, event.body.emplace<store::Ticket>());
        case EventType::Complaint:
            return complaint(event.body.emplace<store::Complaint>());
        case EventType::Review:
            return review(event.body.emplace<store::Review>());
        case EventType::Survey:
            return survey(event.body.emplace<store::Survey>());
        case EventType::Feedback:
            return feedback(event.body.emplace<store::Feedback>());
        case EventType::Referral:
            return referral(event.body.emplace<store::Referral>());
        case EventType::FollowUp:
            return follow_up(event.body.emplace<store::FollowUp>());
        case EventType::Training:
            return training(event.body.emplace<store::Training>());
        case EventType::Profile:
            return profile(emplace_boxed<store::Profile>(event));
        case EventType::Override:
            return override_tier(emplace_boxed<store::Override>(event), event.at);
        case EventType::ChurnConfirmed:
            return values_.choice(
                Reason, kChurnReasonNames, event.body.emplace<store::ChurnConfirmed>().reason
            );
        case EventType::Erase:
            event.body.emplace<store::Erase>();
            return true;
    }
    std::unreachable();
}

bool EventBuilder::order(store::Order& out) {
    if (!values_.id(OrderId, limits::kEventIdBytesMax, out.order_id) || !values_.currency() ||
        !values_.money(Amount, Sign::NotNegative, out.amount) ||
        !values_.money(Margin, Sign::Any, out.margin) ||
        !values_.choice(Kind, kOrderKindNames, out.kind) || !values_.check_texts(bit(Channel))) {
        return false;
    }
    out.order_id = keep(out.order_id);
    return true;
}

bool EventBuilder::refund(store::Refund& out) {
    if (!values_.id(OrderId, limits::kEventIdBytesMax, out.order_id) || !values_.currency() ||
        !values_.money(Amount, Sign::Positive, out.amount) || !values_.check_texts(bit(Reason))) {
        return false;
    }
    out.order_id = keep(out.order_id);
    return true;
}

bool EventBuilder::ticket(store::TicketPhase phase, store::Ticket& out) {
    out.phase = phase;
    if (!values_.id(TicketId, limits::kEventIdBytesMax, out.ticket_id) ||
        !values_.grade(Severity, 1, 5, out.severity) || !values_.currency() ||
        !values_.money(Cost, Sign::NotNegative, out.cost)) {
        return false;
    }
    out.ticket_id = keep(out.ticket_id);
    return true;
}

bool EventBuilder::complaint(store::Complaint& out) {
    return values_.grade(Severity, 1, 5, out.severity) && values_.check_texts(bit(Topic));
}

bool EventBuilder::review(store::Review& out) {
    return values_.grade(Rating, 1, 5, out.rating) && values_.flag(Public, out.is_public);
}

bool EventBuilder::survey(store::Survey& out) {
    if (!values_.choice(Kind, kSurveyKindNames, out.kind) ||
        !values_.choice(Dimension, kDimensionNames, out.dimension)) {
        return false;
    }
    switch (out.kind) {
        case store::SurveyKind::Nps:
            return values_.number(Score, 0, 10, out.score);
        case store::SurveyKind::Csat:
            return values_.number(Score, 1, 5, out.score);
        case store::SurveyKind::Research:
            break;
    }
    constexpr double kFiniteMax = std::numeric_limits<double>::max();
    return values_.number(Score, -kFiniteMax, kFiniteMax, out.score);
}

bool EventBuilder::feedback(store::Feedback& out) {
    return values_.number(Sentiment, -1, 1, out.sentiment) &&
           values_.check_texts(mask(Channel, Topic));
}

bool EventBuilder::referral(store::Referral& out) {
    if (!values_.id(Referred, limits::kCustomerIdBytesMax, out.referred) ||
        !values_.flag(Converted, out.converted)) {
        return false;
    }
    out.referred = keep(out.referred);
    return true;
}

bool EventBuilder::follow_up(store::FollowUp& out) {
    return values_.currency() && values_.money(Cost, Sign::NotNegative, out.cost) &&
           values_.check_texts(mask(Channel, Outcome, Campaign, Owner));
}

bool EventBuilder::training(store::Training& out) {
    return values_.flag(Completed, out.completed) && values_.check_texts(bit(Topic));
}

bool EventBuilder::profile(store::Profile& out) {
    const Instant latest = scoring::plus_ms(values_.context().now, limits::kFutureSkewMsMax);
    if (!values_.instant(CustomerSince, out.customer_since)) {
        return false;
    }
    if (out.customer_since > latest) {
        return values_.refuse(
            FaultCode::InvalidTime,
            CustomerSince,
            "customer_since lies in the future: " + shown(values_.raw().text(CustomerSince))
        );
    }
    if (values_.has(Strategic) &&
        !values_.choice(Strategic, kStrategicNames, out.strategic.emplace())) {
        return false;
    }
    return values_.number(Influence, 0, 100, out.influence) &&
           values_.number(ExpertScore, 0, 100, out.expert_score) &&
           values_.flag(DoNotContact, out.do_not_contact) && profile_texts(out);
}

bool EventBuilder::profile_texts(store::Profile& out) {
    if (!values_.text(PreferredChannel, out.preferred_channel) ||
        !values_.text(Region, out.region) || !values_.text(Industry, out.industry) ||
        !values_.text(Owner, out.owner) || !birthday(out) || !tags(out)) {
        return false;
    }
    for (auto* text :
         {&out.preferred_channel, &out.region, &out.industry, &out.owner, &out.birthday}) {
        keep(*text);
    }
    return true;
}

bool EventBuilder::birthday(store::Profile& out) {
    if (!values_.text(Birthday, out.birthday)) {
        return false;
    }
    if (out.birthday && !is_calendar_date(*out.birthday)) {
        const std::string rule = "birthday is no date YYYY-MM-DD from 1900 to 2999: ";
        return values_.refuse(FaultCode::InvalidValue, Birthday, rule + shown(*out.birthday));
    }
    return true;
}

bool EventBuilder::tags(store::Profile& out) {
    if (!values_.has(Tags)) {
        return true;
    }
    const RawEvent& raw = values_.raw();
    if (raw.kind(Tags) != RawKind::Strings) {
        return values_.refuse(FaultCode::WrongType, Tags, "tags must be an array of strings");
    }
    if (raw.tag_count > limits::kTagsMax) {
        return values_.refuse(
            FaultCode::InvalidValue,
            Tags,
            std::to_string(raw.tag_count) + " tags, at most " + std::to_string(limits::kTagsMax) +
                " are allowed"
        );
    }
    auto& tags = out.tags.emplace();
    tags.reserve(raw.tag_count);
    for (std::size_t i = 0; i < raw.tag_count; ++i) {
        if (raw.tags[i].size() > limits::kTextFieldBytesMax) {
            return values_.refuse(
                FaultCode::InvalidValue, Tags, "a tag is too long: " + shown(raw.tags[i])
            );
        }
        tags.push_back(keep(raw.tags[i]));
    }
    return true;
}

bool EventBuilder::not_empty(Field field, std::string_view text) {
    if (!text.empty()) {
        return true;
    }
    return values_.refuse(
        FaultCode::InvalidValue, field, std::string(field_name(field)) + " is empty"
    );
}

bool EventBuilder::override_tier(store::Override& out, Instant at) {
    if (!values_.choice(Mode, kOverrideModeNames, out.mode) || !values_.text(Tier, out.tier) ||
        !values_.text(Reason, out.reason) || !values_.text(By, out.by) ||
        !values_.instant(Until, out.until) || !not_empty(Reason, out.reason) ||
        !not_empty(By, out.by) || !override_limits(out, at)) {
        return false;
    }
    out.tier = keep(out.tier);
    out.reason = keep(out.reason);
    out.by = keep(out.by);
    return true;
}

bool EventBuilder::override_limits(const store::Override& out, Instant at) {
    if (out.mode == store::OverrideMode::Clear) {
        if (!values_.has(Tier) && !values_.has(Until)) {
            return true;
        }
        const Field extra = values_.has(Tier) ? Tier : Until;
        const std::string detail = "mode clear takes no " + std::string(field_name(extra));
        return values_.refuse(FaultCode::InvalidValue, extra, detail);
    }
    if (!values_.has(Tier)) {
        return values_.refuse(FaultCode::MissingField, Tier, "this mode needs tier");
    }
    const auto names = values_.context().tier_names;
    if (std::ranges::find(names, out.tier) == names.end()) {
        return values_.refuse(
            FaultCode::UnknownTier, Tier, "the policy has no tier " + shown(out.tier)
        );
    }
    if (out.until && *out.until <= at) {
        return values_.refuse(
            FaultCode::InvalidTime,
            Until,
            "until must lie after at: " + shown(values_.raw().text(Until))
        );
    }
    return true;
}

}  // namespace

bool build_event(
    const RawEvent& raw, const DecodeContext& context, store::EventBatch& batch, store::Fault& fault
) {
    // With arguments, so that nothing is zeroed that is written next.
    store::Event& event =
        batch.events.emplace_back(std::string_view(), std::string_view(), context.now);
    if (EventBuilder(raw, context, batch, fault).build(event)) {
        return true;
    }
    batch.events.pop_back();
    return false;
}

}  // namespace patron::wire
