#include "store/folder_check.h"

#include <algorithm>
#include <utility>

#include "store/snapshot_file.h"
#include "store/table_check.h"

namespace patron::store {
namespace {

constexpr const char* kRepair = "`patron log repair` sets it aside; or restore a backup";
constexpr const char* kRestore = "restore a backup";

class FolderCheck {
  public:
    explicit FolderCheck(FolderReading& folder) : folder_(folder) {}

    FolderReport run() {
        wal();
        structure();
        meta();
        batches();
        tables();
        snapshots();
        reach();
        return std::move(report_);
    }

  private:
    void add(
        std::string file,
        std::optional<std::uint64_t> seq,
        std::string what,
        std::string next_step,
        std::optional<std::uint64_t> offset = std::nullopt
    ) {
        report_.findings.push_back(
            {std::move(file), seq, offset, std::move(what), std::move(next_step)}
        );
    }
    void wal();
    void structure();
    void meta();
    void batches();
    void batch(const WalkedBatch& found);
    void tables();
    void snapshots();
    void snapshot(const std::string& name);
    bool belongs(const SnapshotAbout& about) const;
    void reach();

    FolderReading& folder_;
    FolderReport report_;
    std::uint64_t expected_ = 0;  // first_seq of the next batch; 0: any
    bool whole_ = true;           // the batch before was sound
};

void FolderCheck::wal() {
    if (const auto* damaged = std::get_if<WalDamaged>(&folder_.wal())) {
        add(kWalName,
            std::nullopt,
            damaged->reason + ", with committed batches behind it",
            kRepair,
            damaged->offset);
    }
    if (const auto* torn = std::get_if<WalTornTail>(&folder_.wal())) {
        report_.notices.push_back(
            std::string(kWalName) + ": a torn tail of " + std::to_string(torn->bytes) +
            " bytes at byte " + std::to_string(torn->offset) + ", never acknowledged; the next " +
            "start cuts it"
        );
    }
}

void FolderCheck::structure() {
    const auto findings = folder_.db().integrity(false);
    if (!findings) {
        add(kDatabaseName, std::nullopt, findings.error().detail, kRepair);
    } else if (*findings != "ok") {
        add(kDatabaseName, std::nullopt, *findings, kRepair);
    }
}

void FolderCheck::meta() {
    auto meta = read_meta(folder_.db());
    if (!meta) {
        add(kDatabaseName, std::nullopt, meta.error().detail, kRestore);
        return;
    }
    report_.meta = *std::move(meta);
}

void FolderCheck::batches() {
    BatchWalk walk(folder_.db());
    for (WalkedBatch found; walk.next(found);) {
        batch(found);
    }
}

void FolderCheck::batch(const WalkedBatch& found) {
    if (!found.row) {
        add(kDatabaseName, std::nullopt, "table batch: " + found.damage->detail, kRepair);
        whole_ = false;
        expected_ = 0;
        return;
    }
    const StoredBatch& b = found.stored;
    ++report_.counts.batches;
    report_.counts.bytes += b.bytes.size();
    if (expected_ != 0 && b.first_seq != expected_) {
        const bool gap = b.first_seq > expected_;
        const std::string range = gap ? std::to_string(expected_) + " to " +
                                            std::to_string(b.first_seq - 1) + " are missing"
                                      : std::to_string(b.first_seq) + " to " +
                                            std::to_string(expected_ - 1) + " are there twice";
        add(kDatabaseName, gap ? expected_ : b.first_seq, "events " + range, kRepair);
        whole_ = false;
    }
    if (found.damage) {
        add(kDatabaseName, b.first_seq, found.damage->detail, kRepair);
        whole_ = false;
        // What a damaged row says of its length is not to be trusted.
        expected_ = found.damage->detail.starts_with("record ") ? b.last_seq() + 1 : 0;
        return;
    }
    report_.counts.events += found.events.positions.size();
    report_.counts.removed += found.events.removed.size();
    report_.reached = std::max(report_.reached, b.last_seq());
    if (whole_ && !report_.runs.empty()) {
        report_.runs.back().last = b.last_seq();
    } else {
        report_.runs.push_back({b.first_seq, b.last_seq()});
    }
    whole_ = true;
    expected_ = b.last_seq() + 1;
}

void FolderCheck::tables() {
    const auto look = [&](const TableCheck& table, std::uint64_t& count) {
        const auto seen = check_table(folder_.db(), table, [&](const std::string& what) {
            add(kDatabaseName, std::nullopt, what, kRepair);
        });
        count = seen;
    };
    look(policy_table(), report_.counts.policies);
    look(answer_table(), report_.counts.answers);
    look(erasure_table(), report_.counts.erasures);
    look(audit_table(), report_.counts.audit);
    const auto head = read_head(folder_.db());
    if (!head) {
        add(kDatabaseName, std::nullopt, head.error().detail, kRepair);
        return;
    }
    const std::uint64_t last = report_.runs.empty() ? 0 : report_.runs.back().last;
    // Without any batch the head alone says how far the log had come before it was forgotten.
    if (report_.counts.batches > 0 && last < *head && whole_) {
        add(kDatabaseName,
            last,
            "the log ends at event " + std::to_string(last) + " but had reached " +
                std::to_string(*head),
            kRepair);
    }
    report_.reached = std::max(report_.reached, *head);
}

void FolderCheck::snapshots() {
    const auto names = folder_.files().list(folder_.path("snapshots"));
    if (!names) {
        return;  // made at the next start
    }
    for (const std::string& name : *names) {
        if (snapshot_seq(name)) {
            snapshot(name);
        } else if (name.ends_with(".part")) {
            report_.notices.push_back(
                "snapshots/" + name + ": unfinished; the next start removes it"
            );
        }
    }
}

void FolderCheck::snapshot(const std::string& name) {
    const std::string file = "snapshots/" + name;
    constexpr const char* kUnused =
        "move it away: an older one, or the log, leads to the same state";
    ++report_.counts.snapshots;
    const auto info = verify_snapshot(folder_.files(), folder_.path(file));
    if (!info) {
        add(file, std::nullopt, info.error().detail, kUnused);
        return;
    }
    const auto reader = SnapshotReader::open(folder_.files(), folder_.path(file));
    if (!reader || !belongs((*reader)->about())) {
        add(file, std::nullopt, "it belongs to another data folder", kUnused);
        return;
    }
    if (info->to_seq > report_.reached) {
        add(file,
            report_.reached,
            "it is as of event " + std::to_string(info->to_seq) + ", the log ends at " +
                std::to_string(report_.reached),
            kRestore);
    }
    report_.snapshots.push_back(*info);
}

bool FolderCheck::belongs(const SnapshotAbout& about) const {
    return !report_.meta || about.folder == report_.meta->at("identity");
}

// Whether a start finds a way from nothing to the newest event.
void FolderCheck::reach() {
    const std::uint64_t first = report_.runs.empty() ? report_.reached + 1 : report_.runs[0].first;
    const bool led = first <= 1 || std::ranges::any_of(report_.snapshots, [&](const auto& s) {
                         return s.from_seq + 1 >= first && s.to_seq <= report_.reached;
                     });
    if (!led) {
        add(kDatabaseName,
            first,
            "the log begins at event " + std::to_string(first) + " and no snapshot leads up to it",
            kRestore);
    }
}

}  // namespace

FolderReport check_folder(FolderReading& folder) {
    return FolderCheck(folder).run();
}

}  // namespace patron::store
