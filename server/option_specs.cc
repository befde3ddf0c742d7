#include <array>

#include "server/options.h"

namespace patron::server {
namespace {

constexpr std::array kSpecs{
    OptionSpec{
        "server.listen",
        "--listen",
        "ADDR:PORT",
        "127.0.0.1:8080",
        "where to serve; port 0 picks a free one"
    },
    OptionSpec{
        "server.insecure",
        "--insecure",
        "",
        "false",
        "allow an address that others can reach, without keys"
    },
    OptionSpec{
        "server.io_threads", "--io-threads", "N", "0", "threads for connections; 0: one per core"
    },
    OptionSpec{
        "server.connections_max", "--connections-max", "N", "10000", "open at once; beyond: 503"
    },
    OptionSpec{
        "server.body_bytes_max", "--body-bytes-max", "N", "8388608", "of a request; beyond: 413"
    },
    OptionSpec{"server.streams", "--streams", "N", "5000", "listeners at once; beyond: 503"},
    OptionSpec{
        "server.streams_per_client",
        "--streams-per-client",
        "N",
        "100",
        "of one address; beyond: 429"
    },
    OptionSpec{
        "store.data",
        "--data",
        "DIR|none",
        "patron-data",
        "folder where events are kept; none: in memory only"
    },
    OptionSpec{
        "store.durability",
        "--durability",
        "MODE",
        "fsync",
        "fsync: synced before the answer; interval: every so often; none: when the system likes"
    },
    OptionSpec{
        "store.sync_interval_ms",
        "--sync-interval-ms",
        "N",
        "1000",
        "with --durability interval: at most so much is lost with the machine"
    },
    OptionSpec{
        "store.snapshot_minutes",
        "--snapshot-minutes",
        "N",
        "60",
        "between snapshots, if events came"
    },
    OptionSpec{
        "store.snapshot_log_mb",
        "--snapshot-log-mb",
        "N",
        "1024",
        "a snapshot sooner when the log grew by so much"
    },
    OptionSpec{"store.snapshots_kept", "--snapshots-kept", "N", "2", "older ones are removed"},
    OptionSpec{
        "store.log_retain_mb",
        "--log-retain-mb",
        "N",
        "16384",
        "beyond, the log lets go of what snapshots cover"
    },
    OptionSpec{"store.threads", "--threads", "N", "0", "of the heartbeat; 0: one per core"},
    OptionSpec{
        "store.customers_max",
        "--customers-max",
        "N",
        "0",
        "beyond: refused; 0: no bound but memory"
    },
    OptionSpec{
        "store.dedupe_window", "--dedupe-window", "N", "0", "event ids remembered; 0: 4 million"
    },
    OptionSpec{"schema.currency", "--currency", "CODE", "CNY", "base currency, ISO 4217"},
    OptionSpec{"schema.time_zone", "--time-zone", "ZONE", "Asia/Shanghai", "of calendar days"},
    OptionSpec{"policy.file", "--policy", "FILE", "", "policy document; empty: the built-in one"},
    OptionSpec{
        "clock.instant", "--clock", "INSTANT", "", "a clock that stands still; empty: the system's"
    },
    OptionSpec{"log.level", "--log-level", "LEVEL", "info", "debug, info, warn, error or off"},
};

}  // namespace

std::span<const OptionSpec> option_specs() {
    return kSpecs;
}

}  // namespace patron::server
