#include "store/recovery.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "store/partition_map.h"
#include "store/snapshot_file.h"

namespace patron::store {
namespace {

constexpr std::size_t kReplayEventsMax = 131'072;
constexpr std::size_t kReplayBytesMax = 32 * 1024 * 1024;
constexpr std::uint64_t kProgressEvery = 4096;

using Phase = RecoveryProgress::Phase;

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Result<void> stopped() {
    return fail(FaultCode::Stopping, "stopped during recovery; the next start begins it anew");
}

}  // namespace

Result<RecoveryReport> Recovery::run() {
    report_.notices = parts_.folder.notices();
    const auto begun = std::chrono::steady_clock::now();
    if (const auto done = load_snapshot(); !done) {
        return std::unexpected(done.error());
    }
    report_.snapshot_seconds = report_.snapshot ? seconds_since(begun) : 0;
    const auto loaded = std::chrono::steady_clock::now();
    if (const auto done = replay(); !done) {
        return std::unexpected(done.error());
    }
    report_.replay_seconds = seconds_since(loaded);
    report_.seq = parts_.log.status().last_seq;
    return std::move(report_);
}

// -- the snapshot --

Result<std::vector<std::string>> Recovery::snapshots_newest_first() {
    FileSystem& files = parts_.folder.files();
    auto names = files.list(parts_.folder.snapshots());
    if (!names) {
        return names;
    }
    for (const std::string& name : *names) {
        if (name.ends_with(".part")) {
            if (auto done = files.remove(parts_.folder.snapshots() + "/" + name); !done) {
                return std::unexpected(done.error());
            }
            report_.notices.push_back("an unfinished snapshot was removed: " + name);
        }
    }
    std::erase_if(*names, [](const std::string& name) { return !snapshot_seq(name); });
    std::ranges::reverse(*names);  // equal widths: by name is by sequence number
    return names;
}

Result<void> Recovery::load_snapshot() {
    const auto names = snapshots_newest_first();
    if (!names) {
        return std::unexpected(names.error());
    }
    std::string why;
    for (const std::string& name : *names) {
        const auto done = load(name);
        if (done) {
            return {};
        }
        if (done.error().code == FaultCode::Stopping) {
            return done;
        }
        why = "snapshot " + name + " was passed over: " + done.error().detail;
        report_.notices.push_back(why);
    }
    start_empty();
    const LogStatus log = parts_.log.status();
    if (log.first_seq > 1) {
        return fail(
            FaultCode::DataDamaged,
            "the log begins at event " + std::to_string(log.first_seq) +
                " and no snapshot leads up to it" + (why.empty() ? "" : " (" + why + ")") +
                "; start with the policy of the newest snapshot, or restore a backup"
        );
    }
    return {};
}

void Recovery::start_empty() {
    applied_.assign(parts_.partitions.size(), 0);
    report_.snapshot.reset();
    for (auto& partition : parts_.partitions) {
        if (partition->customers() > 0 || partition->erased() > 0) {
            partition = parts_.make_partition();
            partition->begin_replay();
        }
    }
}

Result<bool> Recovery::fits(const SnapshotReader& reader, const std::string& name) {
    const SnapshotAbout& about = reader.about();
    const DataFolder& folder = parts_.folder;
    if (about.folder != folder.identity() || about.hash_seed != folder.hash_seed() ||
        about.partitions != parts_.partitions.size()) {
        return fail(FaultCode::DataDamaged, name + " belongs to another data folder");
    }
    if (about.policy != folder.policy()) {
        return fail(FaultCode::DataFolder, "it was made under another policy");
    }
    const LogStatus log = parts_.log.status();
    if (log.last_seq < reader.info().to_seq) {
        return fail(
            FaultCode::DataDamaged,
            "the log ends at event " + std::to_string(log.last_seq) + ", the snapshot is as of " +
                std::to_string(reader.info().to_seq)
        );
    }
    if (log.first_seq > reader.info().from_seq + 1) {
        return fail(FaultCode::DataDamaged, "the log does not reach back to it");
    }
    return true;
}

Result<void> Recovery::load(const std::string& name) {
    const auto reader =
        SnapshotReader::open(parts_.folder.files(), parts_.folder.snapshots() + "/" + name);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    if (const auto fit = fits(**reader, name); !fit) {
        return std::unexpected(fit.error());
    }
    start_empty();
    parts_.board.progress(Phase::Snapshot, 0, (*reader)->info().rows);
    std::vector<std::optional<Fault>> faults(parts_.partitions.size());
    parts_.parallel.for_each(parts_.partitions.size(), [&](std::size_t p) {
        if (parts_.board.stopping()) {
            faults[p] = stopped().error();
            return;
        }
        Partition& partition = *parts_.partitions[p];
        partition.expect_rows((*reader)->rows(static_cast<std::uint32_t>(p)));
        std::uint64_t rows = 0;
        const auto saved = (*reader)->read_partition(
            static_cast<std::uint32_t>(p),
            [&](const SavedCustomer& customer) {
                partition.load(customer);
                if (++rows % kProgressEvery == 0) {
                    parts_.board.add_done(kProgressEvery);
                }
            }
        );
        if (!saved) {
            faults[p] = saved.error();
            return;
        }
        partition.load_closing(*saved);
        applied_[p] = saved->applied_seq;
    });
    for (auto& fault : faults) {
        if (fault) {
            return std::unexpected(*std::move(fault));
        }
    }
    report_.snapshot = (*reader)->info();
    return {};
}

// -- the log behind it --

Result<void> Recovery::replay() {
    const std::uint64_t from = *std::ranges::min_element(applied_) + 1;
    const std::uint64_t last = parts_.log.status().last_seq;
    parts_.board.progress(Phase::Replay, 0, last < from ? 0 : last - from + 1);
    if (from > last) {
        return {};
    }
    auto cursor = parts_.log.read_from(from);
    if (!cursor) {
        return std::unexpected(cursor.error());
    }
    for (;;) {
        if (parts_.board.stopping()) {
            return stopped();
        }
        const auto more = read_group(**cursor);
        if (!more) {
            return std::unexpected(more.error());
        }
        if (const auto done = decode_group(); !done) {
            return done;
        }
        apply_group();
        if (!*more) {
            return {};
        }
    }
}

Result<bool> Recovery::read_group(LogCursor& cursor) {
    group_.clear();
    std::size_t events = 0;
    std::size_t bytes = 0;
    while (events < kReplayEventsMax && bytes < kReplayBytesMax) {
        Decoded next;
        const auto more = cursor.next(next.stored);
        if (!more || !*more) {
            return more;
        }
        events += next.stored.events;
        bytes += next.stored.bytes.size();
        group_.push_back(std::move(next));
    }
    return true;
}

Result<void> Recovery::decode_group() {
    parts_.parallel.for_each(group_.size(), [this](std::size_t i) { decode(group_[i]); });
    for (const Decoded& batch : group_) {
        if (!batch.events) {
            Fault fault = batch.events.error();
            fault.detail = "event " + std::to_string(batch.stored.first_seq) +
                           " and behind: " + fault.detail +
                           "; `patron log repair` sets the damage aside";
            return std::unexpected(std::move(fault));
        }
        if (const auto known = check_overrides(batch); !known) {
            return known;
        }
    }
    return {};
}

void Recovery::decode(Decoded& batch) const {
    const StoredBatch& stored = batch.stored;
    if (const auto good = check(stored); !good) {
        batch.events = std::unexpected(good.error());
        return;
    }
    batch.events = decode_events(stored.format, stored.bytes, stored.events);
    if (!batch.events) {
        return;
    }
    std::vector<Event>& events = batch.events->batch.events;
    batch.beat.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        Event& event = events[i];
        event.at = std::min(event.at, stored.accepted_at);  // as it was applied then
        const std::uint64_t hash = customer_hash(event.customer, parts_.folder.hash_seed());
        const std::uint64_t id_hash = event.id.empty() ? 0 : hash_bytes(event.id, hash);
        batch.beat.push_back({&event, hash, id_hash, 0, 0, Outcome::Pending});
        batch.seqs.push_back(stored.first_seq + batch.events->positions[i]);
    }
}

Result<void> Recovery::check_overrides(const Decoded& batch) const {
    const auto& tiers = parts_.policy.policy.tiers;
    for (std::size_t i = 0; i < batch.beat.size(); ++i) {
        const auto* by = std::get_if<std::unique_ptr<Override>>(&batch.beat[i].event->body);
        if (by == nullptr || (*by)->mode == OverrideMode::Clear) {
            continue;
        }
        const auto known = [&](const scoring::Tier& tier) {
            return tier.name == (*by)->tier;
        };
        if (std::ranges::none_of(tiers, known)) {
            return fail(
                FaultCode::DataFolder,
                "event " + std::to_string(batch.seqs[i]) + " overrides to tier \"" +
                    std::string((*by)->tier) +
                    "\", which this policy does not name; "
                    "start with a policy that names it"
            );
        }
    }
    return {};
}

void Recovery::apply_group() {
    events_.clear();
    mine_.assign(parts_.partitions.size(), {});
    ids_.assign(parts_.partitions.size(), {});
    for (const Decoded& batch : group_) {
        gather(batch);
    }
    parts_.parallel.for_each(parts_.partitions.size(), [this](std::size_t p) {
        Partition& partition = *parts_.partitions[p];
        for (const std::uint64_t id : ids_[p]) {
            (void)partition.remember(id);  // logged, so no duplicate
        }
        partition.settle_ids();
        // The instants were cut when they were decoded.
        partition.apply(events_, mine_[p], {parts_.policy, scoring::kNever});
    });
    for (const Decoded& batch : group_) {
        report_.replayed += batch.stored.events;
        parts_.board.add_done(batch.stored.events);
    }
}

// Events and what stays of removed ones, in the order of their sequence numbers: the window remembers
// the ids of both.
void Recovery::gather(const Decoded& batch) {
    const std::vector<RemovedEvent>& removed = batch.events->removed;
    auto gone = removed.begin();
    for (std::size_t i = 0; i <= batch.beat.size(); ++i) {
        const bool last = i == batch.beat.size();
        for (; gone != removed.end() && (last || gone->position < batch.events->positions[i]);
             ++gone) {
            add(batch, *gone);
        }
        if (last || batch.seqs[i] <= applied_[partition_of(batch.beat[i].hash, mine_.size())]) {
            continue;
        }
        const BeatEvent& event = batch.beat[i];
        const std::size_t p = partition_of(event.hash, mine_.size());
        mine_[p].push_back(static_cast<std::uint32_t>(events_.size()));
        events_.push_back(event);
        if (!event.event->id.empty()) {
            ids_[p].push_back(event.id_hash);
        }
    }
}

void Recovery::add(const Decoded& batch, const RemovedEvent& gone) {
    const std::size_t p = partition_of(gone.customer_hash, mine_.size());
    if (batch.stored.first_seq + gone.position <= applied_[p]) {
        return;
    }
    if (gone.id_hash != 0) {
        ids_[p].push_back(gone.id_hash);
    }
    if (gone.erasure) {
        parts_.partitions[p]->bury(gone.customer_hash);
    }
}

}  // namespace patron::store
