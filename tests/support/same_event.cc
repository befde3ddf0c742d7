#include "tests/support/same_event.h"

#include <type_traits>
#include <variant>

namespace patron::store {
namespace {

bool same(const Order& a, const Order& b) {
    return a.order_id == b.order_id && a.amount == b.amount && a.margin == b.margin &&
           a.kind == b.kind;
}
bool same(const Refund& a, const Refund& b) {
    return a.order_id == b.order_id && a.amount == b.amount;
}
bool same(const Visit&, const Visit&) {
    return true;
}
bool same(const Ticket& a, const Ticket& b) {
    return a.phase == b.phase && a.ticket_id == b.ticket_id && a.severity == b.severity &&
           a.cost == b.cost;
}
bool same(const Complaint& a, const Complaint& b) {
    return a.severity == b.severity;
}
bool same(const Review& a, const Review& b) {
    return a.rating == b.rating && a.is_public == b.is_public;
}
bool same(const Survey& a, const Survey& b) {
    return a.kind == b.kind && a.score == b.score && a.dimension == b.dimension;
}
bool same(const Feedback& a, const Feedback& b) {
    return a.sentiment == b.sentiment;
}
bool same(const Referral& a, const Referral& b) {
    return a.referred == b.referred && a.converted == b.converted;
}
bool same(const FollowUp& a, const FollowUp& b) {
    return a.cost == b.cost;
}
bool same(const Training& a, const Training& b) {
    return a.completed == b.completed;
}
bool same(const std::unique_ptr<Profile>& a, const std::unique_ptr<Profile>& b) {
    return a->customer_since == b->customer_since && a->influence == b->influence &&
           a->strategic == b->strategic && a->expert_score == b->expert_score &&
           a->preferred_channel == b->preferred_channel && a->do_not_contact == b->do_not_contact &&
           a->region == b->region && a->industry == b->industry && a->owner == b->owner &&
           a->birthday == b->birthday && a->tags == b->tags;
}
bool same(const std::unique_ptr<Override>& a, const std::unique_ptr<Override>& b) {
    return a->mode == b->mode && a->tier == b->tier && a->reason == b->reason && a->by == b->by &&
           a->until == b->until;
}
bool same(const ChurnConfirmed& a, const ChurnConfirmed& b) {
    return a.reason == b.reason;
}
bool same(const Erase&, const Erase&) {
    return true;
}

}  // namespace

bool same_event(const Event& a, const Event& b) {
    if (a.customer != b.customer || a.id != b.id || a.at != b.at ||
        a.body.index() != b.body.index()) {
        return false;
    }
    return std::visit(
        [&](const auto& body) {
            return same(body, std::get<std::decay_t<decltype(body)>>(b.body));
        },
        a.body
    );
}

}  // namespace patron::store
