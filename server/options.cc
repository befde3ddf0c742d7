#include "server/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include <boost/asio/ip/address.hpp>

#include "scoring/currency.h"
#include "scoring/day_clock.h"
#include "server/options_file.h"
#include "server/start_error.h"
#include "server/wire/instant_text.h"
#include "store/limits.h"

extern char** environ;

namespace patron::server {
namespace {

constexpr std::string_view kEnvironmentPrefix = "PATRON__";
constexpr const char* kDefaultFile = "patron.toml";
constexpr std::size_t kThreadsMax = 256;
constexpr std::size_t kCountMax = 4'000'000'000;
constexpr std::size_t kMegabytesMax = 1 << 24;    // 16 TiB
constexpr std::size_t kMinutesMax = 7 * 24 * 60;  // a week
constexpr std::int64_t kMinuteMs = 60'000;

const OptionSpec* find_spec(std::string_view key) {
    const auto specs = option_specs();
    const auto found = std::ranges::find(specs, key, &OptionSpec::key);
    return found == specs.end() ? nullptr : &*found;
}

std::string listed_keys() {
    std::string list;
    for (const OptionSpec& spec : option_specs()) {
        list += (list.empty() ? "" : ", ") + std::string(spec.key);
    }
    return list;
}

void add_file(OptionValues& values, const OptionSources& sources) {
    std::error_code ignored;
    if (!sources.file && !std::filesystem::exists(kDefaultFile, ignored)) {
        return;
    }
    for (FileEntry& entry : read_options_file(sources.file.value_or(kDefaultFile))) {
        if (find_spec(entry.key) == nullptr) {
            throw StartError(
                ExitCode::Config,
                entry.place + ": unknown key " + entry.key + "; there are: " + listed_keys()
            );
        }
        values[entry.key] = {std::move(entry.text), Origin::File, std::move(entry.place)};
    }
}

void add_environment(OptionValues& values, const std::vector<std::string>& environment) {
    for (const std::string& variable : environment) {
        if (!variable.starts_with(kEnvironmentPrefix)) {
            continue;
        }
        const std::size_t equals = std::min(variable.find('='), variable.size());
        const std::string name = variable.substr(0, equals);
        const auto specs = option_specs();
        const auto spec = std::ranges::find_if(specs, [&](const OptionSpec& candidate) {
            return environment_name(candidate.key) == name;
        });
        if (spec == specs.end()) {
            throw StartError(
                ExitCode::Config,
                "the environment sets " + name + ", which is no option; see `patron config print`"
            );
        }
        const std::string text = variable.substr(std::min(equals + 1, variable.size()));
        values[std::string(spec->key)] = {text, Origin::Environment, name};
    }
}

// One value under check: knows its place for the message.
class Value {
  public:
    Value(const OptionValues& values, std::string_view key)
        : key_(key), value_(values.find(key)->second) {}

    const std::string& text() const { return value_.text; }

    [[noreturn]] void refuse(const std::string& why) const {
        const ExitCode code = value_.origin == Origin::Flag ? ExitCode::Usage : ExitCode::Config;
        throw StartError(code, value_.place + ": " + key_ + " '" + value_.text + "' " + why);
    }

    std::size_t number(std::size_t low, std::size_t high) const {
        std::size_t number = 0;
        const char* end = text().data() + text().size();
        const auto parsed = std::from_chars(text().data(), end, number);
        if (parsed.ec != std::errc() || parsed.ptr != end || number < low || number > high) {
            refuse(
                "is no whole number from " + std::to_string(low) + " to " + std::to_string(high)
            );
        }
        return number;
    }

    bool flag() const {
        if (text() != "true" && text() != "false") {
            refuse("is neither true nor false");
        }
        return text() == "true";
    }

  private:
    std::string key_;
    const OptionValue& value_;
};

ListenAddress listen_of(const Value& value) {
    const std::string& text = value.text();
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        value.refuse("is no ADDR:PORT, as 127.0.0.1:8080 or [::1]:8080");
    }
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host == "localhost") {
        host = "127.0.0.1";
    }
    boost::system::error_code bad;
    const auto address = boost::asio::ip::make_address(host, bad);
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    if (bad || parsed.ec != std::errc() || parsed.ptr != end) {
        value.refuse("is no ADDR:PORT, as 127.0.0.1:8080 or [::1]:8080");
    }
    return {host, port, address.is_loopback()};
}

void require_loopback(const Value& value, const Options& options) {
    if (!options.listen.loopback && !options.insecure) {
        value.refuse(
            "can be reached by others and Patron would answer all of them: listen on 127.0.0.1 "
            "behind a "
            "proxy that checks who asks, or say --insecure"
        );
    }
}

void read_schema(const OptionValues& values, Options& options) {
    const Value currency(values, "schema.currency");
    const auto code = scoring::parse_currency_code(currency.text());
    const auto digits = code ? scoring::currency_digits(*code) : std::nullopt;
    if (!digits) {
        currency.refuse("is no ISO 4217 code, as CNY or EUR");
    }
    options.currency = currency.text();
    options.currency_digits = *digits;
    const Value zone(values, "schema.time_zone");
    if (!scoring::DayClock::make(zone.text())) {
        zone.refuse("is no time zone, as Asia/Shanghai or UTC; is tzdata installed?");
    }
    options.time_zone = zone.text();
}

std::optional<scoring::Instant> clock_of(const Value& value) {
    if (value.text().empty()) {
        return std::nullopt;
    }
    const auto instant = wire::parse_instant(value.text());
    if (!instant) {
        value.refuse("is no RFC 3339 time, as 2026-11-21T00:00:00+08:00");
    }
    return instant;
}

std::string folder_of(const Value& value) {
    if (value.text().empty()) {
        value.refuse("is no folder; say none to keep events in memory only");
    }
    std::string folder = value.text() == "none" ? std::string() : value.text();
    while (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    return folder;
}

store::Durability durability_of(const Value& value) {
    if (value.text() == "fsync") {
        return store::Durability::Fsync;
    }
    if (value.text() == "interval") {
        return store::Durability::Interval;
    }
    if (value.text() != "none") {
        value.refuse("is none of fsync, interval, none");
    }
    return store::Durability::None;
}

void read_keeping(const OptionValues& values, Options& options) {
    const auto number = [&](std::string_view key, std::size_t low, std::size_t high) {
        return Value(values, key).number(low, high);
    };
    options.data_folder = folder_of(Value(values, "store.data"));
    options.durability = durability_of(Value(values, "store.durability"));
    options.sync_interval_ms =
        static_cast<std::int64_t>(number("store.sync_interval_ms", 10, 60'000));
    options.keep.snapshot_every_ms =
        static_cast<std::int64_t>(number("store.snapshot_minutes", 1, kMinutesMax)) * kMinuteMs;
    options.keep.snapshot_log_bytes = number("store.snapshot_log_mb", 1, kMegabytesMax) << 20;
    options.keep.snapshots_kept = number("store.snapshots_kept", 1, 100);
    options.keep.log_retain_bytes = number("store.log_retain_mb", 0, kMegabytesMax) << 20;
}

std::string log_level_of(const Value& value) {
    constexpr std::array<std::string_view, 5> kLevels{"debug", "info", "warn", "error", "off"};
    if (std::ranges::find(kLevels, value.text()) == kLevels.end()) {
        value.refuse("is none of debug, info, warn, error, off");
    }
    return value.text();
}

}  // namespace

std::string environment_name(std::string_view key) {
    std::string name(kEnvironmentPrefix);
    for (const char c : key) {
        if (c == '.') {
            name += "__";
        } else {
            name += static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
        }
    }
    return name;
}

std::vector<std::string> environment_of_process() {
    std::vector<std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    return variables;
}

OptionValues resolve_options(const OptionSources& sources) {
    OptionValues values;
    for (const OptionSpec& spec : option_specs()) {
        values[std::string(spec.key)] = {std::string(spec.initial), Origin::Default, "default"};
    }
    add_file(values, sources);
    add_environment(values, sources.environment);
    for (const auto& [key, text] : sources.flags) {
        values[key] = {text, Origin::Flag, std::string(find_spec(key)->flag)};
    }
    return values;
}

Options read_options(const OptionValues& values) {
    const auto value = [&](std::string_view key) {
        return Value(values, key);
    };
    const auto or_cores = [](std::size_t threads) {
        return threads > 0 ? threads
                           : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
    };
    Options options;
    options.listen = listen_of(value("server.listen"));
    options.insecure = value("server.insecure").flag();
    require_loopback(value("server.listen"), options);
    options.io_threads = or_cores(value("server.io_threads").number(0, kThreadsMax));
    options.connections_max = value("server.connections_max").number(1, 1'000'000);
    options.body_bytes_max =
        value("server.body_bytes_max").number(1024, store::limits::kBodyBytesMax);
    options.streams_max = value("server.streams").number(0, 1'000'000);
    options.streams_per_client_max = value("server.streams_per_client").number(0, 1'000'000);
    read_keeping(values, options);
    options.beat_threads = value("store.threads").number(0, kThreadsMax);
    options.customers_max = value("store.customers_max").number(0, kCountMax);
    options.dedupe_window = value("store.dedupe_window").number(0, kCountMax);
    read_schema(values, options);
    options.policy_file = value("policy.file").text();
    options.clock = clock_of(value("clock.instant"));
    options.log_level = log_level_of(value("log.level"));
    return options;
}

}  // namespace patron::server
