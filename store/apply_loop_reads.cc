#include "store/apply_loop.h"

// What a beat does beside events: questions, pages, scans, and idle work.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include <malloc.h>

#include "store/big_memory.h"

namespace patron::store {
namespace {

constexpr std::size_t kIdleRowsPerPartition = 2;
constexpr std::chrono::microseconds kIdleSlice{200};
// Idle work takes all cores for a slice. While the store is used it rests so many times as long as it worked,
// less when somebody had to ask for what it would have made ready.
constexpr int kRest = 3;
constexpr int kRestWhenAsked = 1;
constexpr std::chrono::milliseconds kScanSlice{1};  // a beat waits so long for a scan

}  // namespace

void ApplyLoop::answer(std::vector<CustomerQuestion>& questions, BeatContext now) {
    for (CustomerQuestion& question : questions) {
        answer(question, now);
    }
}

void ApplyLoop::answer(CustomerQuestion& question, BeatContext now) {
    Answers answers(question.ids.size());
    std::optional<Fault> fault = question.ids.size() < kSpreadWorkMin
                                     ? answer_in_turn(question, answers, now)
                                     : answer_spread(question, answers, now);
    parts_.counters.refreshed.fetch_add(question.ids.size(), std::memory_order_relaxed);
    if (fault) {
        question.done(std::unexpected(*std::move(fault)));
    } else {
        question.done(std::move(answers));
    }
}

// The usual few: who asks for one customer does not pay for lists by partition.
std::optional<Fault> ApplyLoop::answer_in_turn(
    const CustomerQuestion& question, Answers& answers, BeatContext now
) {
    for (std::size_t i = 0; i < question.ids.size(); ++i) {
        const std::size_t p = crc32c(question.ids[i]) % parts_.partitions.size();
        if (auto fault = answer_one(question, i, p, answers, now)) {
            return fault;
        }
    }
    return std::nullopt;
}

std::optional<Fault> ApplyLoop::answer_spread(
    const CustomerQuestion& question, Answers& answers, BeatContext now
) {
    const std::size_t partitions = parts_.partitions.size();
    std::vector<std::vector<std::size_t>> by_partition(partitions);
    for (std::size_t i = 0; i < question.ids.size(); ++i) {
        by_partition[crc32c(question.ids[i]) % partitions].push_back(i);
    }
    std::vector<std::optional<Fault>> faults(partitions);
    parallel_.for_each(partitions, [&](std::size_t p) {
        for (std::size_t at = 0; at < by_partition[p].size() && !faults[p]; ++at) {
            faults[p] = answer_one(question, by_partition[p][at], p, answers, now);
        }
    });
    const auto found =
        std::ranges::find_if(faults, [](const auto& fault) { return fault.has_value(); });
    return found != faults.end() ? std::move(*found) : std::nullopt;
}

std::optional<Fault> ApplyLoop::answer_one(
    const CustomerQuestion& question,
    std::size_t i,
    std::size_t partition,
    Answers& answers,
    BeatContext now
) {
    auto answer =
        parts_.partitions[partition]->answer(question.ids[i], question.at, question.portrait, now);
    if (!answer) {
        return std::move(answer.error());
    }
    answers[i] = *std::move(answer);
    if (answers[i]) {
        answers[i]->reading.seq = applied_seq();
    }
    return std::nullopt;
}

void ApplyLoop::answer(PictureQuestion& question, BeatContext now) {
    PicturePage page;
    std::size_t p = question.from.partition;
    Row from = question.from.row;
    for (; p < parts_.partitions.size(); ++p, from = 0) {
        const auto next = parts_.partitions[p]->picture(question, from, page, now);
        if (next) {
            page.next = RowPlace{static_cast<std::uint32_t>(p), *next};
            break;
        }
    }
    teller_.release(applied_seq());
    page.offset = parts_.feed.head();
    page.seq = applied_seq();
    page.as_of = now.now;
    page.policy = &parts_.policy;
    question.done(std::move(page));
}

void ApplyLoop::settle_waits(bool stopping) {
    const std::uint64_t seq = parts_.counters.applied_seq.load(std::memory_order_relaxed);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(waits_, [&](SeqWait& wait) {
        const bool reached = wait.told ? teller_.told_all(*wait.told) : wait.seq <= seq;
        if (!reached && !stopping && now < wait.deadline) {
            return false;
        }
        wait.done(reached);
        return true;
    });
}

void ApplyLoop::carry_scan_on(BeatContext now) {
    const SteadyTime begun = std::chrono::steady_clock::now();
    if (scans_.empty() || begun < scan_rests_until_) {
        return;
    }
    PendingScan& pending = scans_.front();
    if (scan_from_.empty()) {
        scan_at_ = pending.at.value_or(now.now);
        scan_from_.assign(parts_.partitions.size(), Row{0});
        pending.scan->begin(parts_.partitions.size());
    }
    // Each thread takes one partition after the other: there is nothing to wait for until the slice ends.
    const auto end = begun + kScanSlice;
    std::atomic<std::size_t> next{0};
    parallel_.for_each(parallel_.threads(), [&](std::size_t) {
        for (std::size_t p;
             (p = next.fetch_add(1, std::memory_order_relaxed)) < scan_from_.size();) {
            if (auto& from = scan_from_[p]) {
                from = parts_.partitions[p]->scan(*pending.scan, p, {*from, scan_at_, end}, now);
                if (from) {
                    return;
                }
            }
        }
    });
    const auto seen = [](const std::optional<Row>& from) {
        return !from.has_value();
    };
    if (std::ranges::all_of(scan_from_, seen)) {
        pending.scan->finish({scan_at_, applied_seq(), &parts_.policy});
        scans_.pop_front();
        scan_from_.clear();
    }
    if (parts_.lately_used.take()) {
        const SteadyTime done = std::chrono::steady_clock::now();
        scan_rests_until_ = done + (done - begun);
    }
}

void ApplyLoop::abandon_scans() {
    for (PendingScan& pending : scans_) {
        pending.scan->abandon();
    }
    scans_.clear();
}

// What is due comes first, so that it is told in its order.
void ApplyLoop::idle_work(BeatContext now, bool idle) {
    const bool keeping = keeper_.work(idle, applied_seq());
    if (!idle || held_off_until_ || teller_.behind()) {
        idle_work_left_ = true;
    } else {
        idle_work_left_ = keeping || prepare_for_readers(now);
    }
}

bool ApplyLoop::prepare_for_readers(BeatContext now) {
    const SteadyTime begun = std::chrono::steady_clock::now();
    const bool left = make_outlooks_ready(now) || compact_one();
    const bool used = parts_.lately_used.take();
    const bool asked = std::exchange(asked_lately_, false);
    if (left && used) {
        const SteadyTime end = std::chrono::steady_clock::now();
        held_off_until_ = end + (asked ? kRestWhenAsked : kRest) * (end - begun);
    }
    return left;
}

// By time, as the outlook of a customer with many orders takes long; the next slice goes on where this one ended.
bool ApplyLoop::make_outlooks_ready(BeatContext now) {
    const auto end = std::chrono::steady_clock::now() + kIdleSlice;
    const std::size_t partitions = parts_.partitions.size();
    std::atomic<std::size_t> begun{0};
    std::atomic<bool> left{false};
    parallel_.for_each(parallel_.threads(), [&](std::size_t) {
        for (std::size_t i; (i = begun.fetch_add(1, std::memory_order_relaxed)) < partitions;) {
            Partition& partition = *parts_.partitions[(outlooks_from_ + i) % partitions];
            if (partition.prepare_outlooks(kIdleRowsPerPartition, now)) {
                left.store(true, std::memory_order_relaxed);
            }
            if (std::chrono::steady_clock::now() >= end) {
                return;
            }
        }
    });
    const std::size_t seen = std::min(begun.load(std::memory_order_relaxed), partitions);
    outlooks_from_ = (outlooks_from_ + seen) % partitions;
    return seen < partitions || left.load(std::memory_order_relaxed);
}

// Each pool packed gives its old memory back to the system before the next one is; behind the last, so does
// the allocator.
bool ApplyLoop::compact_one() {
    if (trim_passing_memory()) {
        return true;
    }
    const bool packed =
        std::any_of(parts_.partitions.begin(), parts_.partitions.end(), [](const auto& partition) {
            return partition->compact();
        });
    if (!packed && packed_before_) {
        malloc_trim(0);
    }
    packed_before_ = packed;
    return packed;
}

// -- counting --

void ApplyLoop::count_beat(SteadyTime begun) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun
    );
    const auto us = static_cast<std::uint64_t>(took.count());
    const auto bucket =
        std::lower_bound(kBeatBucketsUs.begin(), kBeatBucketsUs.end(), us) - kBeatBucketsUs.begin();
    BeatCounters& c = parts_.counters;
    c.beats.fetch_add(1, std::memory_order_relaxed);
    c.beat_us_sum.fetch_add(us, std::memory_order_relaxed);
    c.beat_buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
}

// Every beat, so that who reads behind a write's answer finds its customers counted.
void ApplyLoop::count_customers() {
    std::uint64_t customers = 0;
    for (const auto& partition : parts_.partitions) {
        customers += partition->customers();
    }
    parts_.counters.customers.store(customers, std::memory_order_relaxed);
}

void ApplyLoop::count_store() {
    std::uint64_t erased = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    for (const auto& partition : parts_.partitions) {
        erased += partition->erased();
        entries += partition->entries();
        bytes += partition->bytes();
    }
    parts_.counters.erased.store(erased, std::memory_order_relaxed);
    parts_.counters.entries.store(entries, std::memory_order_relaxed);
    parts_.counters.bytes.store(bytes, std::memory_order_relaxed);
    parts_.counters.armed.store(teller_.armed(), std::memory_order_relaxed);
    parts_.counters.told_until_ms.store(teller_.told_until().ms, std::memory_order_relaxed);
}

}  // namespace patron::store
