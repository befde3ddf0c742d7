#include "server/endpoints/keep_metrics.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "server/endpoints/metric_families.h"

namespace patron::endpoints {
namespace {

using prometheus::MetricFamily;
using store::LogHealth;

using Families = std::vector<MetricFamily>;

MetricFamily log_health(LogHealth health) {
    constexpr std::array<std::pair<LogHealth, const char*>, 3> kStates{
        {{LogHealth::Good, "good"},
         {LogHealth::DiskFull, "disk_full"},
         {LogHealth::Failed, "failed"}}
    };
    MetricFamily family{
        "patron_log_health", "1 for the state the log is in.", prometheus::MetricType::Gauge, {}
    };
    for (const auto& [state, name] : kStates) {
        auto& metric = family.metric.emplace_back();
        metric.label = {{"state", name}};
        metric.gauge.value = health == state ? 1 : 0;
    }
    return family;
}

MetricFamily log_durability(store::Durability durability) {
    const auto name = [durability] {
        switch (durability) {
            case store::Durability::Fsync:
                return "fsync";
            case store::Durability::Interval:
                return "interval";
            case store::Durability::None:
                return "none";
        }
        return "none";
    };
    MetricFamily family{
        "patron_log_durability",
        "1 for how acknowledged events are made durable.",
        prometheus::MetricType::Gauge,
        {}
    };
    auto& metric = family.metric.emplace_back();
    metric.label = {{"mode", name()}};
    metric.gauge.value = 1;
    return family;
}

Families log_families(const store::EventLog& engine) {
    const store::LogStatus log = engine.status();
    return {
        log_health(log.health),
        log_durability(engine.durability()),
        counter("patron_log_commits_total", "Batches made durable.", log.commits),
        counter(
            "patron_log_commit_seconds_total",
            "Time that commits took.",
            seconds_of_us(log.commit_us_sum)
        ),
        gauge(
            "patron_log_commit_seconds_max",
            "The longest commit since the start.",
            seconds_of_us(log.commit_us_max)
        ),
        gauge(
            "patron_log_checkpoint_seconds_max",
            "The longest checkpoint since the start.",
            seconds_of_us(log.checkpoint_us_max)
        ),
        gauge("patron_log_bytes", "Bytes of the log on the disk.", log.bytes),
        gauge("patron_log_first_seq", "Sequence number of the oldest event kept.", log.first_seq),
        gauge("patron_log_last_seq", "Sequence number of the newest event kept.", log.last_seq),
    };
}

Families last_snapshot_families(const store::SnapshotInfo& last, scoring::Instant now) {
    constexpr double kSecondMs = 1e3;
    const auto age_ms = static_cast<double>(std::max<std::int64_t>(now.ms - last.made_at.ms, 0));
    return {
        gauge("patron_snapshot_age_seconds", "Age of the last snapshot.", age_ms / kSecondMs),
        gauge("patron_snapshot_bytes", "Bytes of the last snapshot.", last.bytes),
        gauge("patron_snapshot_seq", "Sequence number of the last snapshot.", last.to_seq),
    };
}

Families snapshot_families(const store::KeepStatus& kept) {
    return {
        counter("patron_snapshots_total", "Snapshots written since the start.", kept.snapshots),
        counter("patron_snapshots_failed_total", "Snapshots that failed.", kept.snapshots_failed),
        gauge(
            "patron_snapshot_pause_seconds_max",
            "The longest part of a snapshot that a beat waited for.",
            seconds_of_us(kept.pause_us_max)
        ),
        gauge(
            "patron_erasures_pending",
            "Erased customers whose events are not yet out of log and snapshots.",
            kept.erasures_pending
        ),
    };
}

Families recovery_families(const store::RecoveryReport& report) {
    return {
        gauge(
            "patron_recovery_snapshot_seconds",
            "How long this start took to load a snapshot.",
            report.snapshot_seconds
        ),
        gauge(
            "patron_recovery_snapshot_customers",
            "Customers of the snapshot that this start began with.",
            report.snapshot ? report.snapshot->rows : 0
        ),
        gauge(
            "patron_recovery_replay_seconds",
            "How long this start took to replay the log behind it.",
            report.replay_seconds
        ),
        gauge("patron_recovery_replayed_events", "Events replayed at this start.", report.replayed),
    };
}

Families key_families(store::IdempotencyTable::Sizes sizes) {
    return {
        gauge(
            "patron_idempotency_keys",
            "Idempotency keys remembered.",
            static_cast<std::uint64_t>(sizes.keys)
        ),
        gauge(
            "patron_idempotency_bytes",
            "Bytes of keys and their answers.",
            static_cast<std::uint64_t>(sizes.bytes)
        ),
    };
}

}  // namespace

Families keep_metrics(const Core& core) {
    store::Store& store = core.store;
    Families all = log_families(store.log());
    const auto add = [&all](Families more) {
        std::ranges::move(more, std::back_inserter(all));
    };
    const store::KeepStatus kept = store.keep_status();
    add(snapshot_families(kept));
    if (kept.last_snapshot) {
        add(last_snapshot_families(*kept.last_snapshot, store.clock().now()));
    }
    if (store.ready()) {
        if (const auto report = store.wait_until_ready()) {  // ready: it does not wait
            add(recovery_families(*report));
        }
    }
    add(key_families(store.answers().sizes()));
    return all;
}

}  // namespace patron::endpoints
