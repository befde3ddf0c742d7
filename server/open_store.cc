#include "server/open_store.h"

#include <filesystem>
#include <random>

#include "server/policy_file.h"
#include "server/start_fault.h"
#include "server/wire/policy_document.h"

namespace patron::server {
namespace {

scoring::FactSchema schema_of(const Options& options) {
    scoring::FactSchema schema;
    schema.currency = options.currency;
    schema.currency_digits = options.currency_digits;
    schema.time_zone = options.time_zone;
    return schema;
}

std::uint64_t random_seed() {
    std::random_device source;
    return (std::uint64_t{source()} << 32U) | source();
}

std::unique_ptr<store::DataFolder> open_folder(
    const Options& options, const scoring::Policy& policy, const store::Clock& clock
) {
    require_usable_folder(options.data_folder);
    store::FolderOptions about;
    about.schema = schema_of(options);
    about.policy_name = policy.name + "@" + std::to_string(policy.revision);
    about.policy_document = wire::write_policy(policy, about.schema);
    about.durability = options.durability;
    about.sync_interval_ms = options.sync_interval_ms;
    about.now = clock.now();
    auto folder = store::DataFolder::open(store::system_files(), data_folder(options), about);
    if (!folder) {
        throw start_error_of({}, folder.error());
    }
    return std::move(*folder);
}

}  // namespace

std::unique_ptr<store::Store> open_store(const Options& options, const store::Clock& clock) {
    store::StoreOptions about;
    about.schema = schema_of(options);
    about.policy = load_policy(options.policy_file, about.schema);
    about.clock = &clock;
    if (options.data_folder.empty()) {
        about.log = store::make_memory_only_log();
        about.hash_seed = random_seed();
    } else {
        about.folder = open_folder(options, about.policy, clock);
    }
    about.keep = options.keep;
    about.threads = options.beat_threads;
    about.dedupe_window = options.dedupe_window;
    about.customers_max = options.customers_max;
    auto opened = store::Store::open(std::move(about));
    if (!opened) {
        throw start_error_of(data_folder(options), opened.error());
    }
    return std::move(*opened);
}

std::string data_folder(const Options& options) {
    const std::string& folder = options.data_folder;
    return folder.empty() ? folder : std::filesystem::absolute(folder).lexically_normal().string();
}

std::string backups_folder(const Options& options) {
    return options.data_folder.empty() ? std::string() : data_folder(options) + "/backups";
}

std::string keeping_in_words(const Options& options) {
    if (options.data_folder.empty()) {
        return "events are kept in memory only (--data none): nothing survives the end of the "
               "process";
    }
    const std::string where = "events are kept in " + data_folder(options);
    switch (options.durability) {
        case store::Durability::Fsync:
            return where +
                   " (durability fsync): what was acknowledged survives a kill, a crash and a "
                   "power cut";
        case store::Durability::Interval:
            return where +
                   " (durability interval): what was acknowledged survives the end of the process; "
                   "at most " +
                   std::to_string(options.sync_interval_ms) +
                   " ms of it may be lost with the machine";
        case store::Durability::None:
            return where +
                   " (durability none): what was acknowledged survives the end of the process, not "
                   "of the machine";
    }
    return where;
}

}  // namespace patron::server
