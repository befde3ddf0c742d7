#include "server/policy_file.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gtest/gtest.h>

#include "server/start_error.h"
#include "server/wire/policy_presets.h"

namespace patron::server {
namespace {

class PolicyFile : public testing::Test {
  protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() /
                ("patron_policy_file_test." + std::to_string(::getpid()) + ".json");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    ExitCode code_for(const std::string& text) {
        std::ofstream(path_) << text;
        try {
            load_policy(path_.string(), {});
            return ExitCode::Ok;
        } catch (const StartError& error) {
            message_ = error.what();
            return error.code();
        }
    }

    std::filesystem::path path_;
    std::string message_;
};

TEST_F(PolicyFile, TakesWhatShips) {
    EXPECT_EQ(code_for(wire::default_policy_text()), ExitCode::Ok);
    EXPECT_EQ(load_policy(path_.string(), {}).name, load_policy("", {}).name);
}

TEST_F(PolicyFile, SaysWhereTheFirstMistakeIs) {
    EXPECT_EQ(code_for("{\n  \"name\": 7\n}"), ExitCode::Config);
    EXPECT_TRUE(message_.starts_with(path_.string() + ":")) << message_;
    EXPECT_NE(message_.find("patron policy validate"), std::string::npos) << message_;
    EXPECT_EQ(code_for(std::string(1024 * 1024 + 1, ' ')), ExitCode::Config);
}

TEST_F(PolicyFile, MustExist) {
    EXPECT_THROW(load_policy("/nonexistent/policy.json", {}), StartError);
}

}  // namespace
}  // namespace patron::server
