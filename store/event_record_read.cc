#include <cstdint>
#include <memory>
#include <utility>

#include "store/event_format.h"
#include "store/event_range.h"
#include "store/event_record.h"
#include "store/limits.h"

namespace patron::store {
namespace {

using format::DetailBits;
using format::number_of;
using format::Record;

class BodyReader {
  public:
    BodyReader(RecordReader& in, unsigned detail) : in_(in), detail_(detail) {}

    void read(Record kind, Event& event);

  private:
    void order(Order& out) {
        out.kind = choice(2, OrderKind::Service);
        const bool has_margin = flag();
        out.order_id = in_.text();
        out.amount = money();
        if (has_margin) {
            out.margin = money();
        }
    }
    void refund(Refund& out) {
        const bool has_amount = flag();
        out.order_id = in_.text();
        if (has_amount) {
            out.amount = money();
        }
    }
    void ticket(Ticket& out) {
        out.phase = choice(2, TicketPhase::Resolved);
        out.severity = small(3);
        const bool has_cost = flag();
        out.ticket_id = in_.text();
        if (has_cost) {
            out.cost = money();
        }
    }
    void review(Review& out) {
        out.rating = small(3);
        out.is_public = flag();
    }
    void survey(Survey& out) {
        out.kind = choice(2, SurveyKind::Research);
        out.dimension = choice(2, SurveyDimension::Product);
        out.score = in_.real();
    }
    void referral(Referral& out) {
        out.converted = flag();
        out.referred = in_.text();
    }
    void follow_up(FollowUp& out) {
        if (flag()) {
            out.cost = money();
        }
    }
    void profile(Profile& out);
    void profile_texts(Profile& out, DetailBits texts);
    void verdict(Override& out) {
        out.mode = choice(2, OverrideMode::Ceiling);
        const bool has_until = flag();
        out.tier = in_.text();
        out.reason = in_.text();
        out.by = in_.text();
        if (has_until) {
            out.until = Instant{in_.signed_varint()};
        }
    }

    bool flag() { return detail_.take(1) != 0; }
    std::uint8_t small(unsigned width) { return static_cast<std::uint8_t>(detail_.take(width)); }
    template <class Enum>
    Enum choice(unsigned width, Enum last) {
        const unsigned number = detail_.take(width);
        if (number > number_of(last)) {
            in_.refuse("holds a choice that does not exist");
            return last;
        }
        return static_cast<Enum>(number);
    }
    Money money() { return Money{in_.signed_varint()}; }
    template <class Body>
    Body& boxed(Event& event) {
        return *event.body.emplace<std::unique_ptr<Body>>(std::make_unique<Body>());
    }

    RecordReader& in_;
    DetailBits detail_;
};

void BodyReader::read(Record kind, Event& event) {
    switch (kind) {
        case Record::Order:
            order(event.body.emplace<Order>());
            break;
        case Record::Refund:
            refund(event.body.emplace<Refund>());
            break;
        case Record::Visit:
            event.body.emplace<Visit>();
            break;
        case Record::Ticket:
            ticket(event.body.emplace<Ticket>());
            break;
        case Record::Complaint:
            event.body.emplace<Complaint>().severity = small(3);
            break;
        case Record::Review:
            review(event.body.emplace<Review>());
            break;
        case Record::Survey:
            survey(event.body.emplace<Survey>());
            break;
        case Record::Feedback:
            event.body.emplace<Feedback>().sentiment = in_.real();
            break;
        case Record::Referral:
            referral(event.body.emplace<Referral>());
            break;
        case Record::FollowUp:
            follow_up(event.body.emplace<FollowUp>());
            break;
        case Record::Training:
            event.body.emplace<Training>().completed = flag();
            break;
        case Record::Profile:
            profile(boxed<Profile>(event));
            break;
        case Record::Override:
            verdict(boxed<Override>(event));
            break;
        case Record::ChurnConfirmed:
            event.body.emplace<ChurnConfirmed>().reason = choice(3, ChurnReason::Other);
            break;
        case Record::Erase:
            event.body.emplace<Erase>();
            break;
        case Record::Removed:
            std::unreachable();
    }
    if (detail_.bits() != 0) {
        in_.refuse("has bits set that mean nothing");
    }
}

void BodyReader::profile(Profile& out) {
    const unsigned strategic = detail_.take(2);
    if (strategic != 0) {
        out.strategic = static_cast<Strategic>(strategic - 1);
    }
    const unsigned do_not_contact = detail_.take(2);
    if (do_not_contact > 2) {
        in_.refuse("holds a choice that does not exist");
    } else if (do_not_contact != 0) {
        out.do_not_contact = do_not_contact == 2;
    }
    const DetailBits texts(in_.byte());
    if (flag()) {
        out.customer_since = Instant{in_.signed_varint()};
    }
    if (flag()) {
        out.influence = in_.real();
    }
    if (flag()) {
        out.expert_score = in_.real();
    }
    profile_texts(out, texts);
    if (flag()) {
        const std::uint64_t count = in_.varint();
        if (count > limits::kTagsMax) {
            in_.refuse("has too many tags");
            return;
        }
        auto& tags = out.tags.emplace(static_cast<std::size_t>(count));
        for (std::string_view& tag : tags) {
            tag = in_.text();
        }
    }
}

void BodyReader::profile_texts(Profile& out, DetailBits texts) {
    for (auto* text :
         {&out.preferred_channel, &out.region, &out.industry, &out.owner, &out.birthday}) {
        if (texts.take(1) != 0) {
            *text = in_.text();
        }
    }
    if (texts.bits() != 0) {
        in_.refuse("has bits set that mean nothing");
    }
}

RecordRead read_removed(RecordReader& in, unsigned detail, RemovedEvent& removed) {
    if (detail > 3) {
        in.refuse("has bits set that mean nothing");
    }
    removed.erasure = (detail & 1) != 0;
    removed.customer_hash = in.word();
    if ((detail & 2) != 0) {
        removed.id_hash = in.word();
        if (removed.id_hash == 0) {
            in.refuse("has a hash of 0, which means none");
        }
    }
    return in.flaw() == nullptr ? RecordRead::Removed : RecordRead::Damaged;
}

}  // namespace

RecordRead read_record(RecordReader& in, Instant previous, Event& event, RemovedEvent& removed) {
    const unsigned kind = in.byte();
    const unsigned detail = in.byte();
    if (in.flaw() == nullptr && (kind == 0 || kind > number_of(Record::Removed))) {
        in.refuse("is of a kind that does not exist");
    }
    if (in.flaw() != nullptr) {
        return RecordRead::Damaged;
    }
    if (kind == number_of(Record::Removed)) {
        return read_removed(in, detail, removed);
    }
    // Unsigned, so that a damaged number cannot overflow; the range is looked at below.
    event.at.ms = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(previous.ms) + static_cast<std::uint64_t>(in.signed_varint())
    );
    event.customer = in.text();
    event.id = in.text();
    BodyReader(in, detail).read(static_cast<Record>(kind), event);
    if (in.flaw() == nullptr && flaw_of(event) != nullptr) {
        in.refuse(flaw_of(event));
    }
    return in.flaw() == nullptr ? RecordRead::Event : RecordRead::Damaged;
}

}  // namespace patron::store
