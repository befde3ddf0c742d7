#include "store/event_range.h"

#include <cmath>
#include <cstring>

#include "store/limits.h"

namespace patron::store {
namespace {

// Eight bytes at a time, the last eight overlapping: most texts need no more than this.
bool is_printable_ascii(std::string_view text) {
    constexpr std::uint64_t kLow = 0x0101'0101'0101'0101;
    constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080;
    std::uint64_t found = 0;
    const auto look_at = [&](const char* from) {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof word);
        // Below 0x20, 0x7F, or 0x80 and above.
        found |= (word - kLow * 0x20) | (word + kLow) | word;
    };
    if (text.size() < sizeof(std::uint64_t)) {
        for (const char c : text) {
            found |= c < 0x20 || c == 0x7F ? kHigh : 0;
        }
        return found == 0;
    }
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) < text.size(); at += sizeof(std::uint64_t)) {
        look_at(text.data() + at);
    }
    look_at(text.data() + text.size() - sizeof(std::uint64_t));
    return (found & kHigh) == 0;
}

// Bytes of the sequence that begins here, 0 if none does: no overlong form, no surrogate, nothing
// beyond U+10FFFF.
std::size_t sequence_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(text[i]);
    };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return continues(1) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

bool is_control(std::string_view letter) {
    const auto first = static_cast<unsigned char>(letter[0]);
    return first < 0x20 || first == 0x7F ||
           (first == 0xC2 && static_cast<unsigned char>(letter[1]) < 0xA0);
}

bool is_utf8(std::string_view text, bool controls_allowed) {
    if (is_printable_ascii(text)) {
        return true;
    }
    while (!text.empty()) {
        const std::size_t bytes = sequence_bytes(text);
        if (bytes == 0 || (!controls_allowed && is_control(text.substr(0, bytes)))) {
            return false;
        }
        text.remove_prefix(bytes);
    }
    return true;
}

bool is_id(std::string_view text, std::size_t bytes_min, std::size_t bytes_max) {
    return text.size() >= bytes_min && text.size() <= bytes_max && is_utf8(text, false);
}

bool is_text(std::string_view text) {
    return text.size() <= limits::kTextFieldBytesMax && is_utf8(text, true);
}

bool is_text(const std::optional<std::string_view>& text) {
    return !text || is_text(*text);
}

bool is_instant(Instant at) {
    return at >= kEventInstantMin && at <= kEventInstantMax;
}

bool is_within(double value, double low, double high) {
    return value >= low && value <= high;  // false of a NaN
}

bool is_money(const std::optional<Money>& amount, std::int64_t low) {
    return !amount || (amount->minor >= low && amount->minor <= scoring::kMoneyMax.minor);
}

bool is_date(std::string_view text) {
    constexpr std::string_view kShape = "dddd-dd-dd";
    if (text.size() != kShape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == 'd' ? !digit : text[i] != '-') {
            return false;
        }
    }
    return true;
}

bool is_grade(std::uint8_t grade) {
    return grade >= 1 && grade <= 5;
}

const char* flaw_of(const Order& order) {
    if (!is_id(order.order_id, 1, limits::kEventIdBytesMax)) {
        return "order id out of range";
    }
    return is_money(order.amount, 0) && is_money(order.margin, -scoring::kMoneyMax.minor)
               ? nullptr
               : "amounts out of range";
}

const char* flaw_of(const Refund& refund) {
    if (!is_id(refund.order_id, 1, limits::kEventIdBytesMax)) {
        return "order id out of range";
    }
    return is_money(refund.amount, 1) ? nullptr : "amount out of range";
}

const char* flaw_of(const Visit&) {
    return nullptr;
}

const char* flaw_of(const Ticket& ticket) {
    if (!is_id(ticket.ticket_id, 1, limits::kEventIdBytesMax)) {
        return "ticket id out of range";
    }
    return ticket.severity <= 5 && is_money(ticket.cost, 0) ? nullptr
                                                            : "severity or cost out of range";
}

const char* flaw_of(const Complaint& complaint) {
    return is_grade(complaint.severity) ? nullptr : "severity out of range";
}

const char* flaw_of(const Review& review) {
    return is_grade(review.rating) ? nullptr : "rating out of range";
}

const char* flaw_of(const Survey& survey) {
    switch (survey.kind) {
        case SurveyKind::Nps:
            return is_within(survey.score, 0, 10) ? nullptr : "score out of range";
        case SurveyKind::Csat:
            return is_within(survey.score, 1, 5) ? nullptr : "score out of range";
        case SurveyKind::Research:
            return std::isfinite(survey.score) ? nullptr : "score out of range";
    }
    return "kind out of range";
}

const char* flaw_of(const Feedback& feedback) {
    return is_within(feedback.sentiment, -1, 1) ? nullptr : "sentiment out of range";
}

const char* flaw_of(const Referral& referral) {
    return is_id(referral.referred, 1, limits::kCustomerIdBytesMax) ? nullptr
                                                                    : "referred out of range";
}

const char* flaw_of(const FollowUp& follow_up) {
    return is_money(follow_up.cost, 0) ? nullptr : "cost out of range";
}

const char* flaw_of(const Training&) {
    return nullptr;
}

const char* flaw_of(const std::unique_ptr<Profile>& profile) {
    const Profile& p = *profile;
    if ((p.customer_since && !is_instant(*p.customer_since)) ||
        (p.influence && !is_within(*p.influence, 0, 100)) ||
        (p.expert_score && !is_within(*p.expert_score, 0, 100))) {
        return "numbers out of range";
    }
    if (!is_text(p.preferred_channel) || !is_text(p.region) || !is_text(p.industry) ||
        !is_text(p.owner) || (p.birthday && !is_date(*p.birthday))) {
        return "texts out of range";
    }
    if (p.tags) {
        if (p.tags->size() > limits::kTagsMax) {
            return "tags out of range";
        }
        for (const std::string_view tag : *p.tags) {
            if (!is_text(tag)) {
                return "tags out of range";
            }
        }
    }
    return nullptr;
}

const char* flaw_of(const std::unique_ptr<Override>& verdict) {
    const Override& o = *verdict;
    if (o.mode == OverrideMode::Clear && !o.tier.empty()) {
        return "tier out of range";
    }
    if (!is_text(o.tier) || !is_text(o.reason) || !is_text(o.by)) {
        return "texts out of range";
    }
    return !o.until || is_instant(*o.until) ? nullptr : "end out of range";
}

const char* flaw_of(const ChurnConfirmed&) {
    return nullptr;
}

const char* flaw_of(const Erase&) {
    return nullptr;
}

bool needs_id(const EventBody& body) {
    return std::holds_alternative<Order>(body) || std::holds_alternative<Refund>(body);
}

}  // namespace

const char* flaw_of(const Event& event) {
    if (!is_id(event.customer, 1, limits::kCustomerIdBytesMax)) {
        return "customer out of range";
    }
    if (!is_id(event.id, needs_id(event.body) ? 1 : 0, limits::kEventIdBytesMax)) {
        return "id out of range";
    }
    if (!is_instant(event.at)) {
        return "instant out of range";
    }
    return std::visit([](const auto& body) { return flaw_of(body); }, event.body);
}

}  // namespace patron::store
