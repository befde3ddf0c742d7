// The simulated disk judged by SQLite: what it is meant to survive it survives, the rest it does not.

#include "tests/support/simulated_disk.h"

#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::span<const std::byte> bytes(const std::string& text) {
    return std::as_bytes(std::span(text));
}

void write(SimulatedDisk& disk, const std::string& path, const std::string& text, bool sync) {
    auto file = disk.create(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes(text)));
    if (sync) {
        ASSERT_TRUE((*file)->sync());
    }
}

// In how many of a hundred power cuts `what` holds.
template <class What>
int cuts_where(const SimulatedDisk& disk, What what) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        count += what(*disk.power_cut(seed)) ? 1 : 0;
    }
    return count;
}

TEST(SimulatedDisk, ReadsWhatWasWritten) {
    SimulatedDisk disk;
    ASSERT_TRUE(disk.make_directory("/data"));
    write(disk, "/data/b", "hello", false);
    write(disk, "/data/a", "", false);
    ASSERT_TRUE(disk.make_directory("/data/deeper"));
    EXPECT_THAT(disk.list("/data").value(), ElementsAre("a", "b"));
    const auto in = disk.open("/data/b");
    ASSERT_TRUE(in);
    std::string text(3, '\0');
    ASSERT_TRUE((*in)->read_at(1, std::as_writable_bytes(std::span(text))));
    EXPECT_EQ(text, "ell");
    EXPECT_FALSE((*in)->read_at(3, std::as_writable_bytes(std::span(text))));
    EXPECT_FALSE(disk.open("/data/c"));
    EXPECT_FALSE(disk.list("/none"));
}

TEST(SimulatedDisk, KeepsWhatWasSyncedUnderANameThatWas) {
    SimulatedDisk disk;
    ASSERT_TRUE(disk.make_directory("/data"));
    ASSERT_TRUE(disk.sync_directory("/"));
    write(disk, "/data/a", "hello", true);
    ASSERT_TRUE(disk.sync_directory("/data"));
    EXPECT_EQ(
        cuts_where(disk, [](auto& after) { return after.content("/data/a") == "hello"; }), 100
    );
}

TEST(SimulatedDisk, AFileWithoutASyncedNameMayBeGone) {
    SimulatedDisk disk;
    write(disk, "/a", "hello", true);
    const int there = cuts_where(disk, [](auto& after) { return after.content("/a").has_value(); });
    EXPECT_GT(there, 10);
    EXPECT_LT(there, 90);
    EXPECT_EQ(
        cuts_where(
            disk, [](auto& after) { return after.content("/a").value_or("hello") == "hello"; }
        ),
        100
    );
}

TEST(SimulatedDisk, AFolderWhoseNameWasNotSyncedGoesWithAllThatIsInIt) {
    SimulatedDisk disk;
    ASSERT_TRUE(disk.make_directory("/data"));
    write(disk, "/data/a", "hello", true);
    ASSERT_TRUE(disk.sync_directory("/data"));
    EXPECT_GT(cuts_where(disk, [](auto& after) { return !after.content("/data/a"); }), 10);
}

TEST(SimulatedDisk, UnsyncedBytesAreKeptLostOrTorn) {
    SimulatedDisk disk;
    write(disk, "/a", std::string(1500, 'x'), false);
    ASSERT_TRUE(disk.sync_directory("/"));
    const auto is = [](std::string wanted) {
        return [wanted](auto& after) {
            return after.content("/a") == wanted;
        };
    };
    EXPECT_GT(cuts_where(disk, is("")), 10);
    EXPECT_GT(cuts_where(disk, is(std::string(1500, 'x'))), 10);
    EXPECT_GT(cuts_where(disk, is(std::string(512, 'x'))), 0);
    EXPECT_GT(cuts_where(disk, is(std::string(1500, '\0'))), 0) << "the length without the bytes";
    EXPECT_GT(cuts_where(disk, is(std::string(512, '\0') + std::string(988, 'x'))), 0)
        << "out of order";
}

TEST(SimulatedDisk, ARenameMayBeThereBeforeTheContent) {
    SimulatedDisk disk;
    write(disk, "/a", "old", true);
    ASSERT_TRUE(disk.sync_directory("/"));
    write(disk, "/b", "new", false);
    ASSERT_TRUE(disk.rename("/b", "/a"));
    EXPECT_EQ(disk.content("/a"), "new");
    EXPECT_FALSE(disk.content("/b"));
    EXPECT_GT(cuts_where(disk, [](auto& after) { return after.content("/a") == ""; }), 0);
    EXPECT_GT(cuts_where(disk, [](auto& after) { return after.content("/a") == "old"; }), 0);
    EXPECT_GT(cuts_where(disk, [](auto& after) { return after.content("/a") == "new"; }), 0);
    EXPECT_EQ(cuts_where(disk, [](auto& after) { return !after.content("/a"); }), 0);
}

TEST(SimulatedDisk, APlannedFaultComesWhenItWasPlanned) {
    SimulatedDisk disk;
    write(disk, "/a", "", false);
    disk.plan({.operation = DiskOperation::Write, .nth = 2, .path_part = "a"});
    auto file = disk.create("/a");
    auto other = disk.create("/b");
    EXPECT_TRUE((*file)->append(bytes("1234")));
    EXPECT_TRUE((*other)->append(bytes("1234")));
    const auto failed = (*file)->append(bytes(std::string(2000, 'x')));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, FaultCode::DiskFailed);
    EXPECT_THAT(failed.error().detail, HasSubstr("write of /a"));
    EXPECT_EQ(disk.content("/a"), "1234" + std::string(508, 'x')) << "half of it, in sectors";
    EXPECT_TRUE((*file)->append(bytes("9")));
}

TEST(SimulatedDisk, NoRoomTakesWhatFits) {
    SimulatedDisk disk;
    disk.set_room(6);
    auto file = disk.create("/a");
    EXPECT_TRUE((*file)->append(bytes("1234")));
    const auto full = (*file)->append(bytes("5678"));
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, FaultCode::DiskFull);
    EXPECT_EQ(disk.content("/a"), "123456");
    ASSERT_TRUE(disk.remove("/a"));
    EXPECT_TRUE((*disk.create("/b"))->append(bytes("123456")));
}

TEST(SimulatedDisk, ASyncThatFailedIsNotMadeGoodByAnother) {
    SimulatedDisk disk;
    write(disk, "/a", "", true);
    ASSERT_TRUE(disk.sync_directory("/"));
    int lost = 0;
    for (int i = 0; i < 100; ++i) {
        auto file = disk.create("/a");
        ASSERT_TRUE((*file)->append(bytes("x")));
        disk.plan({.operation = DiskOperation::Sync});
        ASSERT_FALSE((*file)->sync());
        EXPECT_EQ(disk.content("/a"), "x");
        ASSERT_TRUE((*file)->sync());
        lost += disk.power_cut(1)->content("/a") != "x" ? 1 : 0;
    }
    EXPECT_GT(lost, 20);
}

TEST(SimulatedDisk, WithoutPowerEverythingFails) {
    SimulatedDisk disk;
    disk.power_off_at(3);
    auto file = disk.create("/a");
    EXPECT_TRUE((*file)->append(bytes("x")));
    EXPECT_FALSE((*file)->append(bytes("x")));
    EXPECT_FALSE((*file)->sync());
    EXPECT_FALSE(disk.open("/a"));
    EXPECT_EQ(disk.operations(), 4U);
    EXPECT_EQ(disk.operations(DiskOperation::Write), 2U);
}

// -- SQLite over it --

struct CloseDb {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Db = std::unique_ptr<sqlite3, CloseDb>;

int run(sqlite3* db, const std::string& sql) {
    return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
}

Db open_db(const SimulatedDisk& disk) {
    sqlite3* db = nullptr;
    sqlite3_open_v2(
        "/data/a.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.sqlite_vfs()
    );
    run(db, "PRAGMA locking_mode=EXCLUSIVE");
    return Db(db);
}

void make_folder(SimulatedDisk& disk) {
    ASSERT_TRUE(disk.make_directory("/data"));
    ASSERT_TRUE(disk.sync_directory("/"));
}

// A database in WAL mode with an empty table, its name synced.
Db make_db(SimulatedDisk& disk, const std::string& synchronous) {
    make_folder(disk);
    Db db = open_db(disk);
    EXPECT_EQ(run(db.get(), "PRAGMA journal_mode=WAL"), SQLITE_OK);
    EXPECT_EQ(run(db.get(), "PRAGMA synchronous=" + synchronous), SQLITE_OK);
    EXPECT_EQ(run(db.get(), "PRAGMA wal_autocheckpoint=20"), SQLITE_OK);
    EXPECT_EQ(run(db.get(), "CREATE TABLE t(n INTEGER PRIMARY KEY, body BLOB)"), SQLITE_OK);
    EXPECT_TRUE(disk.sync_directory("/data"));
    return db;
}

// Ascending; one entry of -1 for a database that cannot be read.
std::vector<int> numbers(const SimulatedDisk& disk) {
    const Db db = open_db(disk);
    std::vector<int> found;
    sqlite3_stmt* query = nullptr;
    sqlite3_prepare_v2(db.get(), "SELECT n, length(body) FROM t ORDER BY n", -1, &query, nullptr);
    int step = SQLITE_ERROR;
    while (query != nullptr && (step = sqlite3_step(query)) == SQLITE_ROW) {
        found.push_back(sqlite3_column_int(query, 0));
    }
    sqlite3_finalize(query);
    return step == SQLITE_DONE ? found : std::vector<int>{-1};
}

bool is_one_to(const std::vector<int>& found, std::size_t least, std::size_t most) {
    std::vector<int> wanted(found.size());
    std::iota(wanted.begin(), wanted.end(), 1);
    return found == wanted && found.size() >= least && found.size() <= most;
}

struct Losses {
    int cuts = 0;
    int bad = 0;
};

// Inserts, and cuts the power before every `every`th operation.
Losses insert_and_cut(const std::string& synchronous, std::uint64_t every, std::uint64_t seed) {
    SimulatedDisk disk;
    const Db db = make_db(disk, synchronous);
    Losses losses;
    std::size_t committed = 0;
    disk.set_hook([&](std::uint64_t operation) {
        if (operation % every != 0) {
            return;
        }
        for (std::uint64_t i = 0; i < 3; ++i) {
            const auto after = disk.power_cut(seed + operation * 3 + i);
            const auto found = numbers(*after);
            ++losses.cuts;
            losses.bad += is_one_to(found, committed, committed + 1) ? 0 : 1;
        }
    });
    std::mt19937_64 random(seed);
    for (int i = 1; i <= 60; ++i) {
        const std::string body = "randomblob(" + std::to_string(random() % 9000) + ")";
        EXPECT_EQ(
            run(db.get(), "INSERT INTO t VALUES(" + std::to_string(i) + "," + body + ")"), SQLITE_OK
        );
        ++committed;
    }
    disk.set_hook(nullptr);
    EXPECT_TRUE(
        is_one_to(numbers(*disk.power_cut(seed)), synchronous == "FULL" ? 60 : 0, 60) ||
        synchronous != "FULL"
    );
    return losses;
}

TEST(SimulatedVfs, SqliteLosesNothingThatItSynced) {
    const Losses losses = insert_and_cut("FULL", 1, test_seed(52));
    EXPECT_EQ(losses.bad, 0);
    EXPECT_GT(losses.cuts, 500);
    RecordProperty("cuts", losses.cuts);
}

TEST(SimulatedVfs, SqliteWithoutSyncsLoses) {
    const Losses losses = insert_and_cut("OFF", 5, test_seed(53));
    EXPECT_GT(losses.bad, losses.cuts / 10);
}

TEST(SimulatedVfs, ACutWhileTheDatabaseIsMadeLeavesAGoodOne) {
    const std::uint64_t seed = test_seed(54);
    SimulatedDisk disk;
    int readable = 0;
    disk.set_hook([&](std::uint64_t operation) {
        const auto after = disk.power_cut(seed + operation);
        ASSERT_TRUE(after->make_directory("/data"));
        const Db db = open_db(*after);
        ASSERT_EQ(run(db.get(), "PRAGMA journal_mode=WAL"), SQLITE_OK) << operation;
        ASSERT_EQ(run(db.get(), "CREATE TABLE IF NOT EXISTS t(n, body)"), SQLITE_OK) << operation;
        ++readable;
    });
    const Db db = make_db(disk, "FULL");
    disk.set_hook(nullptr);
    EXPECT_GT(readable, 10);
}

TEST(SimulatedVfs, FaultsOfTheDiskBecomeSqlitesCodes) {
    SimulatedDisk disk;
    const Db db = make_db(disk, "FULL");
    sqlite3_extended_result_codes(db.get(), 1);
    disk.plan({.operation = DiskOperation::Write, .path_part = "a.db-wal"});
    EXPECT_EQ(run(db.get(), "INSERT INTO t VALUES(1, 'a')"), SQLITE_IOERR_WRITE);
    disk.plan({.operation = DiskOperation::Sync});
    EXPECT_EQ(run(db.get(), "INSERT INTO t VALUES(1, 'a')"), SQLITE_IOERR_FSYNC);
    disk.set_room(0);
    EXPECT_EQ(run(db.get(), "INSERT INTO t VALUES(2, randomblob(50000))"), SQLITE_FULL);
    disk.set_room({});
    EXPECT_EQ(run(db.get(), "INSERT INTO t VALUES(3, randomblob(50000))"), SQLITE_OK);
}

TEST(SimulatedVfs, TwoConnectionsDoNotBothWrite) {
    SimulatedDisk disk;
    const Db db = make_db(disk, "FULL");
    ASSERT_EQ(run(db.get(), "INSERT INTO t VALUES(1, 'a')"), SQLITE_OK);
    const Db other = open_db(disk);
    EXPECT_EQ(run(other.get(), "INSERT INTO t VALUES(2, 'b')"), SQLITE_BUSY);
}

TEST(SimulatedVfs, ARollbackJournalHoldsToo) {
    const std::uint64_t seed = test_seed(55);
    SimulatedDisk disk;
    make_folder(disk);
    const Db db = open_db(disk);
    ASSERT_EQ(run(db.get(), "PRAGMA synchronous=EXTRA"), SQLITE_OK);
    ASSERT_EQ(run(db.get(), "PRAGMA locking_mode=NORMAL"), SQLITE_OK);
    ASSERT_EQ(run(db.get(), "CREATE TABLE t(n INTEGER PRIMARY KEY, body BLOB)"), SQLITE_OK);
    ASSERT_TRUE(disk.sync_directory("/data"));
    std::size_t committed = 0;
    int bad = 0;
    disk.set_hook([&](std::uint64_t operation) {
        const auto found = numbers(*disk.power_cut(seed + operation));
        bad += is_one_to(found, committed, committed + 1) ? 0 : 1;
    });
    for (int i = 1; i <= 20; ++i) {
        ASSERT_EQ(
            run(db.get(), "INSERT INTO t VALUES(" + std::to_string(i) + ", randomblob(3000))"),
            SQLITE_OK
        );
        ++committed;
    }
    disk.set_hook(nullptr);
    EXPECT_EQ(bad, 0);
}

}  // namespace
}  // namespace patron::store
