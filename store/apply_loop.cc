#include "store/apply_loop.h"

#include <algorithm>
#include <unordered_set>

#include <pthread.h>

#include "store/beat_check.h"
#include "store/beat_log.h"
#include "store/limits.h"
#include "store/recovery.h"

namespace patron::store {
namespace {

constexpr std::size_t kHashesPerTask = 2048;
constexpr auto kCountEvery = std::chrono::milliseconds(50);
// Who had an answer often asks again at once: idle work waits this long, so that it is not in the way.
constexpr auto kHoldOff = std::chrono::milliseconds(1);

}  // namespace

ApplyLoop::ApplyLoop(Parts parts)
    : parts_(parts)
    , parallel_(parts.threads)
    , keeper_({parts.partitions, parts.folder, parts.log, parts.clock, parts.keep, parts.board})
    , teller_({parts.partitions, parallel_, parts.log, parts.clock, parts.policy, parts.feed})
    , mine_(parts.partitions.size())
    , thread_([this] { run(); }) {}

ApplyLoop::~ApplyLoop() {
    thread_.join();
}

void ApplyLoop::run() {
    ::pthread_setname_np(::pthread_self(), "patron-beat");  // and so are the helpers it starts
    if (!recover()) {
        return;
    }
    bool busy = false;
    while (beat(busy)) {
        const bool scanning =
            !scans_.empty() && std::chrono::steady_clock::now() >= scan_rests_until_;
        busy = scanning || teller_.behind() || (idle_work_left_ && !held_off_until_);
    }
}

bool ApplyLoop::recover() {
    if (parts_.folder == nullptr) {
        teller_.begin();
        parts_.board.end_recovery(RecoveryReport{});
        return true;
    }
    Recovery recovery(
        {parts_.partitions,
         parts_.make_partition,
         *parts_.folder,
         parts_.log,
         parts_.policy,
         parallel_,
         parts_.board}
    );
    auto report = recovery.run();
    if (report) {
        parts_.counters.applied_seq.store(report->seq, std::memory_order_release);
        keeper_.begin(*report);
        teller_.begin();
        count_customers();
        count_store();
    }
    parts_.board.end_recovery(report);
    return report.has_value();
}

std::optional<ApplyLoop::SteadyTime> ApplyLoop::deadline() const {
    std::optional<SteadyTime> out = keeper_.deadline();
    const auto consider = [&out](std::optional<SteadyTime> at) {
        if (at) {
            out = out ? std::min(*out, *at) : *at;
        }
    };
    consider(teller_.deadline());
    consider(held_off_until_);
    if (!scans_.empty()) {
        consider(scan_rests_until_);
    }
    for (const SeqWait& wait : waits_) {
        consider(wait.deadline);
    }
    return out;
}

bool ApplyLoop::beat(bool busy) {
    Taken taken = parts_.queue.take(busy, deadline(), {waits_.size(), !scans_.empty()});
    const SteadyTime begun = std::chrono::steady_clock::now();
    std::move(taken.waits.begin(), taken.waits.end(), std::back_inserter(waits_));
    std::move(taken.scans.begin(), taken.scans.end(), std::back_inserter(scans_));
    keeper_.take(std::move(taken.keeps));
    const bool idle = taken.requests.empty() && taken.questions.empty();
    const BeatContext now = teller_.context();
    teller_.work(now, !idle || held_off_until_);
    // Before the events: a reader who has to ask waits for one beat at most.
    asked_lately_ |= !taken.questions.empty();
    answer(taken.questions, now);
    if (!taken.requests.empty()) {
        apply(taken.requests, now);
        count_beat(begun);
        held_off_until_ = std::chrono::steady_clock::now() + kHoldOff;
    } else {
        teller_.log_mark(applied_seq(), parts_.policy_number);
        if (held_off_until_ && begun >= *held_off_until_) {
            held_off_until_.reset();
        }
    }
    teller_.release(applied_seq());
    for (PictureQuestion& question : taken.pictures) {
        answer(question, now);
    }
    for (CountQuestion& done : taken.counts) {
        done(teller_.counts(applied_seq(), now.now));
    }
    settle_waits(taken.stopping);
    if (taken.stopping && idle) {
        abandon_scans();
        teller_.finish(now);
        teller_.release(applied_seq());
        keeper_.finish(applied_seq());
        return false;
    }
    carry_scan_on(now);
    idle_work(now, idle);
    teller_.release(applied_seq());
    if (begun - counted_at_ >= kCountEvery || !idle_work_left_) {
        count_store();
        counted_at_ = begun;
    }
    return true;
}

Partition& ApplyLoop::partition_for(std::uint64_t hash) {
    return *parts_.partitions[partition_of(hash, parts_.partitions.size())];
}

void ApplyLoop::for_partitions(std::size_t work, const std::function<void(std::size_t)>& task) {
    if (work >= kSpreadWorkMin) {
        parallel_.for_each(parts_.partitions.size(), task);
        return;
    }
    for (std::size_t p = 0; p < parts_.partitions.size(); ++p) {
        task(p);
    }
}

// -- requests --

void ApplyLoop::apply(std::vector<IngestRequest>& requests, BeatContext now) {
    gather(requests);
    std::optional<Fault> refused;
    const std::size_t count = check(requests, refused);
    std::vector<IngestReply> replies = replies_of(count);
    if (const auto logged = append(requests, replies, now.now); !logged) {
        take_back_ids(0);
        for (IngestRequest& request : requests) {
            refuse(request, logged.error());
        }
        return;
    }
    apply_partitions(count, now);
    count_customers();
    if (!replies.empty()) {
        // First: who reads a sequence number finds what its events changed in the feed.
        teller_.release(replies.back().seq);
        parts_.counters.applied_seq.store(replies.back().seq, std::memory_order_release);
    }
    reply(requests, replies, now);
    if (refused) {
        parts_.counters.rejected.fetch_add(1, std::memory_order_relaxed);
        refuse(requests[count], *refused);
        requests.erase(requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(count) + 1);
        parts_.queue.put_back(std::move(requests));
    }
}

void ApplyLoop::refuse(IngestRequest& request, const Fault& fault) {
    if (request.idempotency) {
        parts_.answers.release(request.idempotency->key);
    }
    request.done(std::unexpected(fault));
}

void ApplyLoop::gather(std::vector<IngestRequest>& requests) {
    events_.clear();
    first_event_.clear();
    for (auto& mine : mine_) {
        mine.clear();
    }
    skipped_.assign(requests.size(), {});
    for (std::size_t r = 0; r < requests.size(); ++r) {
        first_event_.push_back(events_.size());
        const std::vector<Event>& batch = requests[r].batch.events;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const std::uint64_t hash = requests[r].hashes[i];
            mine_[partition_of(hash, mine_.size())].push_back(
                static_cast<std::uint32_t>(events_.size())
            );
            events_.push_back(
                {&batch[i],
                 hash,
                 0,
                 static_cast<std::uint32_t>(r),
                 static_cast<std::uint32_t>(i),
                 Outcome::Pending}
            );
        }
    }
    first_event_.push_back(events_.size());
    // In the order in which they lie in memory.
    const std::size_t tasks = events_.size() / kHashesPerTask + 1;
    parallel_.for_each(tasks, [this](std::size_t task) {
        const std::size_t end = std::min(events_.size(), (task + 1) * kHashesPerTask);
        for (std::size_t i = task * kHashesPerTask; i < end; ++i) {
            events_[i].id_hash = hash_bytes(events_[i].event->id, events_[i].hash);
        }
    });
}

bool ApplyLoop::worth_refusing() const {
    const bool asked = std::any_of(events_.begin(), events_.end(), [](const BeatEvent& e) {
        return needs_check(*e.event);
    });
    return asked || std::any_of(
                        parts_.partitions.begin(),
                        parts_.partitions.end(),
                        [this](const auto& partition) {
                            return partition->room() < events_.size() ||
                                   partition->ledger_size_max() + 2 * events_.size() >
                                       limits::kEntriesPerCustomerMax;
                        }
                    );
}

std::size_t ApplyLoop::check(std::vector<IngestRequest>& requests, std::optional<Fault>& refused) {
    const bool refusing = worth_refusing();
    std::vector<std::vector<std::pair<std::uint32_t, Fault>>> faults(mine_.size());
    for_partitions(events_.size(), [&](std::size_t p) {
        BeatCheck check(*parts_.partitions[p], parts_.policy.policy);
        faults[p] = check.run(events_, mine_[p], refusing);
    });
    // The first event at fault of a request that wants all or nothing ends the beat before it.
    std::size_t cut = events_.size();
    for (auto& list : faults) {
        for (auto& [i, fault] : list) {
            if (requests[events_[i].request].on_error == OnError::Reject && i < cut) {
                cut = i;
                refused = fault;
            }
        }
    }
    const std::size_t count = refused ? events_[cut].request : requests.size();
    take_back_ids(first_event_[count]);
    for (auto& list : faults) {
        for (auto& [i, fault] : list) {
            if (events_[i].request < count) {
                skipped_[events_[i].request].push_back(std::move(fault));
            }
        }
    }
    for (auto& list : skipped_) {
        std::sort(list.begin(), list.end(), [](const Fault& a, const Fault& b) {
            return a.index < b.index;
        });
    }
    return count;
}

// Of the events from there on, which this beat will not apply.
void ApplyLoop::take_back_ids(std::size_t first_event) {
    if (first_event == events_.size()) {
        return;
    }
    for_partitions(events_.size() - first_event, [&](std::size_t p) {
        const auto& mine = mine_[p];
        for (auto at = mine.rbegin(); at != mine.rend() && *at >= first_event; ++at) {
            BeatEvent& event = events_[*at];
            if (event.outcome == Outcome::Pending && !event.event->id.empty()) {
                parts_.partitions[p]->take_back_id();
            }
            event.outcome = Outcome::Refused;
        }
    });
}

// What the first `requests` requests will be told: everything but scores is known before it happens.
std::vector<IngestReply> ApplyLoop::replies_of(std::size_t requests) {
    std::vector<IngestReply> replies(requests);
    std::uint64_t seq = applied_seq();
    for (std::size_t r = 0; r < requests; ++r) {
        for (std::size_t i = first_event_[r]; i < first_event_[r + 1]; ++i) {
            replies[r].accepted += events_[i].outcome == Outcome::Pending ? 1 : 0;
            replies[r].duplicates += events_[i].outcome == Outcome::Duplicate ? 1 : 0;
        }
        seq += replies[r].accepted;
        replies[r].seq = seq;
        replies[r].rejected = std::move(skipped_[r]);
    }
    return replies;
}

Result<void> ApplyLoop::append(
    std::vector<IngestRequest>& requests, const std::vector<IngestReply>& replies, Instant now
) {
    BeatLog log(applied_seq() + 1, now, parts_.policy_number);
    for (std::size_t i = 0; i < first_event_[replies.size()]; ++i) {
        if (events_[i].outcome == Outcome::Pending) {
            log.add(*events_[i].event, events_[i].hash);
        }
    }
    kept_answers_.clear();
    for (std::size_t r = 0; r < replies.size(); ++r) {
        if (auto& key = requests[r].idempotency) {
            kept_answers_.push_back({key->key, key->fingerprint, now, key->render(replies[r])});
        }
    }
    if (log.empty() && kept_answers_.empty()) {
        teller_.log_mark(applied_seq(), parts_.policy_number);
        return {};
    }
    LogBatch batch = log.batch(kept_answers_);
    // A batch without events leaves no row whose instant could stand for it.
    batch.told_until = log.empty() ? std::optional(teller_.told_until()) : teller_.mark(now);
    return parts_.log.append(batch);
}

void ApplyLoop::apply_partitions(std::size_t requests, BeatContext context) {
    const std::size_t end = first_event_[requests];
    for_partitions(end, [&](std::size_t p) {
        auto& mine = mine_[p];
        const auto behind = std::lower_bound(mine.begin(), mine.end(), end);
        const auto count = static_cast<std::size_t>(behind - mine.begin());
        parts_.partitions[p]->settle_ids();
        parts_.partitions[p]->apply(events_, {mine.data(), count}, context);
    });
}

void ApplyLoop::reply(
    std::vector<IngestRequest>& requests, std::vector<IngestReply>& replies, BeatContext context
) {
    for (KeptAnswer& answer : kept_answers_) {
        parts_.answers.keep(std::move(answer));
    }
    for (std::size_t r = 0; r < replies.size(); ++r) {
        parts_.counters.duplicates.fetch_add(replies[r].duplicates, std::memory_order_relaxed);
        if (requests[r].return_scores_max > 0) {
            add_scores(requests[r], replies[r], context);
        }
        requests[r].done(std::move(replies[r]));
    }
}

void ApplyLoop::add_scores(IngestRequest& request, IngestReply& reply, BeatContext context) {
    std::unordered_set<std::string_view> named;
    for (std::size_t i = 0; i < request.batch.events.size(); ++i) {
        const std::string_view id = request.batch.events[i].customer;
        if (named.size() >= request.return_scores_max || !named.insert(id).second) {
            continue;
        }
        auto answer = partition_for(request.hashes[i]).answer(id, std::nullopt, false, context);
        if (answer && *answer) {
            (*answer)->reading.seq = parts_.counters.applied_seq.load(std::memory_order_relaxed);
            reply.scores.emplace_back(std::string(id), **std::move(answer));
        }
    }
}

}  // namespace patron::store
