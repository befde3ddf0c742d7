#include <cstdint>

#include "store/event_format.h"
#include "store/event_record.h"
#include "store/limits.h"

namespace patron::store {
namespace {

using format::DetailBits;
using format::number_of;
using format::Record;

// Kind, detail, instant, customer and id; and the longest body beside profiles and overrides: a
// referral's.
constexpr std::size_t kTextBytesMax = kVarintBytesMax + limits::kTextFieldBytesMax;
constexpr std::size_t kHeadBytesMax =
    2 + 3 * kVarintBytesMax + limits::kCustomerIdBytesMax + limits::kEventIdBytesMax;
constexpr std::size_t kPlainBytesMax =
    kHeadBytesMax + 3 * kVarintBytesMax + limits::kCustomerIdBytesMax;
constexpr std::size_t kOverrideBytesMax = kHeadBytesMax + kVarintBytesMax + 3 * kTextBytesMax;
constexpr std::size_t kProfileBytesMax =
    kHeadBytesMax + 4 * kVarintBytesMax + (5 + limits::kTagsMax) * kTextBytesMax;

class BodyWriter {
  public:
    BodyWriter(RecordWriter& out, const Event& event, Instant previous)
        : out_(out), event_(event), previous_(previous) {}

    void operator()(const Order& order) {
        head(
            Record::Order, DetailBits().put(2, number_of(order.kind)).put(1, order.margin ? 1 : 0)
        );
        out_.text(order.order_id);
        money(order.amount);
        money(order.margin);
    }
    void operator()(const Refund& refund) {
        head(Record::Refund, DetailBits().put(1, refund.amount ? 1 : 0));
        out_.text(refund.order_id);
        money(refund.amount);
    }
    void operator()(const Visit&) { head(Record::Visit, {}); }
    void operator()(const Ticket& ticket) {
        head(
            Record::Ticket,
            DetailBits()
                .put(2, number_of(ticket.phase))
                .put(3, ticket.severity)
                .put(1, ticket.cost ? 1 : 0)
        );
        out_.text(ticket.ticket_id);
        money(ticket.cost);
    }
    void operator()(const Complaint& complaint) {
        head(Record::Complaint, DetailBits().put(3, complaint.severity));
    }
    void operator()(const Review& review) {
        head(Record::Review, DetailBits().put(3, review.rating).put(1, review.is_public ? 1 : 0));
    }
    void operator()(const Survey& survey) {
        head(
            Record::Survey,
            DetailBits().put(2, number_of(survey.kind)).put(2, number_of(survey.dimension))
        );
        out_.real(survey.score);
    }
    void operator()(const Feedback& feedback) {
        head(Record::Feedback, {});
        out_.real(feedback.sentiment);
    }
    void operator()(const Referral& referral) {
        head(Record::Referral, DetailBits().put(1, referral.converted ? 1 : 0));
        out_.text(referral.referred);
    }
    void operator()(const FollowUp& follow_up) {
        head(Record::FollowUp, DetailBits().put(1, follow_up.cost ? 1 : 0));
        money(follow_up.cost);
    }
    void operator()(const Training& training) {
        head(Record::Training, DetailBits().put(1, training.completed ? 1 : 0));
    }
    void operator()(const std::unique_ptr<Profile>& profile);
    void operator()(const std::unique_ptr<Override>& verdict) {
        head(
            Record::Override,
            DetailBits().put(2, number_of(verdict->mode)).put(1, verdict->until ? 1 : 0)
        );
        out_.text(verdict->tier);
        out_.text(verdict->reason);
        out_.text(verdict->by);
        instant(verdict->until);
    }
    void operator()(const ChurnConfirmed& churn) {
        head(Record::ChurnConfirmed, DetailBits().put(3, number_of(churn.reason)));
    }
    void operator()(const Erase&) { head(Record::Erase, {}); }

  private:
    void head(Record kind, DetailBits detail) {
        out_.byte(number_of(kind));
        out_.byte(detail.bits());
        out_.signed_varint(event_.at.ms - previous_.ms);
        out_.text(event_.customer);
        out_.text(event_.id);
    }
    void money(const std::optional<Money>& amount) {
        if (amount) {
            out_.signed_varint(amount->minor);
        }
    }
    void instant(const std::optional<Instant>& at) {
        if (at) {
            out_.signed_varint(at->ms);
        }
    }
    void real(const std::optional<double>& value) {
        if (value) {
            out_.real(*value);
        }
    }
    void text(const std::optional<std::string_view>& text) {
        if (text) {
            out_.text(*text);
        }
    }

    RecordWriter& out_;
    const Event& event_;
    Instant previous_;
};

void BodyWriter::operator()(const std::unique_ptr<Profile>& profile) {
    const Profile& p = *profile;
    head(
        Record::Profile,
        DetailBits()
            .put(2, p.strategic ? number_of(*p.strategic) + 1 : 0)
            .put(2, p.do_not_contact ? (*p.do_not_contact ? 2 : 1) : 0)
            .put(1, p.customer_since ? 1 : 0)
            .put(1, p.influence ? 1 : 0)
            .put(1, p.expert_score ? 1 : 0)
            .put(1, p.tags ? 1 : 0)
    );
    out_.byte(DetailBits()
                  .put(1, p.preferred_channel ? 1 : 0)
                  .put(1, p.region ? 1 : 0)
                  .put(1, p.industry ? 1 : 0)
                  .put(1, p.owner ? 1 : 0)
                  .put(1, p.birthday ? 1 : 0)
                  .bits());
    instant(p.customer_since);
    real(p.influence);
    real(p.expert_score);
    text(p.preferred_channel);
    text(p.region);
    text(p.industry);
    text(p.owner);
    text(p.birthday);
    if (p.tags) {
        out_.varint(p.tags->size());
        for (const std::string_view tag : *p.tags) {
            out_.text(tag);
        }
    }
}

}  // namespace

std::size_t record_bytes_max(const Event& event) {
    if (std::holds_alternative<std::unique_ptr<Profile>>(event.body)) {
        return kProfileBytesMax;
    }
    return std::holds_alternative<std::unique_ptr<Override>>(event.body) ? kOverrideBytesMax
                                                                         : kPlainBytesMax;
}

void write_record(RecordWriter& out, const Event& event, Instant previous) {
    std::visit(BodyWriter(out, event, previous), event.body);
}

void write_record(RecordWriter& out, const RemovedEvent& removed) {
    out.byte(number_of(Record::Removed));
    out.byte(static_cast<std::uint8_t>((removed.erasure ? 1 : 0) | (removed.id_hash != 0 ? 2 : 0)));
    out.word(removed.customer_hash);
    if (removed.id_hash != 0) {
        out.word(removed.id_hash);
    }
}

}  // namespace patron::store
