#include "tools/patron/snapshot_command.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

namespace patron::tools {
namespace {

struct Outcome {
    int code = -1;
    std::string out;
    std::string err;
};

Outcome run(const std::vector<std::string>& args) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = snapshot_command(args, out, err);
    return {code, out.str(), err.str()};
}

TEST(SnapshotCommand, VerifyWantsAFileThatIsThere) {
    EXPECT_EQ(run({"verify", "/nonexistent/snapshot"}).code, 66);
    EXPECT_EQ(run({"verify", "/"}).code, 66);
    EXPECT_EQ(run({"verify"}).code, 2);
}

TEST(SnapshotCommand, VerifyTellsDamage) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("patron_snapshot_command_" + std::to_string(::getpid()));
    std::ofstream(path) << "this is no snapshot, although it is long enough to look for one";
    const Outcome seen = run({"verify", path.string()});
    EXPECT_EQ(seen.code, 65) << seen.err;
    EXPECT_NE(seen.err.find(path.string()), std::string::npos) << seen.err;
    EXPECT_TRUE(seen.out.empty());
    std::filesystem::remove(path);
}

TEST(SnapshotCommand, NobodyThereIsUnavailable) {
    const Outcome seen = run({"--to", "http://127.0.0.1:1"});
    EXPECT_EQ(seen.code, 69) << seen.err;
    EXPECT_NE(seen.err.find("patron serve"), std::string::npos) << "the next step";
    EXPECT_EQ(run({"--to", "https://127.0.0.1:1"}).code, 2);
}

}  // namespace
}  // namespace patron::tools
