#include "tools/patron/move_folder.h"

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace patron::tools {
namespace {

namespace fs = std::filesystem;

class MoveFolder : public testing::Test {
  protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("patron_move_" + std::to_string(::getpid()));
        fs::create_directories(root_ / "from" / "snapshots");
        write(root_ / "from" / "patron.db", std::string(100'000, 'd'));
        write(root_ / "from" / "snapshots" / "one", "1");
    }
    void TearDown() override { fs::remove_all(root_); }

    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string read(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void expect_moved_to(const fs::path& to) {
        EXPECT_FALSE(fs::exists(root_ / "from"));
        EXPECT_EQ(read(to / "patron.db"), std::string(100'000, 'd'));
        EXPECT_EQ(read(to / "snapshots" / "one"), "1");
        EXPECT_FALSE(fs::exists(to.string() + ".part"));
    }

    fs::path root_;
};

TEST_F(MoveFolder, RenamesWhereItCan) {
    const Moved moved = move_folder(root_ / "from", root_ / "to");
    EXPECT_TRUE(moved.has_value()) << moved.error();
    expect_moved_to(root_ / "to");
}

TEST_F(MoveFolder, CopiesWholeAndRemoves) {
    const Moved moved = copy_and_remove_folder(root_ / "from", root_ / "to");
    EXPECT_TRUE(moved.has_value()) << moved.error();
    expect_moved_to(root_ / "to");
}

TEST_F(MoveFolder, GoesAcrossFileSystems) {
    struct stat here{};
    struct stat there{};
    ASSERT_EQ(::stat(root_.c_str(), &here), 0);
    if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) {
        GTEST_SKIP() << "/dev/shm is no other file system";
    }
    const fs::path to = "/dev/shm/patron_move_" + std::to_string(::getpid());
    const Moved moved = move_folder(root_ / "from", to);
    EXPECT_TRUE(moved.has_value()) << moved.error();
    expect_moved_to(to);
    fs::remove_all(to);
}

TEST_F(MoveFolder, WhatIsThereStays) {
    fs::create_directory(root_ / "to");
    for (const auto way : {move_folder, copy_and_remove_folder}) {
        const Moved moved = way(root_ / "from", root_ / "to");
        ASSERT_FALSE(moved.has_value());
        EXPECT_NE(moved.error().find("exists"), std::string::npos) << moved.error();
        EXPECT_TRUE(fs::is_empty(root_ / "to"));
        EXPECT_TRUE(fs::exists(root_ / "from" / "patron.db"));
    }
}

TEST_F(MoveFolder, ACopyThatFailsLeavesTheSourceAlone) {
    const Moved moved = copy_and_remove_folder(root_ / "from", root_ / "nothing" / "to");
    ASSERT_FALSE(moved.has_value());
    EXPECT_TRUE(fs::exists(root_ / "from" / "snapshots" / "one"));
    const Moved of_nothing = copy_and_remove_folder(root_ / "missing", root_ / "to");
    ASSERT_FALSE(of_nothing.has_value());
    EXPECT_FALSE(fs::exists(root_ / "to.part"));
}

}  // namespace
}  // namespace patron::tools
