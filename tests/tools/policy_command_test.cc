#include "tools/patron/policy_command.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"

namespace patron::tools {
namespace {

struct Result {
    int code = -1;
    std::string out;
    std::string err;
};

Result run(const std::vector<std::string>& args) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = policy_command(args, out, err);
    return {code, out.str(), err.str()};
}

class PolicyCommand : public testing::Test {
  protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::temp_directory_path() /
                  ("patron_" + std::string(test->name()) + "_" + std::to_string(getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) const {
        const std::string path = folder_ / name;
        std::ofstream(path) << text;
        return path;
    }
    std::string path(const char* name) const { return folder_ / name; }

    static std::string loyalty() { return std::string(wire::find_preset("loyalty")->text); }

    // The loyalty preset with its first spend_365d misspelt.
    std::string broken() const {
        std::string text = loyalty();
        const std::size_t at = text.find("\"spend_365d\"");
        return file("broken.json", text.replace(at, 12, "\"spent_365d\""));
    }

  private:
    std::filesystem::path folder_;
};

TEST_F(PolicyCommand, ValidateAcceptsAPreset) {
    const std::string good = file("good.json", loyalty());
    const Result result = run({"validate", good});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, good + ": policy loyalty with 4 tiers is valid\n");
}

TEST_F(PolicyCommand, ValidateTellsFileLineAndColumn) {
    const std::string bad = broken();
    const Result result = run({"validate", bad});
    EXPECT_EQ(result.code, 1);
    EXPECT_TRUE(result.out.starts_with(bad + ":")) << result.out;
    EXPECT_NE(
        result.out.find(":18: error: unknown feature \"spent_365d\" (did you mean \"spend_365d\"?) "
                        "at /tiers/1/enter/0/spent_365d\n"),
        std::string::npos
    ) << result.out;
}

TEST_F(PolicyCommand, ValidateReadsSeveralFilesAndSaysJson) {
    const Result result =
        run({"validate", "--output", "json", file("good.json", loyalty()), broken()});
    EXPECT_EQ(result.code, 1);
    EXPECT_NE(result.out.find("\"valid\":true,\"problems\":[]}"), std::string::npos) << result.out;
    EXPECT_NE(
        result.out.find("\"valid\":false,\"problems\":[{\"severity\":\"error\""), std::string::npos
    ) << result.out;
}

TEST_F(PolicyCommand, WarningsAloneAreNoFinding) {
    std::string text = loyalty();
    const std::string label = "\"label\": {\"en\": \"Gold\", \"zh\": \"黄金\"},";
    text.replace(text.find(label), label.size(), "");
    const Result result = run({"validate", file("warned.json", text)});
    EXPECT_EQ(result.code, 0);
    EXPECT_NE(result.out.find(": warning: "), std::string::npos) << result.out;
}

TEST_F(PolicyCommand, ValidateKnowsTheDecimalsOfTheCurrency) {
    std::string text = loyalty();
    text.replace(text.find("8000}"), 5, "8000.5}");
    const std::string path = file("half.json", text);
    EXPECT_EQ(run({"validate", path}).code, 0);
    EXPECT_EQ(run({"validate", "--currency", "JPY", path}).code, 1);
    EXPECT_EQ(run({"validate", "--currency", "XXQ", path}).code, 2);
}

TEST_F(PolicyCommand, AFileTooLargeIsRefused) {
    const Result result = run({"validate", file("large.json", std::string(2 << 20, ' '))});
    EXPECT_EQ(result.code, 1);
    EXPECT_NE(result.out.find("more than 1048576 bytes"), std::string::npos) << result.out;
}

TEST_F(PolicyCommand, AFileThatIsNotThereIsNoInput) {
    const Result result = run({"validate", path("nothing.json")});
    EXPECT_EQ(result.code, 66);
    EXPECT_FALSE(result.err.empty());
}

TEST_F(PolicyCommand, ShowPrintsPresetsWithTheirComments) {
    EXPECT_EQ(run({"show", "vip"}).out, wire::find_preset("vip")->text);
    EXPECT_EQ(run({"show"}).out, wire::default_policy_text());
    EXPECT_EQ(run({"show", "default"}).out, wire::default_policy_text());
}

TEST_F(PolicyCommand, ShowPrintsAFileInCanonicalForm) {
    const Result result = run({"show", file("own.json", loyalty())});
    EXPECT_EQ(result.code, 0) << result.err;
    const auto policy = wire::parse_policy(loyalty(), scoring::FactSchema{});
    ASSERT_TRUE(policy);
    EXPECT_EQ(result.out, wire::write_policy(policy->policy, scoring::FactSchema{}));
    EXPECT_EQ(run({"show", broken()}).code, 1);
}

TEST_F(PolicyCommand, ShowSuggestsAPreset) {
    const Result result = run({"show", "loyality"});
    EXPECT_EQ(result.code, 66);
    EXPECT_NE(result.err.find("did you mean \"loyalty\"?"), std::string::npos) << result.err;
}

TEST_F(PolicyCommand, PresetsAreListed) {
    const Result text = run({"presets"});
    EXPECT_EQ(text.code, 0);
    const Result json = run({"presets", "--output", "json"});
    for (const wire::Preset& preset : wire::presets()) {
        EXPECT_NE(text.out.find(std::string(preset.name) + " "), std::string::npos);
        EXPECT_NE(
            json.out.find("{\"name\":\"" + std::string(preset.name) + "\""), std::string::npos
        );
    }
}

TEST_F(PolicyCommand, WrongUseIsUsage) {
    EXPECT_EQ(run({}).code, 2);
    EXPECT_EQ(run({"validate"}).code, 2);
    EXPECT_EQ(run({"presets", "--output", "xml"}).code, 2);
    EXPECT_EQ(run({"nonsense"}).code, 2);
    EXPECT_EQ(run({"--help"}).code, 0);
}

}  // namespace
}  // namespace patron::tools
