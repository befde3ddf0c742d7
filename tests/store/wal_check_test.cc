#include "store/wal_check.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kPageBytes = 512;
constexpr std::size_t kFrameBytes = kPageBytes + 24;

class Bytes final : public InputFile {
  public:
    explicit Bytes(const std::string& bytes) : bytes_(bytes) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Result<void> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset + into.size() > bytes_.size()) {
            return fail(FaultCode::DiskFailed, "behind the end");
        }
        std::memcpy(into.data(), bytes_.data() + offset, into.size());
        return {};
    }

  private:
    const std::string& bytes_;
};

WalVerdict judge(const std::string& wal, bool synced_each = true) {
    auto verdict = check_wal(Bytes(wal), synced_each);
    EXPECT_TRUE(verdict);
    return verdict ? *verdict : WalVerdict{};
}

// Transactions that the verdict keeps; -1: damaged.
std::int64_t kept(const WalVerdict& verdict) {
    if (const auto* whole = std::get_if<WalWhole>(&verdict)) {
        return static_cast<std::int64_t>(whole->commits);
    }
    if (const auto* torn = std::get_if<WalTornTail>(&verdict)) {
        return static_cast<std::int64_t>(torn->commits);
    }
    return -1;
}
bool whole(const WalVerdict& verdict) {
    return std::holds_alternative<WalWhole>(verdict);
}
bool damaged(const WalVerdict& verdict) {
    return std::holds_alternative<WalDamaged>(verdict);
}

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A database whose log is looked at while it is open, as after a crash.
class WalCheck : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "wal_check_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        ASSERT_EQ(sqlite3_open((folder_ + "/a.db").c_str(), &db_), SQLITE_OK);
        sqlite3_extended_result_codes(db_, 1);
        run("PRAGMA page_size=512");
        run("PRAGMA locking_mode=EXCLUSIVE");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("PRAGMA wal_autocheckpoint=0");
        run("CREATE TABLE t(n INTEGER PRIMARY KEY, body BLOB)");
        run("PRAGMA wal_checkpoint(TRUNCATE)");
        base_ = content(folder_ + "/a.db");
        sqlite3_wal_hook(db_, &note_end, this);
    }
    void TearDown() override {
        sqlite3_close(db_);
        std::filesystem::remove_all(folder_);
    }

    void run(const std::string& sql) {
        ASSERT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sql << ": " << sqlite3_errmsg(db_);
    }
    // One transaction; `bytes` of body, so about that many over 500 frames.
    void insert(std::size_t bytes) {
        run("INSERT INTO t(body) VALUES(randomblob(" + std::to_string(bytes) + "))");
    }
    static int note_end(void* self, sqlite3* /*db*/, const char* /*name*/, int frames) {
        static_cast<WalCheck*>(self)->ends_.push_back(
            32 + static_cast<std::size_t>(frames) * kFrameBytes
        );
        return SQLITE_OK;
    }
    // What is in the log stays in the file; the next transaction begins a new round over it.
    void checkpoint() {
        run("PRAGMA wal_checkpoint(RESTART)");
        base_ = content(folder_ + "/a.db");
        rows_before_ += static_cast<std::int64_t>(ends_.size());
        ends_.clear();
    }
    std::string wal() const { return content(folder_ + "/a.db-wal"); }

    // Transactions that SQLite finds in the log.
    std::int64_t recovered(const std::string& wal) const {
        const std::string copy = folder_ + "/copy.db";
        std::ofstream(copy, std::ios::binary) << base_;
        std::ofstream(copy + "-wal", std::ios::binary) << wal;
        std::filesystem::remove(copy + "-shm");
        sqlite3* db = nullptr;
        sqlite3_open(copy.c_str(), &db);
        sqlite3_exec(db, "PRAGMA synchronous=OFF", nullptr, nullptr, nullptr);
        sqlite3_stmt* count = nullptr;
        sqlite3_prepare_v2(db, "SELECT count(*), max(n) FROM t", -1, &count, nullptr);
        EXPECT_EQ(sqlite3_step(count), SQLITE_ROW) << sqlite3_errmsg(db);
        const std::int64_t rows = sqlite3_column_int64(count, 0);
        EXPECT_EQ(rows, sqlite3_column_int64(count, 1));
        sqlite3_finalize(count);
        sqlite3_close(db);
        return rows - rows_before_;
    }

    std::int64_t transactions() const { return static_cast<std::int64_t>(ends_.size()); }
    // Of the transaction that the byte belongs to, from 0.
    std::int64_t transaction_at(std::size_t byte) const {
        return std::upper_bound(ends_.begin(), ends_.end(), byte) - ends_.begin();
    }
    // The one place where a single fault destroys the proof: see wal_check.h.
    bool proof_is_spoilt_at(std::size_t byte) const {
        const std::size_t frame = (byte - 32) / kFrameBytes;
        const std::size_t begin = 32 + frame * kFrameBytes;
        const auto owner = transaction_at(byte);
        return owner == transactions() - 2 &&
               begin + kFrameBytes == ends_[static_cast<std::size_t>(owner)] &&
               begin % 512 + 24 > 512;
    }
    static bool is_end_mark(std::size_t byte) {
        const std::size_t place = (byte - 32) % kFrameBytes;
        return place >= 4 && place < 8;
    }
    void expect_flips_are_seen(const std::string& log, std::size_t used);

    std::string folder_;
    sqlite3* db_ = nullptr;
    std::string base_;               // the database as the log finds it
    std::vector<std::size_t> ends_;  // of this round's transactions in the log
    std::int64_t rows_before_ = 0;
};

TEST_F(WalCheck, AnEmptyOrMissingLogIsWhole) {
    EXPECT_EQ(kept(judge("")), 0);
    EXPECT_TRUE(whole(judge("")));
    const auto verdict = check_wal(system_files(), folder_, "none-wal", true);
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(whole(*verdict));
    EXPECT_FALSE(check_wal(system_files(), folder_ + "/none", "a.db-wal", true));
}

TEST_F(WalCheck, AWholeLogIsWhole) {
    for (int i = 0; i < 5; ++i) {
        insert(700);
    }
    const auto verdict = check_wal(system_files(), folder_, "a.db-wal", true);
    ASSERT_TRUE(verdict);
    ASSERT_TRUE(whole(*verdict));
    EXPECT_EQ(std::get<WalWhole>(*verdict).commits, 5U);
    EXPECT_EQ(std::get<WalWhole>(*verdict).frames, (ends_.back() - 32) / kFrameBytes);
}

TEST_F(WalCheck, ALogOfManyMegabytesIsReadInPieces) {
    for (int i = 0; i < 3; ++i) {
        insert(1300000);
    }
    std::string log = wal();
    EXPECT_EQ(kept(judge(log)), 3);
    log[ends_[0] - 100] ^= 1;
    EXPECT_TRUE(damaged(judge(log)));
    log[ends_[0] - 100] ^= 1;
    log[ends_[1] + 100] ^= 1;
    EXPECT_EQ(kept(judge(log)), 2);
}

TEST_F(WalCheck, CutAtEveryLengthItKeepsWhatWasWhole) {
    for (int i = 0; i < 12; ++i) {
        insert(static_cast<std::size_t>(100 + 300 * (i % 4)));
    }
    const std::string log = wal();
    ASSERT_EQ(log.size(), ends_.back());
    for (std::size_t length = 0; length <= log.size(); ++length) {
        const std::string cut = log.substr(0, length);
        const auto verdict = judge(cut);
        const auto left = std::upper_bound(ends_.begin(), ends_.end(), length) - ends_.begin();
        ASSERT_EQ(kept(verdict), left) << length;
        const bool at_an_end =
            length == 0 || length == 32 || std::ranges::binary_search(ends_, length);
        ASSERT_EQ(whole(verdict), at_an_end) << length;
        if (const auto* torn = std::get_if<WalTornTail>(&verdict)) {
            ASSERT_EQ(torn->offset + torn->bytes, length);
        }
        if (length % 97 == 0 || at_an_end) {
            ASSERT_EQ(recovered(cut), left) << length;
        }
    }
}

void WalCheck::expect_flips_are_seen(const std::string& log, std::size_t used) {
    std::int64_t spoilt = 0;
    for (std::size_t byte = 0; byte < log.size(); ++byte) {
        std::string bad = log;
        bad[byte] = static_cast<char>(bad[byte] ^ (byte % 2 == 0 ? 0xff : 1 << (byte / 2 % 8)));
        const auto verdict = judge(bad);
        const std::string where = "byte " + std::to_string(byte);
        if (byte >= used) {
            ASSERT_EQ(kept(verdict), transactions()) << where;
        } else if (byte >= 32 && transaction_at(byte) == transactions() - 1) {
            // A frame that seems to end a transaction, and is followed, is damage for certain.
            ASSERT_TRUE(kept(verdict) == transactions() - 1 || is_end_mark(byte)) << where;
            ASSERT_FALSE(whole(verdict)) << where;
        } else if (byte >= 32 && proof_is_spoilt_at(byte)) {
            ++spoilt;
            ASSERT_FALSE(whole(verdict)) << where;
        } else {
            ASSERT_TRUE(damaged(verdict)) << where;
        }
        if (byte % 211 == 0 && !damaged(verdict)) {
            ASSERT_EQ(recovered(bad), kept(verdict)) << where;
        }
        ASSERT_FALSE(byte >= 32 && damaged(judge(bad, false))) << where;
    }
    EXPECT_LE(spoilt, static_cast<std::int64_t>(kFrameBytes));
}

TEST_F(WalCheck, AFlippedByteIsNeverPassedOver) {
    for (int i = 0; i < 12; ++i) {
        insert(static_cast<std::size_t>(100 + 300 * (i % 4)));
    }
    expect_flips_are_seen(wal(), ends_.back());
}

TEST_F(WalCheck, FramesOfAnEarlierRoundMeanNothing) {
    for (int i = 0; i < 12; ++i) {
        insert(900);
    }
    checkpoint();
    for (int i = 0; i < 4; ++i) {
        insert(500);
    }
    const std::string log = wal();
    const std::size_t used = ends_.back();
    ASSERT_LT(used, log.size());
    EXPECT_TRUE(whole(judge(log)));
    EXPECT_EQ(kept(judge(log)), 4);
    EXPECT_EQ(recovered(log), 4);
    expect_flips_are_seen(log, used);
}

TEST_F(WalCheck, TransactionsOfOneFrameEachProveOneAnother) {
    insert(10);
    for (int i = 0; i < 60; ++i) {
        run("UPDATE t SET body = randomblob(12) WHERE n = 1");
        ASSERT_EQ(ends_.back() - ends_[ends_.size() - 2], kFrameBytes);
    }
    const std::string log = wal();
    for (std::size_t byte = 32; byte < log.size(); byte += 5) {
        std::string bad = log;
        bad[byte] = static_cast<char>(~bad[byte]);
        const auto verdict = judge(bad);
        if (transaction_at(byte) == transactions() - 1) {
            ASSERT_EQ(kept(verdict), transactions() - 1);
            ASSERT_FALSE(whole(verdict));
        } else {
            ASSERT_TRUE(damaged(verdict)) << byte;
        }
    }
}

TEST_F(WalCheck, DamageSaysWhere) {
    insert(100);
    insert(100);
    insert(100);
    std::string log = wal();
    log[ends_[0] + 30] ^= 1;
    const auto verdict = judge(log);
    ASSERT_TRUE(damaged(verdict));
    const auto& damage = std::get<WalDamaged>(verdict);
    EXPECT_EQ(damage.offset, ends_[0]);
    EXPECT_EQ(damage.frame, (ends_[0] - 32) / kFrameBytes + 1);
    EXPECT_THAT(damage.reason, HasSubstr("frame " + std::to_string(damage.frame) + " at byte"));
    log = wal();
    log[20] ^= 1;
    EXPECT_EQ(std::get<WalDamaged>(judge(log)).frame, 0U);
}

TEST_F(WalCheck, AHeaderWithNothingBehindItIsATornTail) {
    insert(100);
    std::string log = wal();
    log[3] ^= 1;
    EXPECT_TRUE(damaged(judge(log)));
    const auto alone = judge(log.substr(0, 32));
    ASSERT_TRUE(std::holds_alternative<WalTornTail>(alone));
    EXPECT_EQ(std::get<WalTornTail>(alone).bytes, 32U);
    EXPECT_EQ(kept(judge(log.substr(0, 32) + std::string(5000, '\0'))), 0);
    EXPECT_EQ(kept(judge(log, false)), 0) << "nothing was synced, neither was the header";
}

// The last transaction as a disk may leave it that was not synced: any of its sectors missing.
class TornTransaction : public WalCheck {
  protected:
    void expect_no_damage(
        const std::string& before, const std::string& after, std::mt19937_64& random
    ) {
        const double keep = static_cast<double>(random() % 10 + 1) / 10;
        std::bernoulli_distribution kept_sector(keep);
        std::string image = before;
        for (std::size_t at = 0; at < after.size(); at += 512) {
            const std::size_t bytes = std::min<std::size_t>(512, after.size() - at);
            if (after.compare(at, bytes, before, std::min(at, before.size()), bytes) != 0 &&
                kept_sector(random)) {
                image.resize(std::max(image.size(), at + bytes), '\0');
                image.replace(at, bytes, after, at, bytes);
            }
        }
        const auto verdict = judge(image);
        ASSERT_FALSE(damaged(verdict)) << std::get<WalDamaged>(verdict).reason;
        ASSERT_GE(kept(verdict), transactions() - 1);
        if (random() % 8 == 0) {
            ASSERT_EQ(recovered(image), kept(verdict));
        }
    }
    void tear(std::size_t bytes, int times, std::mt19937_64& random) {
        const std::string before = wal();
        insert(bytes);
        const std::string after = wal();
        for (int i = 0; i < times && !HasFatalFailure(); ++i) {
            expect_no_damage(before, after, random);
        }
    }
    // Leaves frames of this round behind that no transaction owns.
    void roll_back_a_long_one() {
        run("PRAGMA cache_size=4");
        run("BEGIN");
        run("INSERT INTO t(body) VALUES(randomblob(60000))");
        run("ROLLBACK");
    }
};

TEST_F(TornTransaction, IsNotTakenForDamage) {
    std::mt19937_64 random(test_seed(4711));
    insert(100);  // the log's header is synced before frames are written
    for (int i = 0; i < 40; ++i) {
        tear(200 + random() % 20000, 30, random);
    }
}

TEST_F(TornTransaction, IsNotTakenForDamageOverAnEarlierRound) {
    std::mt19937_64 random(test_seed(4712));
    for (int i = 0; i < 40; ++i) {
        insert(100 + random() % 9000);
    }
    checkpoint();
    insert(100);
    for (int i = 0; i < 20; ++i) {
        tear(200 + random() % 15000, 60, random);
    }
}

TEST_F(TornTransaction, IsNotTakenForDamageOverOneThatWasRolledBack) {
    std::mt19937_64 random(test_seed(4713));
    for (int i = 0; i < 30; ++i) {
        insert(100 + random() % 3000);
        const std::size_t before = wal().size();
        roll_back_a_long_one();
        ASSERT_GT(wal().size(), before) << "nothing was spilled";
        const auto verdict = judge(wal());
        ASSERT_FALSE(damaged(verdict));
        ASSERT_EQ(kept(verdict), transactions());
        tear(200 + random() % 20000, 30, random);
    }
}

// Whatever happens to sectors that were synced, transactions never go without a word.
TEST_F(WalCheck, SectorsThatAreLostAreNeverPassedOver) {
    std::mt19937_64 random(test_seed(4714));
    for (int i = 0; i < 30; ++i) {
        insert(100 + random() % 5000);
    }
    const std::string log = wal();
    int torn = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string bad = log;
        const std::size_t at = random() % log.size() / 512 * 512;
        const std::size_t bytes = std::min<std::size_t>(512 << random() % 5, log.size() - at);
        if (random() % 2 == 0) {
            std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), bytes, '\0');
        } else {
            std::generate_n(bad.begin() + static_cast<std::ptrdiff_t>(at), bytes, [&] {
                return static_cast<char>(random());
            });
        }
        const auto verdict = judge(bad);
        ASSERT_FALSE(whole(verdict)) << at << " " << bytes;
        // Three or more whole transactions behind the damage prove it.
        const auto intact = transactions() - 1 - transaction_at(at + bytes - 1);
        ASSERT_TRUE(intact < 2 || damaged(verdict)) << at << " " << bytes << " " << intact;
        torn += damaged(verdict) ? 0 : 1;
    }
    EXPECT_LT(torn, 3000 / 2);
}

}  // namespace
}  // namespace patron::store
