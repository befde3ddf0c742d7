#pragma once
// Everything that can be set about a server, where each value comes from, and what it must be.
//
// Shapes     a key is "section.name": in patron.toml a table and a name, in the environment
//            PATRON__SECTION__NAME, on the command line the option's flag.
// Order      flag, then environment, then file, then default: the first one given wins.
// Bounds     a file of at most 1 MiB.
// Errors     StartError, one line with the place and the next step: Usage for a flag, Config for
// the rest.
//            Keys that do not exist are refused, in the file and in the environment.
// Threads    values.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/units.h"
#include "store/event_log.h"
#include "store/store.h"

namespace patron::server {

enum class Origin { Default, File, Environment, Flag };

struct OptionSpec {
    std::string_view key;
    std::string_view flag;
    std::string_view value;  // what the flag takes; empty: it is a switch
    std::string_view initial;
    std::string_view help;
};

std::span<const OptionSpec> option_specs();

// "PATRON__SERVER__LISTEN" for "server.listen".
std::string environment_name(std::string_view key);

struct OptionValue {
    std::string text;
    Origin origin = Origin::Default;
    std::string place;  // "--listen", "PATRON__SERVER__LISTEN", "patron.toml:3", "default"
};

using OptionValues = std::map<std::string, OptionValue, std::less<>>;

struct OptionSources {
    std::map<std::string, std::string, std::less<>> flags;  // by key
    std::vector<std::string> environment;                   // "NAME=value"
    std::optional<std::string> file;  // must exist; absent: ./patron.toml if there is one
};

// The process's own environment.
std::vector<std::string> environment_of_process();

OptionValues resolve_options(const OptionSources& sources);

struct ListenAddress {
    std::string address;
    std::uint16_t port = 0;
    bool loopback = false;
};

struct Options {
    ListenAddress listen;
    bool insecure = false;
    std::size_t io_threads = 1;
    std::size_t connections_max = 0;
    std::size_t body_bytes_max = 0;
    std::size_t streams_max = 0;
    std::size_t streams_per_client_max = 0;
    std::string policy_file;       // empty: the built-in policy
    std::size_t beat_threads = 0;  // 0: one per core
    std::size_t customers_max = 0;
    std::size_t dedupe_window = 0;
    std::string data_folder;  // empty: in memory only
    store::Durability durability = store::Durability::Fsync;
    std::int64_t sync_interval_ms = 1000;
    store::KeepOptions keep;
    std::string currency;
    int currency_digits = 2;
    std::string time_zone;
    std::optional<scoring::Instant> clock;  // absent: the system's
    std::string log_level;
};

// Checks every value; a bind beyond loopback needs `insecure`.
Options read_options(const OptionValues& values);

}  // namespace patron::server
