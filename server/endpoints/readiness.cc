#include "server/endpoints/readiness.h"

#include <algorithm>
#include <iterator>

namespace patron::endpoints {
namespace {

using store::LogHealth;
using Phase = store::RecoveryProgress::Phase;

// "3,200,000"
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) {
        text.insert(at - 3, 1, ',');
    }
    return text;
}

std::string counted(const store::RecoveryProgress& progress, std::string_view what) {
    std::string text = grouped(progress.done);
    if (progress.total != 0) {
        text += " of " + grouped(progress.total);
    }
    return text.append(what);
}

std::string progress_in_words(const store::RecoveryProgress& progress) {
    switch (progress.phase) {
        case Phase::Opening:
            return "looking for what was kept";
        case Phase::Snapshot:
            return counted(progress, " customers");
        case Phase::Replay:
            return counted(progress, " events replayed");
        case Phase::Ready:
            return "done";
        case Phase::Failed:
            return "failed; the server ends and says why";
    }
    return "";
}

ReadinessCheck log_check(const StoreCondition& condition) {
    if (condition.log.health == LogHealth::Failed) {
        return {
            "log",
            false,
            condition.log.detail +
                "; reads go on, writes are refused; see to the disk, then restart the server"
        };
    }
    if (!condition.durable) {
        return {"log", true, "in memory only, nothing is kept"};
    }
    return {
        "log",
        true,
        condition.log_name + ", durability " + std::string(durability_name(condition.durability)) +
            ", seq " + std::to_string(condition.log.last_seq)
    };
}

ReadinessCheck disk_check(const StoreCondition& condition) {
    if (condition.log.health == LogHealth::DiskFull) {
        return {
            "disk",
            false,
            condition.log.detail +
                "; reads go on, writes are refused until there is room; free some or extend the "
                "disk"
        };
    }
    return {"disk", true, "the log takes " + grouped(condition.log.bytes) + " bytes"};
}

// A snapshot that fails makes the next start longer, not this server unfit.
ReadinessCheck snapshot_check(const StoreCondition& condition) {
    const store::KeepStatus& kept = condition.kept;
    std::string text = "none yet";
    if (kept.last_snapshot) {
        const std::int64_t age_ms = condition.now.ms - kept.last_snapshot->made_at.ms;
        text = "seq " + std::to_string(kept.last_snapshot->to_seq) + ", " +
               std::to_string(std::max<std::int64_t>(age_ms, 0) / 1000) + " s old";
    }
    if (kept.snapshots_failed != 0) {
        text += "; " + std::to_string(kept.snapshots_failed) + " failed, the last because " +
                kept.last_failure;
    }
    return {"snapshot", true, text};
}

}  // namespace

std::string_view durability_name(store::Durability durability) {
    switch (durability) {
        case store::Durability::Fsync:
            return "fsync";
        case store::Durability::Interval:
            return "interval";
        case store::Durability::None:
            return "none";
    }
    return "";
}

ReadinessCheck recovery_check(const store::RecoveryProgress& progress) {
    return {"recovery", progress.phase == Phase::Ready, progress_in_words(progress)};
}

std::vector<ReadinessCheck> store_checks(const StoreCondition& condition) {
    std::vector<ReadinessCheck> checks{recovery_check(condition.recovery), log_check(condition)};
    if (condition.durable) {
        checks.push_back(disk_check(condition));
        checks.push_back(snapshot_check(condition));
    }
    return checks;
}

std::vector<ReadinessCheck> readiness_checks(const Core& core) {
    std::vector<ReadinessCheck> checks;
    if (core.options.readiness) {
        checks = core.options.readiness();
    }
    const store::EventLog& log = core.store.log();
    std::ranges::move(
        store_checks(
            {core.store.recovery(),
             std::string(log.name()),
             log.durable(),
             log.durability(),
             log.status(),
             core.store.keep_status(),
             core.store.clock().now()}
        ),
        std::back_inserter(checks)
    );
    return checks;
}

}  // namespace patron::endpoints
