#include "store/event_entries.h"

#include <bit>

#include "store/partition_map.h"

namespace patron::store {
namespace {

using scoring::EntryFlag;
using scoring::EntryKind;
using scoring::make_entry;

std::int64_t bits(double value) {
    return std::bit_cast<std::int64_t>(value);
}

EntryFlag flag_of(OrderKind kind) {
    switch (kind) {
        case OrderKind::Unknown:
            return EntryFlag::None;
        case OrderKind::Product:
            return EntryFlag::Product;
        case OrderKind::Service:
            return EntryFlag::Service;
    }
    return EntryFlag::None;
}

EntryKind kind_of(TicketPhase phase) {
    switch (phase) {
        case TicketPhase::Opened:
            return EntryKind::TicketOpened;
        case TicketPhase::FirstResponse:
            return EntryKind::TicketFirstResponse;
        case TicketPhase::Resolved:
            return EntryKind::TicketResolved;
    }
    return EntryKind::TicketOpened;
}

EntryKind kind_of(SurveyKind kind) {
    switch (kind) {
        case SurveyKind::Nps:
            return EntryKind::Nps;
        case SurveyKind::Csat:
            return EntryKind::Csat;
        case SurveyKind::Research:
            return EntryKind::Research;
    }
    return EntryKind::Research;
}

// Adds the entries of one kind of body; `key` is that of the event's own id.
struct Adder {
    Instant at;
    std::uint64_t key;
    EntryList out;

    void entry(EntryKind kind, std::int64_t value) { out.add(make_entry(kind, at, value, key)); }

    void operator()(const Order& o) {
        const std::uint64_t order = reference_key(o.order_id);
        out.add(make_entry(EntryKind::Order, at, o.amount.minor, order, flag_of(o.kind)));
        if (o.margin) {
            out.add(make_entry(EntryKind::Margin, at, o.margin->minor, order));
        }
    }
    void operator()(const Refund& r) {
        const std::uint64_t order = reference_key(r.order_id);
        out.add(
            r.amount ? make_entry(EntryKind::Refund, at, r.amount->minor, order)
                     : make_entry(EntryKind::RefundRest, at, 0, order)
        );
    }
    void operator()(const Ticket& t) {
        const std::uint64_t ticket = reference_key(t.ticket_id);
        out.add(make_entry(kind_of(t.phase), at, t.severity, ticket));
        if (t.cost) {
            out.add(make_entry(EntryKind::Cost, at, t.cost->minor, ticket));
        }
    }
    void operator()(const Complaint& c) { entry(EntryKind::Complaint, c.severity); }
    void operator()(const Review& r) { entry(EntryKind::Review, r.rating); }
    void operator()(const Survey& s) { entry(kind_of(s.kind), bits(s.score)); }
    void operator()(const Feedback& f) { entry(EntryKind::Feedback, bits(f.sentiment)); }
    void operator()(const Referral& r) {
        entry(r.converted ? EntryKind::ReferralConverted : EntryKind::ReferralMade, 1);
    }
    void operator()(const FollowUp& f) {
        entry(EntryKind::FollowUp, 1);
        if (f.cost) {
            entry(EntryKind::Cost, f.cost->minor);
        }
    }
    void operator()(const Training& t) {
        entry(t.completed ? EntryKind::TrainingCompleted : EntryKind::TrainingStarted, 1);
    }
    void operator()(const ChurnConfirmed& c) {
        entry(EntryKind::ChurnConfirmed, static_cast<std::int64_t>(c.reason));
    }
    void operator()(const Visit&) {}
    void operator()(const std::unique_ptr<Profile>&) {}
    void operator()(const std::unique_ptr<Override>&) {}
    void operator()(const Erase&) {}
};

}  // namespace

std::uint64_t reference_key(std::string_view id) {
    return id.empty() ? 0 : hash_bytes(id, 0) & scoring::LedgerEntry::kKeyMask;
}

EntryList entries_of(const Event& event, Instant at) {
    Adder adder{at, reference_key(event.id), {}};
    std::visit(adder, event.body);
    return adder.out;
}

}  // namespace patron::store
