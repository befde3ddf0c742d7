#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/file_system.h"

namespace patron::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SystemFiles : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "system_files_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    static std::span<const std::byte> bytes(const std::string& text) {
        return std::as_bytes(std::span(text));
    }
    void write(const std::string& name, const std::string& text) {
        auto file = files_.create(path(name));
        ASSERT_TRUE(file) << file.error().detail;
        ASSERT_TRUE((*file)->append(bytes(text)));
        ASSERT_TRUE((*file)->sync());
    }
    std::string content(const std::string& name) const {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    FileSystem& files_ = system_files();
    std::string folder_;
};

TEST_F(SystemFiles, WhatWasAppendedIsReadBackFromAnyPlace) {
    std::string text;
    for (int i = 0; i < 100000; ++i) {
        text += std::to_string(i) + ",";
    }
    auto out = files_.create(path("a"));
    ASSERT_TRUE(out);
    for (std::size_t at = 0; at < text.size(); at += 70001) {
        ASSERT_TRUE((*out)->append(bytes(text.substr(at, 70001))));
    }
    ASSERT_TRUE((*out)->append({}));
    ASSERT_TRUE((*out)->sync());
    EXPECT_EQ(content("a"), text);

    const auto in = files_.open(path("a"));
    ASSERT_TRUE(in);
    EXPECT_EQ((*in)->size(), text.size());
    std::string middle(1000, '\0');
    ASSERT_TRUE((*in)->read_at(12345, std::as_writable_bytes(std::span(middle))));
    EXPECT_EQ(middle, text.substr(12345, 1000));
}

TEST_F(SystemFiles, ReadingBehindTheEndIsAFaultAndNotLess) {
    write("a", "12345");
    const auto in = files_.open(path("a"));
    ASSERT_TRUE(in);
    std::array<std::byte, 4> into{};
    EXPECT_TRUE((*in)->read_at(1, into));
    const auto beyond = (*in)->read_at(2, into);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, FaultCode::DiskFailed);
    EXPECT_THAT(beyond.error().detail, HasSubstr("ends at byte 5"));
}

TEST_F(SystemFiles, CreateEmptiesWhatIsThere) {
    write("a", "long text");
    write("a", "x");
    EXPECT_EQ(content("a"), "x");
}

TEST_F(SystemFiles, FilesAreNotForEverybody) {
    write("a", "x");
    ASSERT_TRUE(files_.make_directory(path("d")));
    struct stat about{};
    ASSERT_EQ(stat(path("a").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07U, 0U);
    ASSERT_EQ(stat(path("d").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07U, 0U);
}

TEST_F(SystemFiles, WantOfDescriptorsIsNoFaultOfTheDisk) {
    // Once with descriptors: a sanitizer that sees a type first needs one itself.
    ASSERT_TRUE(files_.create(path("f")));
    ASSERT_TRUE(files_.sync_directory(path("")));
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto made = files_.create(path("f"));
    const auto synced = files_.sync_directory(path(""));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(made);
    ASSERT_FALSE(synced);
    EXPECT_EQ(made.error().code, FaultCode::NoDescriptors);
    EXPECT_EQ(synced.error().code, FaultCode::NoDescriptors);
}

TEST_F(SystemFiles, RenameReplacesAndRemoveRemoves) {
    write("a", "new");
    write("b", "old");
    ASSERT_TRUE(files_.rename(path("a"), path("b")));
    EXPECT_EQ(content("b"), "new");
    EXPECT_TRUE(files_.sync_directory(folder_));
    ASSERT_TRUE(files_.remove(path("b")));
    EXPECT_FALSE(std::filesystem::exists(path("b")));
}

TEST_F(SystemFiles, ListsPlainFilesInOrder) {
    write("c", "");
    write("a", "");
    write("b", "");
    ASSERT_TRUE(files_.make_directory(path("directory")));
    std::filesystem::create_symlink(path("a"), path("link"));
    const auto names = files_.list(folder_);
    ASSERT_TRUE(names);
    EXPECT_THAT(*names, ElementsAre("a", "b", "c"));
}

TEST_F(SystemFiles, MakingADirectoryThatIsThereIsFineUnlessItIsAFile) {
    EXPECT_TRUE(files_.make_directory(path("d")));
    EXPECT_TRUE(files_.make_directory(path("d")));
    write("a", "");
    EXPECT_FALSE(files_.make_directory(path("a")));
    EXPECT_FALSE(files_.make_directory(path("missing/d")));
}

TEST_F(SystemFiles, AFaultNamesTheCallThePathAndTheReason) {
    const std::string missing = path("missing");
    const auto opened = files_.open(missing);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, FaultCode::DiskFailed);
    EXPECT_EQ(opened.error().detail, "open of " + missing + ": No such file or directory");
    EXPECT_FALSE(files_.create(missing + "/x"));
    EXPECT_FALSE(files_.rename(missing, path("b")));
    EXPECT_FALSE(files_.remove(missing));
    EXPECT_FALSE(files_.sync_directory(missing));
    EXPECT_FALSE(files_.list(missing));
    EXPECT_FALSE(files_.open(folder_)) << "a directory";
}

TEST_F(SystemFiles, NoRoomIsDiskFull) {
    auto file = files_.create("/dev/full");
    ASSERT_TRUE(file) << file.error().detail;
    const auto appended = (*file)->append(bytes("x"));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, FaultCode::DiskFull);
    EXPECT_EQ(appended.error().detail, "write of /dev/full: No space left on device");
}

// The limit on a file's size makes the kernel write less than asked, then fail.
TEST_F(SystemFiles, AShortWriteIsGoneOnWithUntilItFails) {
    auto file = files_.create(path("a"));
    ASSERT_TRUE(file);
    rlimit usual{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 10, .rlim_max = usual.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto appended = (*file)->append(bytes("0123456789abcdef"));
    setrlimit(RLIMIT_FSIZE, &usual);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, FaultCode::DiskFailed);
    EXPECT_THAT(appended.error().detail, HasSubstr("File too large"));
    EXPECT_EQ(content("a"), "0123456789") << "the first call wrote ten, a second was made";
}

TEST_F(SystemFiles, AFileThatCannotBeSyncedSaysSo) {
    // A pipe takes bytes and has nothing to sync.
    const std::string pipe = path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    auto file = files_.create(pipe);
    ASSERT_TRUE(file);
    const auto synced = (*file)->sync();
    ASSERT_FALSE(synced);
    EXPECT_EQ(synced.error().code, FaultCode::DiskFailed);
    EXPECT_EQ(synced.error().detail, "fdatasync of " + pipe + ": Invalid argument");
    ::close(reader);
}

}  // namespace
}  // namespace patron::store
