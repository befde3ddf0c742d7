#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/support/reference_scoring.h"

namespace patron::scoring {

using namespace reference;

namespace {

constexpr double kLeastCount = 1.0 / 64;  // a decayed count below it is none
constexpr std::int64_t kYear = 365 * kDayMs;

bool is_refund(EntryKind kind) {
    return kind == EntryKind::Refund || kind == EntryKind::RefundRest;
}

}  // namespace

const ReferenceCustomer::Seen& ReferenceCustomer::seen(Instant now) const {
    std::size_t count = 0;
    while (count < facts_.ledger.size() && facts_.ledger[count].at <= now) {
        ++count;
    }
    const auto known = seen_.find(count);
    return known != seen_.end()
               ? known->second
               : seen_.emplace(count, read(facts_.ledger.first(count))).first->second;
}

ReferenceCustomer::Seen ReferenceCustomer::read(Ledger entries) const {
    Seen out;
    out.entries = entries;
    std::map<std::uint64_t, std::int64_t> left;  // of the refunds of an order
    std::set<std::uint64_t> wholly;
    std::set<std::uint64_t> ordered;
    for (const LedgerEntry& e : entries) {
        if (e.kind() == EntryKind::Refund) {
            left[e.key()] += e.value;
        } else if (e.kind() == EntryKind::RefundRest) {
            wholly.insert(e.key());
        } else if (e.kind() == EntryKind::Order) {
            ordered.insert(e.key());
        }
    }
    for (const LedgerEntry& e : entries) {
        if (e.kind() == EntryKind::Order) {
            const bool whole = wholly.contains(e.key());
            const std::int64_t back = whole ? e.value : std::min(e.value, left[e.key()]);
            left[e.key()] -= whole ? 0 : back;
            out.orders.push_back({e.at, e.value, back, e.value == 0 || back != e.value});
        } else if (is_refund(e.kind()) && !ordered.contains(e.key())) {
            out.orphans.push_back(e);
        }
    }
    for (const Order& order : out.orders) {
        if (order.purchase) {
            out.purchases.push_back(order.at);
            const Day day = policy_.days->day_of(order.at);
            if (out.days.empty() || out.days.back() != day) {
                out.days.push_back(day);
            }
        }
    }
    return out;
}

double ReferenceCustomer::Sums::return_rate() const {
    if (gross == 0) {
        return refunded > 0 ? 1 : kUnknown;
    }
    return clamped(static_cast<double>(refunded) / static_cast<double>(gross), 0, 1);
}

ReferenceCustomer::Sums ReferenceCustomer::sums(Instant now, std::int64_t window_ms) const {
    Sums out;
    const Seen& s = seen(now);
    for (const Order& order : s.orders) {
        if (now.ms - order.at.ms < window_ms) {
            out.gross += order.gross;
            out.refunded += order.refunded;
            out.orders += order.purchase ? 1 : 0;
        }
    }
    for (const LedgerEntry& refund : s.orphans) {
        if (now.ms - refund.at.ms < window_ms && refund.kind() == EntryKind::Refund) {
            out.refunded += refund.value;
        }
    }
    return out;
}

double ReferenceCustomer::year_sum(Instant now, EntryKind kind) const {
    bool known = false;
    std::int64_t sum = 0;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == kind) {
            known = true;
            sum += now.ms - e.at.ms < kYear ? e.value : 0;
        }
    }
    return known ? static_cast<double>(sum) : kUnknown;
}

double ReferenceCustomer::last_value(Instant now, EntryKind kind) const {
    double value = kUnknown;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == kind) {
            value = kind == EntryKind::Review ? static_cast<double>(e.value) : e.number();
        }
    }
    return value;
}

double ReferenceCustomer::moving_average(Instant now, EntryKind kind) const {
    long double average = 0;
    bool any = false;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == kind) {
            average = any ? 0.7L * average + 0.3L * e.number() : e.number();
            any = true;
        }
    }
    return any ? static_cast<double>(average) : kUnknown;
}

// Tickets in the order of their first responses: the first one after the opening counts.
double ReferenceCustomer::response_hours(Instant now) const {
    std::map<std::uint64_t, Instant> opened;
    std::set<std::uint64_t> answered;
    long double average = 0;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == EntryKind::TicketOpened) {
            opened.emplace(e.key(), e.at);
        }
        const bool answer = e.kind() == EntryKind::TicketFirstResponse && opened.contains(e.key());
        if (answer && !answered.contains(e.key())) {
            const long double hours = (e.at.ms - opened[e.key()].ms) / 3'600'000.0L;
            average = answered.empty() ? hours : 0.7L * average + 0.3L * hours;
            answered.insert(e.key());
        }
    }
    return answered.empty() ? kUnknown : static_cast<double>(average);
}

std::vector<Instant> ReferenceCustomer::open_tickets(Instant now) const {
    std::map<std::uint64_t, Instant> open;
    std::set<std::uint64_t> resolved;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == EntryKind::TicketOpened) {
            open.emplace(e.key(), e.at);
        } else if (e.kind() == EntryKind::TicketResolved) {
            resolved.insert(e.key());
        }
    }
    std::vector<Instant> out;
    for (const auto& [key, at] : open) {
        if (!resolved.contains(key)) {
            out.push_back(at);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

double ReferenceCustomer::decayed(Instant now, EntryKind kind, double half_life) const {
    const Day today = policy_.days->day_of(now);
    long double sum = 0;
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == kind) {
            const long double weight =
                kind == EntryKind::Complaint ? static_cast<long double>(e.value) / 5 : 1;
            sum += weight *
                   std::exp2(
                       -(today - policy_.days->day_of(e.at)) / static_cast<long double>(half_life)
                   );
        }
    }
    return sum < kLeastCount ? 0 : static_cast<double>(sum);
}

double ReferenceCustomer::activity(Instant now) const {
    const Activity& visits = facts_.activity;
    if (visits.ref == kNoDay) {
        return 0;
    }
    const int idle = std::max(0, policy_.days->day_of(now) - visits.ref);
    const long double left =
        visits.sum *
        std::exp2(-idle / static_cast<long double>(policy_.schema.activity_half_life_days));
    return left < kLeastCount ? 0 : static_cast<double>(left);
}

double ReferenceCustomer::count(Instant now, EntryKind kind) const {
    double n = 0;
    for (const LedgerEntry& e : seen(now).entries) {
        n += e.kind() == kind ? 1 : 0;
    }
    return n;
}

bool ReferenceCustomer::has_purchase(Instant now) const {
    return !seen(now).purchases.empty();
}

}  // namespace patron::scoring
