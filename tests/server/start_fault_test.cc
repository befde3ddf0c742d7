#include "server/start_fault.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace patron::server {
namespace {

namespace fs = std::filesystem;
using store::Fault;
using store::FaultCode;

ExitCode code_of(FaultCode code, const char* field = "") {
    return start_error_of("the data folder /d", Fault{code, "why", field}).code();
}

TEST(StartFault, HasTheExitCodeOfItsKind) {
    EXPECT_EQ(code_of(FaultCode::DataDamaged), ExitCode::DataError);
    EXPECT_EQ(code_of(FaultCode::DataFolder, "lock"), ExitCode::Unavailable);
    EXPECT_EQ(code_of(FaultCode::DataFolder), ExitCode::Config);
    EXPECT_EQ(code_of(FaultCode::DiskFailed), ExitCode::IoError);
    EXPECT_EQ(code_of(FaultCode::DiskFull), ExitCode::IoError);
    EXPECT_EQ(code_of(FaultCode::BadJson), ExitCode::Software);
}

TEST(StartFault, IsOneLineWithItsPlace) {
    const StartError error =
        start_error_of("the data folder /d", {FaultCode::DataDamaged, "a\nb", ""});
    EXPECT_STREQ(error.what(), "the data folder /d: a b");
    EXPECT_STREQ(start_error_of("", {FaultCode::DataDamaged, "a", ""}).what(), "a");
}

class UsableFolder : public testing::Test {
  protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("patron_usable_" + std::to_string(::getpid()));
        fs::create_directories(root_);
    }
    void TearDown() override {
        fs::permissions(root_, fs::perms::owner_all);
        fs::remove_all(root_);
    }

    ExitCode code_for(const fs::path& folder) {
        try {
            require_usable_folder(folder.string());
            return ExitCode::Ok;
        } catch (const StartError& error) {
            message_ = error.what();
            return error.code();
        }
    }

    fs::path root_;
    std::string message_;
};

TEST_F(UsableFolder, IsThereOrCanBeMade) {
    EXPECT_EQ(code_for(root_), ExitCode::Ok);
    EXPECT_EQ(code_for(root_ / "new"), ExitCode::Ok);
    EXPECT_FALSE(fs::exists(root_ / "new")) << "only looked at";
}

TEST_F(UsableFolder, IsNoFileAndHasAParent) {
    std::ofstream(root_ / "file") << "x";
    EXPECT_EQ(code_for(root_ / "file"), ExitCode::CannotCreate);
    EXPECT_NE(message_.find("--data"), std::string::npos) << "the next step";
    EXPECT_EQ(code_for(root_ / "nothing" / "new"), ExitCode::CannotCreate);
    EXPECT_NE(message_.find("No such file"), std::string::npos) << message_;
}

TEST_F(UsableFolder, CanBeReadAndWritten) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may do everything";
    }
    fs::permissions(root_, fs::perms::owner_read);
    EXPECT_EQ(code_for(root_), ExitCode::NoPermission);
    EXPECT_EQ(code_for(root_ / "new"), ExitCode::CannotCreate);
}

}  // namespace
}  // namespace patron::server
