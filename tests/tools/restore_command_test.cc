#include "tools/patron/restore_command.h"

#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/kept_folder.h"
#include "tests/support/seed.h"

namespace patron::tools {
namespace {

namespace fs = std::filesystem;
using store::KeptFolder;
constexpr std::uint64_t kEvents = KeptFolder::kEvents;

struct Outcome {
    int code = -1;
    std::string out;
    std::string err;
};

Outcome run(const std::vector<std::string>& args) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = restore_command(args, out, err);
    return {code, out.str(), err.str()};
}

class RestoreCommand : public testing::Test {
  protected:
    void SetUp() override {
        folder_.make();
        store::TestStore server(folder_.options());
        const auto made = server.backup_and_wait(folder_.file("backups/one"));
        ASSERT_TRUE(made) << made.error().detail;
        fs::rename(folder_.file("backups/one"), backup_);
    }
    Outcome restore(const std::string& data, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {backup_, "--data", data});
        return run(more);
    }
    static void expect_history(const std::string& data, std::uint64_t events) {
        store::TestStoreOptions options;
        options.directory = data;
        store::TestStore server(std::move(options));
        EXPECT_EQ(server->applied_seq(), events);
        EXPECT_EQ(server.hashes(), KeptFolder::hashes_of(events));
    }

    KeptFolder folder_;
    store::TemporaryDirectory place_;
    std::string backup_ = place_.path() + "/backup";
    std::string data_ = place_.path() + "/below/data";
};

TEST_F(RestoreCommand, MakesAFolderThatAServerGoesOnWith) {
    const auto before = KeptFolder::contents(backup_);
    const Outcome seen = restore(data_ + "/");
    ASSERT_EQ(seen.code, 0) << seen.out << seen.err;
    EXPECT_TRUE(KeptFolder::contents(backup_) == before);
    EXPECT_FALSE(fs::exists(data_ + ".restoring"));
    expect_history(data_, kEvents);
}

TEST_F(RestoreCommand, TakesAnEmptyFolderButNoOther) {
    fs::create_directories(data_);
    ASSERT_EQ(restore(data_).code, 0);
    const auto before = KeptFolder::contents(data_);
    const Outcome refused = restore(data_);
    EXPECT_EQ(refused.code, 73) << refused.err;
    EXPECT_NE(refused.err.find("--replace"), std::string::npos) << refused.err;
    EXPECT_TRUE(KeptFolder::contents(data_) == before);
}

TEST_F(RestoreCommand, ReplaceMovesTheOldFolderAside) {
    fs::create_directories(data_);
    KeptFolder::write(data_ + "/mine", "kept");
    const Outcome seen = restore(data_, {"--replace"});
    ASSERT_EQ(seen.code, 0) << seen.out << seen.err;
    std::size_t old = 0;
    for (const auto& entry : fs::directory_iterator(place_.path() + "/below")) {
        if (entry.path().filename().string().starts_with("data.before-")) {
            EXPECT_EQ(KeptFolder::read(entry.path().string() + "/mine"), "kept");
            ++old;
        }
    }
    EXPECT_EQ(old, 1U);
    expect_history(data_, kEvents);
}

TEST_F(RestoreCommand, RefusesAFolderInUse) {
    store::TestStore server(folder_.options());
    const Outcome seen = restore(folder_.path(), {"--replace"});
    EXPECT_EQ(seen.code, 69) << seen.out << seen.err;
    EXPECT_EQ(server->applied_seq(), kEvents);
}

TEST_F(RestoreCommand, RefusesWhatIsNoBackup) {
    EXPECT_EQ(run({place_.path(), "--data", data_}).code, 78);
    EXPECT_EQ(run({"--data", data_}).code, 2);
    fs::remove_all(backup_ + "/snapshots");
    EXPECT_EQ(restore(data_).code, 1);
    EXPECT_FALSE(fs::exists(data_));
}

TEST_F(RestoreCommand, RefusesFlippedBytesUnlessTheyMeanNothing) {
    std::mt19937_64 random(patron::test_seed(31));
    for (const auto& [name, bytes] : KeptFolder::contents(backup_)) {
        const bool database = name == "patron.db";
        for (int round = 0; round < 40; ++round) {
            const std::size_t at = random() % bytes.size();
            KeptFolder::flip(backup_ + "/" + name, at);
            const Outcome seen = restore(data_);
            KeptFolder::write(backup_ + "/" + name, bytes);
            if (database && seen.code == 0) {
                // A byte that nothing hangs on: a page that is not in use, or between cells.
                expect_history(data_, kEvents);
                fs::remove_all(data_);
                continue;
            }
            EXPECT_NE(seen.code, 0) << name << " byte " << at;
            EXPECT_FALSE(fs::exists(data_)) << name << " byte " << at;
        }
    }
}

TEST_F(RestoreCommand, RefusesAFlippedByteOfEveryBatch) {
    KeptFolder copy;
    fs::rename(backup_, copy.path());
    for (std::uint64_t seq = 1; seq <= kEvents; seq += 3) {
        copy.sql(
            "update batch set body = substr(body, 2) || x'00' where first_seq = " +
            std::to_string(seq)
        );
        const Outcome seen = run({copy.path(), "--data", data_});
        EXPECT_EQ(seen.code, 1) << seq;
        EXPECT_NE(seen.out.find("seq " + std::to_string(seq) + ": "), std::string::npos)
            << seen.out;
        EXPECT_FALSE(fs::exists(data_));
    }
}

}  // namespace
}  // namespace patron::tools
