#include "tools/load/class_tally.h"

#include <algorithm>
#include <utility>

#include "scoring/check.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

bool is_shed(int status) {
    return status == 429 || status == 503;
}

}  // namespace

std::string_view failure_name(Failure failure) {
    switch (failure) {
        case Failure::NoConnection:
            return "no_connection";
        case Failure::Lost:
            return "connection_lost";
        case Failure::Garbled:
            return "unreadable_answer";
        case Failure::Wrong:
            return "wrong_answer";
    }
    return "?";
}

std::uint64_t LoadCounts::failed() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : failures) {
        sum += count;
    }
    return sum;
}

void LoadCounts::merge(const LoadCounts& other) {
    sent += other.sent;
    answered += other.answered;
    shed += other.shed;
    refused += other.refused;
    units += other.units;
    for (std::size_t i = 0; i < failures.size(); ++i) {
        failures[i] += other.failures[i];
    }
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        statuses[i] += other.statuses[i];
    }
}

void LoadWindow::cut(std::int64_t end) {
    end_ns = std::min(end_ns, end);
}

std::int64_t LoadWindow::slot_ns() const {
    const std::int64_t seconds = (planned_end_ns - from_ns + kNsPerSecond - 1) / kNsPerSecond;
    constexpr auto kMost = static_cast<std::int64_t>(ClassTally::kSlotsMax);
    return std::max<std::int64_t>((seconds + kMost - 1) / kMost, 1) * kNsPerSecond;
}

std::size_t LoadWindow::slots() const {
    const std::int64_t counted = std::max<std::int64_t>(end_ns - from_ns, 0);
    return static_cast<std::size_t>((counted + slot_ns() - 1) / slot_ns());
}

ClassTally::ClassTally(std::string class_name, LoadWindow class_window)
    : name(std::move(class_name))
    , window(class_window)
    , slots(window.slots())
    , slot_ns_(window.slot_ns()) {}

// None for the warm-up and for what happens behind the end.
LoadSlot* ClassTally::slot_at(std::int64_t ns) {
    if (ns < window.from_ns) {
        return nullptr;
    }
    const auto index = static_cast<std::size_t>((ns - window.from_ns) / slot_ns_);
    return index < slots.size() ? &slots[index] : nullptr;
}

void ClassTally::add_latency(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t times) {
    latency.add(now_ns - due_ns, times);
    if (LoadSlot* slot = slot_at(due_ns)) {
        slot->latency.add(now_ns - due_ns, times);
    }
}

void ClassTally::sent(std::int64_t due_ns, std::int64_t now_ns, std::int64_t lag_ns) {
    ++whole.sent;
    if (LoadSlot* slot = slot_at(now_ns)) {
        ++slot->sent;
    }
    if (counts(due_ns)) {
        ++counted.sent;
        lag.add(lag_ns);
    }
}

void ClassTally::answered(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t units) {
    ++whole.answered;
    ++whole.statuses[200];
    whole.units += units;
    recent.add(now_ns - due_ns);
    if (LoadSlot* slot = slot_at(now_ns)) {
        ++slot->answered;
    }
    if (counts(due_ns)) {
        ++counted.answered;
        ++counted.statuses[200];
        counted.units += units;
        add_latency(due_ns, now_ns);
    }
}

void ClassTally::refused(std::int64_t due_ns, std::int64_t now_ns, int status) {
    const auto add = [status](LoadCounts& to) {
        ++(is_shed(status) ? to.shed : to.refused);
        ++to.statuses[static_cast<std::size_t>(status) % kStatusEnd];
    };
    add(whole);
    if (LoadSlot* slot = slot_at(now_ns)) {
        ++slot->failed;
    }
    if (counts(due_ns)) {
        add(counted);
    }
}

void ClassTally::failed(std::int64_t due_ns, std::int64_t now_ns, Failure failure) {
    ++whole.failures[std::to_underlying(failure)];
    if (LoadSlot* slot = slot_at(now_ns)) {
        ++slot->failed;
    }
    if (counts(due_ns)) {
        ++counted.failures[std::to_underlying(failure)];
    }
}

void ClassTally::no_connection(std::int64_t now_ns) {
    failed(now_ns, now_ns, Failure::NoConnection);
}

void ClassTally::unanswered(std::int64_t due_ns, std::int64_t now_ns) {
    if (counts(due_ns)) {
        ++unanswered_count;
        add_latency(due_ns, now_ns);
    }
}

void ClassTally::unsent(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t count) {
    if (counts(due_ns)) {
        unsent_count += count;
        add_latency(due_ns, now_ns, count);
    }
}

void ClassTally::cut(std::int64_t end_ns) {
    window.cut(end_ns);
    slots.resize(window.slots());
}

void ClassTally::remember(std::string_view what) {
    if (first_wrong.empty()) {
        first_wrong = what;
    }
}

void ClassTally::merge(const ClassTally& other) {
    PATRON_CHECK(slots.size() == other.slots.size() && name == other.name);
    counted.merge(other.counted);
    whole.merge(other.whole);
    unanswered_count += other.unanswered_count;
    unsent_count += other.unsent_count;
    latency.merge(other.latency);
    lag.merge(other.lag);
    recent.merge(other.recent);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        slots[i].sent += other.slots[i].sent;
        slots[i].answered += other.slots[i].answered;
        slots[i].failed += other.slots[i].failed;
        slots[i].latency.merge(other.slots[i].latency);
    }
    remember(other.first_wrong);
}

}  // namespace patron::tools
