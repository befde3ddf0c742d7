#include <filesystem>

#include <gtest/gtest.h>

#include "tests/endpoints/test_folder.h"

namespace patron::testing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using endpoints::Method;

// An Api over a folder, recovered.
class Keeping : public ::testing::Test {
  protected:
    Keeping() : api_(folder_.open()) { EXPECT_TRUE(api_.store().wait_until_ready().has_value()); }

    TestFolder folder_;
    TestApi api_;
};

TEST_F(Keeping, ASnapshotSaysWhatItHolds) {
    api_.order("A", "10.00");
    api_.order("B", "20.00");
    const json::object snapshot = body_of(api_.post("/v1/snapshots", ""));
    EXPECT_EQ(snapshot.at("customers"), 2);
    EXPECT_EQ(snapshot.at("seq"), 2);
    EXPECT_EQ(snapshot.at("made_at"), "2026-03-01T04:00:00Z");
    const fs::path file = folder_.path() / "snapshots" / text_of(snapshot, "name");
    ASSERT_TRUE(fs::is_regular_file(file)) << file;
    EXPECT_EQ(snapshot.at("bytes").to_number<std::uint64_t>(), fs::file_size(file));
    const json::object health = api_.get_json("/healthz");
    EXPECT_EQ(health.at("last_snapshot_seq"), 2);
    EXPECT_EQ(health.at("durable"), true);
    EXPECT_EQ(health.at("durability"), "fsync");
}

TEST_F(Keeping, ASnapshotTakesNoBodyAndNoParameters) {
    EXPECT_EQ(code_of(api_.post("/v1/snapshots", "{}")), "bad_request");
    EXPECT_EQ(code_of(api_.post("/v1/snapshots?x=1", "")), "bad_parameter");
    EXPECT_EQ(api_.get("/v1/snapshots").status, 405);
}

TEST_F(Keeping, ABackupHasItsNameOnce) {
    api_.order("A", "10.00");
    const HttpAnswer answer = api_.post("/v1/backups", R"({"name":"nightly-1"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const json::object backup = body_of(answer);
    const fs::path directory = folder_.path() / "backups" / "nightly-1";
    EXPECT_EQ(text_of(backup, "directory"), directory);
    EXPECT_EQ(backup.at("seq"), 1);
    EXPECT_EQ(backup.at("snapshot").at("customers"), 1);
    EXPECT_TRUE(fs::is_regular_file(directory / "patron.db"));
    const HttpAnswer again = api_.post("/v1/backups", R"({"name":"nightly-1"})");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "name_taken");
}

TEST_F(Keeping, ABackupWithoutANameIsNamedAfterTheTime) {
    const json::object backup = body_of(api_.post("/v1/backups", ""));
    EXPECT_TRUE(text_of(backup, "directory").ends_with("/backups/20260301T040000Z"));
}

TEST_F(Keeping, ABackupStaysInItsFolder) {
    EXPECT_EQ(code_of(api_.post("/v1/backups", R"({"name":"../x"})")), "invalid_value");
    EXPECT_EQ(code_of(api_.post("/v1/backups", R"({"nome":"x"})")), "unknown_field");
    EXPECT_EQ(api_.run({Method::Post, "/v1/backups", "x", "text/plain"}).status, 415);
    EXPECT_EQ(code_of(api_.post("/v1/backups?name=x", "")), "bad_parameter");
    EXPECT_TRUE(fs::is_empty(folder_.path() / "backups"));
}

TEST_F(Keeping, AnErasureSaysUntilWhenItIsKept) {
    api_.order("A", "10.00");
    const json::object erased = body_of(api_.remove("/v1/customers/A"));
    EXPECT_EQ(erased.at("purge").at("pending"), true);
    EXPECT_TRUE(erased.at("purge").at("due").is_string());
}

TEST_F(Keeping, TheChecksNameLogDiskAndSnapshot) {
    const json::array checks = api_.get_json("/readyz?verbose").at("checks").as_array();
    ASSERT_EQ(checks.size(), 4U);
    EXPECT_EQ(checks[2].at("name"), "disk");
    EXPECT_EQ(checks[3].at("name"), "snapshot");
}

TEST_F(Keeping, MetricsCountIt) {
    api_.order("A", "10.00");
    const HttpAnswer snapshot = api_.post("/v1/snapshots", "");
    ASSERT_EQ(snapshot.status, 200);
    const std::string text = api_.get("/metrics").body;
    for (const char* line :
         {"\npatron_log_health{state=\"good\"} 1\n",
          "\npatron_log_health{state=\"failed\"} 0\n",
          "\npatron_log_commits_total 1\n",
          "\npatron_log_first_seq 1\n",
          "\npatron_log_last_seq 1\n",
          "\npatron_snapshots_total 1\n",
          "\npatron_snapshots_failed_total 0\n",
          "\npatron_snapshot_seq 1\n",
          "\npatron_snapshot_age_seconds 0\n",
          "\npatron_recovery_replayed_events 0\n",
          "\npatron_erasures_pending 0\n",
          "\npatron_idempotency_keys 0\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
    for (const char* name :
         {"patron_log_commit_seconds_total",
          "patron_log_commit_seconds_max",
          "patron_log_checkpoint_seconds_max",
          "patron_log_bytes",
          "patron_snapshot_bytes",
          "patron_snapshot_pause_seconds_max",
          "patron_recovery_replay_seconds",
          "patron_idempotency_bytes"}) {
        EXPECT_NE(text.find(std::string("# HELP ") + name), std::string::npos) << name;
    }
}

TEST(KeepingInMemory, HasNothingToWriteOut) {
    TestApi api;
    for (const char* path : {"/v1/snapshots", "/v1/backups"}) {
        const HttpAnswer answer = api.post(path, "");
        EXPECT_EQ(answer.status, 409) << path;
        EXPECT_EQ(code_of(answer), "no_data_folder") << path;
    }
    api.order("A", "10.00");
    const json::object erased = body_of(api.remove("/v1/customers/A"));
    EXPECT_EQ(erased.at("purge").at("pending"), false);
    EXPECT_TRUE(erased.at("purge").at("due").is_null());
}

TEST(Recovering, UnderV1NothingIsAnsweredAndOperatorsAreToldWhy) {
    TestFolder folder;
    GatedFiles files;
    auto opened = folder.open(files);
    files.close();
    TestApi api(std::move(opened));
    for (const char* path : {"/v1/customers/C/score", "/v1/customers/C", "/v1/stats"}) {
        const HttpAnswer answer = api.get(path);
        EXPECT_EQ(code_of(answer), "not_ready") << path;
        EXPECT_EQ(answer.header("retry-after"), "1") << path;
        EXPECT_NE(answer.body.find("recovery: "), std::string::npos) << answer.body;
    }
    EXPECT_EQ(code_of(api.post("/v1/events", "[]")), "not_ready");
    EXPECT_EQ(code_of(api.post("/v1/snapshots", "")), "not_ready");
    EXPECT_EQ(api.put("/v1/events", "").status, 405) << "what is wrong anyway";
    for (const char* path :
         {"/livez", "/healthz", "/metrics", "/version", "/openapi.json", "/asyncapi.json"}) {
        EXPECT_EQ(api.get(path).status, 200) << path;
    }
    EXPECT_EQ(code_of(api.get("/readyz")), "not_ready");
    files.open_gate();
    EXPECT_TRUE(api.store().wait_until_ready().has_value());
    EXPECT_EQ(api.get("/readyz").status, 200);
    EXPECT_EQ(api.get("/v1/customers/C/score").status, 404);
}

}  // namespace
}  // namespace patron::testing
