#include "server/options.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "server/start_error.h"
#include "store/limits.h"

namespace patron::server {
namespace {

class OptionsFile : public testing::Test {
  protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() /
                ("patron_options_test." + std::to_string(::getpid()) + ".toml");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    OptionSources with_file(const std::string& text) {
        std::ofstream(path_) << text;
        OptionSources sources;
        sources.file = path_.string();
        return sources;
    }

    std::filesystem::path path_;
};

OptionSources nothing() {
    return {};
}

// The exit code and message of a refusal; Ok when nothing was refused.
std::pair<ExitCode, std::string> refusal_of(const OptionSources& sources) {
    try {
        read_options(resolve_options(sources));
        return {ExitCode::Ok, ""};
    } catch (const StartError& error) {
        return {error.code(), error.what()};
    }
}

TEST(Options, HaveDefaultsThatPass) {
    const Options options = read_options(resolve_options(nothing()));
    EXPECT_EQ(options.listen.address, "127.0.0.1");
    EXPECT_EQ(options.listen.port, 8080);
    EXPECT_TRUE(options.listen.loopback);
    EXPECT_GE(options.io_threads, 1U);
    EXPECT_EQ(options.streams_max, store::limits::kStreamsMax);
    EXPECT_EQ(options.streams_per_client_max, store::limits::kStreamsPerClientMax);
    EXPECT_EQ(options.currency, "CNY");
    EXPECT_EQ(options.currency_digits, 2);
    EXPECT_FALSE(options.clock.has_value());
}

TEST_F(OptionsFile, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
    OptionSources sources = with_file("[schema]\ncurrency = \"EUR\"\n[server]\nio_threads = 3\n");
    OptionValues values = resolve_options(sources);
    EXPECT_EQ(values.at("schema.currency").text, "EUR");
    EXPECT_EQ(values.at("schema.currency").place, path_.string() + ":2");
    EXPECT_EQ(values.at("server.io_threads").text, "3");
    EXPECT_EQ(values.at("log.level").origin, Origin::Default);

    sources.environment = {"HOME=/", "PATRON__SCHEMA__CURRENCY=JPY", "PATRON__LOG__LEVEL=warn"};
    values = resolve_options(sources);
    EXPECT_EQ(values.at("schema.currency").text, "JPY");
    EXPECT_EQ(values.at("schema.currency").place, "PATRON__SCHEMA__CURRENCY");
    EXPECT_EQ(values.at("log.level").text, "warn");
    EXPECT_EQ(values.at("server.io_threads").origin, Origin::File);

    sources.flags["schema.currency"] = "USD";
    values = resolve_options(sources);
    EXPECT_EQ(values.at("schema.currency").text, "USD");
    EXPECT_EQ(values.at("schema.currency").origin, Origin::Flag);
    EXPECT_EQ(values.at("schema.currency").place, "--currency");
}

TEST_F(OptionsFile, RefusesUnknownKeysWithTheirPlace) {
    const auto [code, message] = refusal_of(with_file("[server]\n\nlisten_on = \"127.0.0.1:1\"\n"));
    EXPECT_EQ(code, ExitCode::Config);
    EXPECT_TRUE(message.starts_with(path_.string() + ":3: ")) << message;
    EXPECT_EQ(refusal_of(with_file("listen = \"x\"\n")).first, ExitCode::Config);
    EXPECT_EQ(refusal_of(with_file("[server]\nlisten = [1]\n")).first, ExitCode::Config);
    EXPECT_EQ(refusal_of(with_file("[server\n")).first, ExitCode::Config);
    OptionSources sources;
    sources.environment = {"PATRON__SERVER__LISTEM=127.0.0.1:1"};
    EXPECT_EQ(refusal_of(sources).first, ExitCode::Config);
}

TEST_F(OptionsFile, IsBounded) {
    EXPECT_EQ(refusal_of(with_file("#" + std::string(1024 * 1024, 'x'))).first, ExitCode::Config);
    OptionSources sources;
    sources.file = "/nonexistent/patron.toml";
    EXPECT_EQ(refusal_of(sources).first, ExitCode::NoInput);
}

ExitCode code_for(const std::string& key, const std::string& value) {
    OptionSources sources;
    sources.flags[key] = value;
    return refusal_of(sources).first;
}

TEST(Options, RefuseToBeReachedByOthersWithoutInsecure) {
    for (const char* address : {"0.0.0.0:8080", "[::]:8080", "192.168.1.2:80"}) {
        OptionSources sources;
        sources.flags["server.listen"] = address;
        const auto [code, message] = refusal_of(sources);
        EXPECT_EQ(code, ExitCode::Usage) << address;
        EXPECT_NE(message.find("--insecure"), std::string::npos) << "the next step";
        sources.flags["server.insecure"] = "true";
        EXPECT_EQ(refusal_of(sources).first, ExitCode::Ok) << address;
    }
    for (const char* address : {"127.0.0.1:0", "[::1]:9", "localhost:80", "127.9.9.9:80"}) {
        EXPECT_EQ(code_for("server.listen", address), ExitCode::Ok) << address;
    }
}

TEST(Options, RefuseValuesThatWouldNotDo) {
    EXPECT_EQ(code_for("server.listen", "8080"), ExitCode::Usage);
    EXPECT_EQ(code_for("server.listen", "127.0.0.1:65536"), ExitCode::Usage);
    EXPECT_EQ(code_for("server.listen", "example.org:80"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.data", ""), ExitCode::Usage);
    EXPECT_EQ(code_for("store.durability", "always"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.sync_interval_ms", "9"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.sync_interval_ms", "60001"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.snapshot_minutes", "0"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.snapshot_log_mb", "0"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.snapshots_kept", "0"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.snapshots_kept", "101"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.log_retain_mb", "1e3"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.threads", "-1"), ExitCode::Usage);
    EXPECT_EQ(code_for("store.threads", "257"), ExitCode::Usage);
    EXPECT_EQ(code_for("schema.currency", "XYZ"), ExitCode::Usage);
    EXPECT_EQ(code_for("schema.time_zone", "Mars/Olympus"), ExitCode::Usage);
    EXPECT_EQ(code_for("clock.instant", "yesterday"), ExitCode::Usage);
    EXPECT_EQ(code_for("clock.instant", "1997-09-30T00:00:00+08:00"), ExitCode::Ok);
    EXPECT_EQ(code_for("log.level", "loud"), ExitCode::Usage);
    EXPECT_EQ(code_for("server.insecure", "maybe"), ExitCode::Usage);
    OptionSources sources;
    sources.environment = {"PATRON__STORE__THREADS=many"};
    EXPECT_EQ(refusal_of(sources).first, ExitCode::Config) << "not the command line's fault";
}

TEST(Options, KeepEventsInAFolderUnlessToldOtherwise) {
    const Options options = read_options(resolve_options(nothing()));
    EXPECT_EQ(options.data_folder, "patron-data");
    EXPECT_EQ(options.durability, store::Durability::Fsync);
    EXPECT_EQ(options.sync_interval_ms, 1000);
    EXPECT_EQ(options.keep.snapshot_every_ms, 60 * 60 * 1000);
    EXPECT_EQ(options.keep.snapshot_log_bytes, std::uint64_t{1} << 30);
    EXPECT_EQ(options.keep.snapshots_kept, 2U);
    EXPECT_EQ(options.keep.log_retain_bytes, std::uint64_t{16} << 30);
}

TEST_F(OptionsFile, SaysWhereAndHowEventsAreKept) {
    const OptionSources sources = with_file(
        "[store]\ndata = \"/var/lib/patron\"\ndurability = \"interval\"\nsync_interval_ms = 250\n"
        "snapshot_minutes = 5\nsnapshot_log_mb = 64\nsnapshots_kept = 7\nlog_retain_mb = 0\n"
    );
    const Options options = read_options(resolve_options(sources));
    EXPECT_EQ(options.data_folder, "/var/lib/patron");
    EXPECT_EQ(options.durability, store::Durability::Interval);
    EXPECT_EQ(options.sync_interval_ms, 250);
    EXPECT_EQ(options.keep.snapshot_every_ms, 300'000);
    EXPECT_EQ(options.keep.snapshot_log_bytes, std::uint64_t{64} << 20);
    EXPECT_EQ(options.keep.snapshots_kept, 7U);
    EXPECT_EQ(options.keep.log_retain_bytes, 0U);
}

TEST(Options, NoneIsNoFolder) {
    OptionSources sources;
    sources.flags["store.data"] = "none";
    sources.flags["store.durability"] = "none";
    const Options options = read_options(resolve_options(sources));
    EXPECT_EQ(options.data_folder, "");
    EXPECT_EQ(options.durability, store::Durability::None);
    sources.flags["store.data"] = "./none//";
    EXPECT_EQ(read_options(resolve_options(sources)).data_folder, "./none");
}

TEST(Options, AreNamedInTheEnvironmentByTheirKeys) {
    EXPECT_EQ(environment_name("server.io_threads"), "PATRON__SERVER__IO_THREADS");
    for (const OptionSpec& spec : option_specs()) {
        EXPECT_TRUE(spec.flag.starts_with("--")) << spec.key;
        EXPECT_FALSE(spec.help.empty()) << spec.key;
    }
}

}  // namespace
}  // namespace patron::server
