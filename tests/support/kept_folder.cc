#include "tests/support/kept_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "scoring/check.h"
#include "store/sqlite_db.h"
#include "tests/support/random_events.h"

namespace patron::store {

namespace fs = std::filesystem;

EventBatch KeptFolder::batch_at(std::uint64_t number) {
    EventBatch batch;
    const std::string customer = "c" + std::to_string(number % 7);
    const std::string id = "e" + std::to_string(number);
    const auto amount = static_cast<std::int64_t>(1000 + 111 * number);
    const Instant at{kTestNow.ms - static_cast<std::int64_t>(1000 * (kBatches - number))};
    add_event(batch, customer, id + "a", at, Order{id, Money{amount}, {}, OrderKind::Product});
    add_event(batch, customer, id + "b", at, Visit{});
    if (number == 4) {
        add_event(batch, "c2", id + "c", at, Erase{});
    } else if (number == 6) {
        auto pin = std::make_unique<Override>(
            OverrideMode::Pin, "gold", "because", "li", std::optional<Instant>()
        );
        add_event(batch, customer, id + "c", at, std::move(pin));
    } else {
        add_event(batch, customer, id + "c", at, Complaint{2});
    }
    return batch;
}

void KeptFolder::fill(TestStore& store, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number < to; ++number) {
        const auto reply = store.submit_and_wait(batch_at(number));
        PATRON_CHECK(reply && reply->accepted == 3);
    }
}

StoreHashes KeptFolder::hashes_of(std::uint64_t events) {
    PATRON_CHECK(events % 3 == 0);
    TestStore store;
    fill(store, 0, events / 3);
    return store.hashes();
}

TestStoreOptions KeptFolder::options() const {
    TestStoreOptions options;
    options.directory = path_;
    return options;
}

void KeptFolder::make() {
    TestStore store(options());
    fill(store, 0, kBatches);
}

void KeptFolder::make_crashed(std::uint64_t snapshot_at) {
    const std::string live = root_.path() + "/live";
    TestStoreOptions o = options();
    o.directory = live;
    TestStore store(std::move(o));
    fill(store, 0, snapshot_at / 3);
    if (snapshot_at != 0) {
        PATRON_CHECK(store.snapshot_and_wait().has_value());
    }
    fill(store, snapshot_at / 3, kBatches);
    fs::copy(live, path_, fs::copy_options::recursive);  // while the store still stands
}

void KeptFolder::make_as(const KeptFolder& other) {
    fs::copy(other.path_, path_, fs::copy_options::recursive);
}

std::vector<std::string> KeptFolder::snapshots() const {
    auto names = system_files().list(file("snapshots"));
    PATRON_CHECK(names.has_value());
    std::erase_if(*names, [](const std::string& name) { return !snapshot_seq(name); });
    return *names;
}

void KeptFolder::remove_snapshots() const {
    for (const std::string& name : snapshots()) {
        fs::remove(file("snapshots/" + name));
    }
}

void KeptFolder::sql(const std::string& statement) const {
    auto db = SqliteDb::open(file("patron.db"), SqliteOpen::Existing, nullptr);
    PATRON_CHECK(db.has_value());
    PATRON_CHECK(db->run("pragma locking_mode=exclusive").has_value());
    PATRON_CHECK(db->run(statement).has_value());
}

void KeptFolder::sql_in_wal(const std::string& statement) const {
    std::vector<std::pair<std::string, std::string>> kept;
    {
        auto db = SqliteDb::open(file("patron.db"), SqliteOpen::Existing, nullptr);
        PATRON_CHECK(db.has_value());
        PATRON_CHECK(db->run("pragma locking_mode=exclusive").has_value());
        PATRON_CHECK(db->run(statement).has_value());
        for (const char* name : {"patron.db", "patron.db-wal"}) {
            kept.emplace_back(file(name), read(file(name)));
        }
    }
    for (const auto& [name, bytes] : kept) {
        write(name, bytes);
    }
}

std::string KeptFolder::read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void KeptFolder::write(const std::string& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

void KeptFolder::flip(const std::string& file, std::size_t at) {
    std::string bytes = read(file);
    PATRON_CHECK(at < bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write(file, bytes);
}

std::vector<std::pair<std::string, std::string>> KeptFolder::contents(const std::string& directory
) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file() && entry.path().filename() != "LOCK") {
            const std::string name = fs::relative(entry.path(), directory).string();
            out.emplace_back(name, read(entry.path().string()));
        }
    }
    std::ranges::sort(out);
    return out;
}

FolderReport KeptFolder::check() const {
    auto folder = FolderReading::open(system_files(), path_);
    PATRON_CHECK(folder.has_value());
    return check_folder(*folder);
}

}  // namespace patron::store
