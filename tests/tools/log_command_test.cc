#include "tools/patron/log_command.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "tests/support/kept_folder.h"

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
    const int code = log_command(args, out, err);
    return {code, out.str(), err.str()};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

// The one damaged-<time> in the folder.
std::string aside_of(const KeptFolder& folder) {
    std::string found;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        if (entry.path().filename().string().starts_with("damaged-")) {
            EXPECT_TRUE(found.empty());
            found = entry.path().string();
        }
    }
    return found;
}

TEST(LogVerify, IsContentWithASoundFolder) {
    KeptFolder folder;
    folder.make();
    const Outcome text = run({"verify", "--data", folder.path()});
    EXPECT_EQ(text.code, 0) << text.out << text.err;
    EXPECT_NE(text.out.find("36 events (1 to 36)"), std::string::npos) << text.out;
    const Outcome json = run({"verify", "--data", folder.path(), "--output", "json"});
    EXPECT_EQ(json.code, 0);
    const auto said = boost::json::parse(json.out).as_object();
    EXPECT_TRUE(said.at("sound").as_bool());
    EXPECT_EQ(said.at("counts").at("batches").as_int64(), 12);
    EXPECT_EQ(said.at("reached").as_int64(), 36);
}

TEST(LogVerify, TellsThePlaceOfDamage) {
    KeptFolder folder;
    folder.make();
    folder.sql("update batch set body = x'00' where first_seq = 16");
    const Outcome text = run({"verify", "--data", folder.path()});
    EXPECT_EQ(text.code, 1);
    EXPECT_NE(text.out.find("/patron.db: seq 16: "), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("patron log repair"), std::string::npos) << text.out;
    const Outcome json = run({"verify", "--data", folder.path(), "--output", "json"});
    const auto said = boost::json::parse(json.out).as_object();
    EXPECT_FALSE(said.at("sound").as_bool());
    EXPECT_EQ(said.at("findings").at(0).at("seq").as_int64(), 16);
    EXPECT_EQ(said.at("findings").at(0).at("file").as_string(), "patron.db");
}

TEST(LogCommand, RefusesAFolderInUseAndOneThatIsNone) {
    KeptFolder folder;
    folder.make();
    {
        store::TestStore server(folder.options());
        for (const char* what : {"verify", "dump", "repair"}) {
            const Outcome seen = run({what, "--data", folder.path()});
            EXPECT_EQ(seen.code, 69) << what << seen.out << seen.err;
            EXPECT_NE(seen.err.find("another process"), std::string::npos) << seen.err;
        }
    }
    EXPECT_EQ(run({"verify", "--data", folder.file("nothing")}).code, 78);
    EXPECT_EQ(run({"verify", "--what"}).code, 2);
    EXPECT_EQ(run({}).code, 2);
}

TEST(LogDump, PrintsWhatTheApiTakes) {
    KeptFolder folder;
    folder.make_crashed();
    const Outcome seen = run({"dump", "--data", folder.path()});
    ASSERT_EQ(seen.code, 0) << seen.err;
    const auto lines = lines_of(seen.out);
    ASSERT_EQ(lines.size(), kEvents);
    std::string events;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = boost::json::parse(lines[i]).as_object();
        EXPECT_EQ(line.at("seq").as_int64(), static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(line.at("accepted_at").as_string(), "2024-03-15T04:00:00Z");
        events += boost::json::serialize(line.at("event")) + "\n";
    }
    // Read back by the front door into another store, it is the same state.
    const std::string_view tiers[] = {"standard", "silver", "gold"};
    wire::EventDecoder decoder;
    auto decoded = decoder.decode(
        events, wire::BodyForm::Ndjson, {{}, store::kTestNow, tiers, wire::OnError::Reject}
    );
    ASSERT_TRUE(decoded) << decoded.error().detail;
    store::TestStore again;
    ASSERT_TRUE(again.submit_and_wait(std::move(decoded->batch)));
    EXPECT_EQ(again.hashes(), KeptFolder::hashes_of(kEvents));
}

TEST(LogDump, PrintsARangeAndGoesOnBehindDamage) {
    KeptFolder folder;
    folder.make();
    const Outcome range = run({"dump", "--data", folder.path(), "--from", "5", "--to", "11"});
    EXPECT_EQ(range.code, 0);
    const auto lines = lines_of(range.out);
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_TRUE(lines.front().starts_with("{\"seq\":5,")) << lines.front();
    EXPECT_TRUE(lines.back().starts_with("{\"seq\":11,")) << lines.back();
    folder.sql("update batch set body = x'00' where first_seq = 16");
    const Outcome damaged = run({"dump", "--data", folder.path()});
    EXPECT_EQ(damaged.code, 1);
    EXPECT_EQ(lines_of(damaged.out).size(), kEvents - 3);
    EXPECT_NE(damaged.err.find("seq 16"), std::string::npos) << damaged.err;
}

TEST(LogRepair, ChangesNothingUnlessToldTo) {
    KeptFolder folder;
    folder.make();
    const Outcome sound = run({"repair", "--data", folder.path(), "--yes"});
    EXPECT_EQ(sound.code, 0);
    EXPECT_NE(sound.out.find("nothing to repair"), std::string::npos);
    folder.sql("update batch set body = x'00' where first_seq = 16");
    const auto before = KeptFolder::contents(folder.path());
    const Outcome asked = run({"repair", "--data", folder.path()});
    EXPECT_EQ(asked.code, 1);
    EXPECT_NE(asked.out.find("keep events 19 to 36 of 36"), std::string::npos) << asked.out;
    EXPECT_NE(asked.out.find("--yes"), std::string::npos);
    EXPECT_TRUE(KeptFolder::contents(folder.path()) == before);
}

TEST(LogRepair, SetsDamageAsideAndPrintsWhatIsNotKept) {
    KeptFolder folder;
    folder.make();
    folder.remove_snapshots();
    folder.sql("update batch set body = x'00' where first_seq = 16");
    const std::string before = KeptFolder::read(folder.file("patron.db"));
    const Outcome seen = run({"repair", "--data", folder.path(), "--yes"});
    ASSERT_EQ(seen.code, 0) << seen.out << seen.err;
    const std::string aside = aside_of(folder);
    EXPECT_EQ(KeptFolder::read(aside + "/patron.db"), before);
    const auto lines = lines_of(KeptFolder::read(aside + "/not-kept.ndjson"));
    ASSERT_EQ(lines.size(), kEvents - 18);
    EXPECT_TRUE(lines.front().starts_with("{\"type\":\"order\",\"customer\":\"c6\",\"id\":\"e6a\"")
    );
    EXPECT_EQ(run({"verify", "--data", folder.path()}).code, 0);
    store::TestStore server(folder.options());
    EXPECT_EQ(server->applied_seq(), 15U);
    EXPECT_EQ(server.hashes(), KeptFolder::hashes_of(15));
}

}  // namespace
}  // namespace patron::tools
