#include "store/folder_repair.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "store/file_copy.h"
#include "store/repair_database.h"

namespace patron::store {
namespace {

constexpr const char* kRepairedName = "repaired.db";

bool leads_up(const SnapshotInfo& snapshot, const SeqRange& run) {
    return snapshot.from_seq + 1 >= run.first && snapshot.to_seq <= run.last;
}

bool leads_up_any(const FolderReport& report, const SeqRange& run) {
    return run.first == 1 || std::ranges::any_of(report.snapshots, [&](const SnapshotInfo& s) {
               return leads_up(s, run);
           });
}

// Moves the files, in an order that leaves no moment at which a start would take the folder for new.
class Exchange {
  public:
    Exchange(FolderReading& folder, const RepairPlan& plan, const std::string& aside)
        : folder_(folder), plan_(plan), aside_(aside) {}

    Result<void> run() {
        using Step = Result<void> (Exchange::*)();
        for (const Step step :
             {&Exchange::guard,
              &Exchange::take_out,
              &Exchange::empty_wal,
              &Exchange::put_in,
              &Exchange::unguard,
              &Exchange::move_snapshots}) {
            if (auto done = (this->*step)(); !done) {
                return done;
            }
        }
        return {};
    }

  private:
    FileSystem& files() { return folder_.files(); }
    std::string database() const { return folder_.path(kDatabaseName); }
    std::string wal() const { return folder_.path(kWalName); }

    Result<void> sync_both() {
        auto done = files().sync_directory(aside_);
        return done ? files().sync_directory(folder_.directory()) : done;
    }
    Result<void> make_empty_wal() {
        const auto file = files().create(wal());
        if (!file) {
            return std::unexpected(file.error());
        }
        return (*file)->sync();
    }
    // A WAL without its database makes a start refuse. SQLite takes an empty one for none.
    Result<void> guard() {
        auto done = folder_.has_wal() ? copy_file(files(), wal(), aside_ + "/" + kWalName)
                                      : make_empty_wal();
        return done ? sync_both() : done;
    }
    Result<void> take_out() {
        auto done = files().rename(database(), aside_ + "/" + kDatabaseName);
        return done ? sync_both() : done;
    }
    // Before the new database comes: the old one's pages must not be carried into it.
    Result<void> empty_wal() { return folder_.has_wal() ? make_empty_wal() : Result<void>(); }
    Result<void> put_in() {
        auto done = files().rename(aside_ + "/" + kRepairedName, database());
        return done ? sync_both() : done;
    }
    Result<void> unguard() {
        auto done = files().remove(wal());
        return done ? sync_both() : done;
    }
    Result<void> move_snapshots() {
        const std::string from = folder_.path("snapshots");
        const std::string to = aside_ + "/snapshots";
        const auto names = files().list(from);
        if (!names) {
            return {};  // there never were any
        }
        auto done = files().make_directory(to);
        for (const std::string& name : *names) {
            if (done && std::ranges::find(plan_.snapshots, name) == plan_.snapshots.end()) {
                done = files().rename(from + "/" + name, to + "/" + name);
            }
        }
        for (const std::string& directory : {from, to, aside_}) {
            if (done) {
                done = files().sync_directory(directory);
            }
        }
        return done;
    }

    FolderReading& folder_;
    const RepairPlan& plan_;
    const std::string& aside_;
};

}  // namespace

Result<std::optional<RepairPlan>> plan_repair(const FolderReport& report) {
    if (report.findings.empty()) {
        return std::nullopt;
    }
    if (!report.meta) {
        return fail(
            FaultCode::DataDamaged,
            "what the folder says of itself (table meta) is damaged; restore a backup"
        );
    }
    RepairPlan plan;
    plan.reached = report.reached;
    for (const SeqRange& run : report.runs) {
        if (run.last >= plan.kept.last && leads_up_any(report, run)) {
            plan.kept = run;
        }
    }
    for (const SnapshotInfo& s : report.snapshots) {
        // As of one event: it needs no log at all.
        if (s.from_seq == s.to_seq && s.to_seq > plan.kept.last) {
            plan.kept = {s.to_seq + 1, s.to_seq};
        }
    }
    std::ranges::copy_if(report.runs, std::back_inserter(plan.set_aside), [&](const SeqRange& r) {
        return r != plan.kept;
    });
    for (const SnapshotInfo& s : report.snapshots) {
        if (leads_up(s, plan.kept)) {
            plan.snapshots.push_back(s.name);
            plan.led_up_by = plan.kept.first > 1 ? std::optional(s.name) : std::nullopt;
        }
    }
    return plan;
}

std::string damaged_name(Instant now) {
    const auto seconds = static_cast<std::time_t>(now.ms / scoring::kSecondMs);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
    return "damaged-" + std::string(text.data(), size);
}

Result<RepairDone> repair_folder(
    FolderReading& folder, const RepairPlan& plan, const std::string& aside, Instant now
) {
    auto done = write_repaired(folder.db(), plan, aside + "/" + kRepairedName, folder.files(), now);
    if (!done) {
        return done;
    }
    folder.close_database();
    if (auto moved = Exchange(folder, plan, aside).run(); !moved) {
        return std::unexpected(moved.error());
    }
    return done;
}

}  // namespace patron::store
