#include "store/change_teller.h"

#include <algorithm>
#include <atomic>

namespace patron::store {
namespace {

constexpr std::size_t kTellPerPartition = 8;
constexpr std::size_t kGatherPerPartition = 64;
constexpr std::size_t kOwedPerPartition = 4;
constexpr std::size_t kRecallPerPartition = 2;
constexpr std::size_t kRecallWhenBusy = 4;  // of one partition, a beat
constexpr std::chrono::milliseconds kClockLookedAtEvery{1000};
constexpr std::chrono::milliseconds kFinishAtMost{1000};

bool earlier(const Change& a, const Change& b) {
    return a.at < b.at;
}

}  // namespace

void ChangeTeller::begin() {
    const Instant now = parts_.clock.now();
    told_until_ = parts_.log.told_until().value_or(now);
    time_ = std::max(now, told_until_);
    for (std::size_t p = 0; p < parts_.partitions.size(); ++p) {
        parts_.partitions[p]->begin_live(static_cast<std::uint32_t>(p), told_until_);
    }
    behind_ = true;
}

BeatContext ChangeTeller::context() {
    const Instant now = parts_.clock.now();
    time_ = std::max(time_, now);
    return {parts_.policy, now, time_};
}

// -- a slice --

void ChangeTeller::work(BeatContext context, bool busy) {
    if (!recalled_) {
        recall(context, busy);
    }
    if (recalled_ && gather(context)) {
        tell(context);
    }
    tell_owed(context);
}

void ChangeTeller::tell_owed(BeatContext context) {
    for_due(context, [&](Partition& partition) {
        partition.tell_owed(kOwedPerPartition, context);
    });
}

void ChangeTeller::finish(BeatContext context) {
    const auto end = std::chrono::steady_clock::now() + kFinishAtMost;
    while (owing() && std::chrono::steady_clock::now() < end) {
        tell_owed(context);
    }
}

bool ChangeTeller::owing() const {
    return std::ranges::any_of(parts_.partitions, [](const auto& partition) {
        return partition->owes();
    });
}

void ChangeTeller::recall(BeatContext context, bool busy) {
    auto& partitions = parts_.partitions;
    if (busy) {
        recall_next_ = (recall_next_ + 1) % partitions.size();
        partitions[recall_next_]->recall(kRecallWhenBusy, context);
    } else {
        parts_.parallel.for_each(partitions.size(), [&](std::size_t p) {
            partitions[p]->recall(kRecallPerPartition, context);
        });
    }
    recalled_ = std::ranges::all_of(partitions, [](const auto& partition) {
        return partition->not_recalled() == 0;
    });
    behind_ = true;
}

// Where a handful of partitions has something due, they are quicker on this thread.
void ChangeTeller::for_due(BeatContext context, const std::function<void(Partition&)>& task) {
    constexpr std::size_t kSpreadFrom = 4;
    std::vector<Partition*> due;
    for (const auto& partition : parts_.partitions) {
        if (partition->owes() || partition->next_due() <= context.time) {
            due.push_back(partition.get());
        }
    }
    if (due.size() >= kSpreadFrom) {
        parts_.parallel.for_each(due.size(), [&](std::size_t i) { task(*due[i]); });
        return;
    }
    for (Partition* partition : due) {
        task(*partition);
    }
}

// False while there are rows whose exact instants are not known yet.
bool ChangeTeller::gather(BeatContext context) {
    std::atomic<bool> all{true};
    for_due(context, [&](Partition& partition) {
        if (!partition.gather_due(kGatherPerPartition, context)) {
            all.store(false, std::memory_order_relaxed);
        }
    });
    behind_ = !all;
    return all;
}

void ChangeTeller::tell(BeatContext context) {
    Instant until = context.time;
    for (const auto& partition : parts_.partitions) {
        until = std::min(until, partition->due_horizon(kTellPerPartition, context));
    }
    std::atomic<bool> more{false};
    for_due(context, [&](Partition& partition) {
        if (partition.tell_due(until, kTellPerPartition, context).more) {
            more.store(true, std::memory_order_relaxed);
        }
    });
    told_until_ = std::max(told_until_, more ? Instant{until.ms - 1} : until);
    behind_ = more || until < context.time;
    // In the order of their instants, each customer's own order kept.
    std::vector<Change> all;
    for (const auto& partition : parts_.partitions) {
        std::ranges::move(partition->take_changes(), std::back_inserter(all));
    }
    std::ranges::stable_sort(all, earlier);
    std::ranges::move(all, std::back_inserter(said_));
}

// -- what becomes of it --

std::optional<Instant> ChangeTeller::mark(Instant now) const {
    return told_until_ == now ? std::nullopt : std::optional(told_until_);
}

void ChangeTeller::log_mark(std::uint64_t applied_seq, std::uint32_t policy_number) {
    if (said_.empty()) {
        return;
    }
    LogBatch batch;
    batch.first_seq = applied_seq + 1;
    batch.policy_revision = policy_number;
    batch.accepted_at = told_until_;
    batch.told_until = told_until_;
    (void)parts_.log.append(batch);  // its status says why not
}

void ChangeTeller::release(std::uint64_t applied_seq) {
    for (const auto& partition : parts_.partitions) {
        if (partition->has_changes()) {
            std::ranges::move(partition->take_changes(), std::back_inserter(said_));
        }
    }
    if (said_.empty()) {
        return;
    }
    for (Change& change : said_) {
        change.seq = applied_seq;
    }
    parts_.feed.append(std::exchange(said_, {}));
}

LiveCounts ChangeTeller::counts(std::uint64_t applied_seq, Instant now) const {
    LiveCounts counts;
    counts.tiers.resize(parts_.policy.policy.tiers.size());
    for (const auto& partition : parts_.partitions) {
        partition->add_counts(counts);
    }
    counts.offset = parts_.feed.head();
    counts.seq = applied_seq;
    counts.as_of = now;
    counts.policy = &parts_.policy;
    return counts;
}

std::optional<std::chrono::steady_clock::time_point> ChangeTeller::deadline() const {
    Instant next = kNever;
    for (const auto& partition : parts_.partitions) {
        next = std::min(next, partition->next_due());
    }
    if (next == kNever) {
        return std::nullopt;
    }
    // A clock set back waits until it is where it was.
    const std::int64_t left = std::max(next, time_).ms - parts_.clock.now().ms;
    const std::chrono::milliseconds wait(
        std::clamp<std::int64_t>(left, 0, kClockLookedAtEvery.count())
    );
    return std::chrono::steady_clock::now() + wait;
}

std::size_t ChangeTeller::armed() const {
    std::size_t armed = 0;
    for (const auto& partition : parts_.partitions) {
        armed += partition->armed();
    }
    return armed;
}

}  // namespace patron::store
