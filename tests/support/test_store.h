#pragma once
// A store for tests: a clock that stands still, a small policy, and verbs that wait for their
// answers.
//
// Time       the clock begins at kTestNow.
// Threads    the verbs from any thread; they wait for the store's callbacks, so never call one from
// such.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/compiled_policy.h"
#include "store/clock.h"
#include "store/store.h"

namespace patron::store {

// 2024-03-15T04:00:00Z: noon in Shanghai.
inline constexpr Instant kTestNow{1'710'475'200'000};
inline constexpr std::uint64_t kTestHashSeed = 20'261'121;

// Tiers standard, silver (100.00 within 365 days) and gold (500.00), a year's windows, MBG/NBD.
scoring::Policy test_policy();
std::shared_ptr<const scoring::CompiledPolicy> compiled_test_policy();

struct TestStoreOptions {
    std::size_t partitions = 0;
    std::size_t threads = 2;
    std::size_t dedupe_window = 0;
    std::size_t customers_max = 0;
    std::shared_ptr<const scoring::CompiledPolicy> policy = {};  // absent: the test policy
    std::unique_ptr<EventLog> log = {};                          // absent: none
    FileSystem* files = nullptr;                                 // with a directory: a data folder
    std::string directory = {};
    Durability durability = Durability::Fsync;
    KeepOptions keep = {};
    Instant now = kTestNow;
    std::uint64_t hash_seed = kTestHashSeed;  // without a data folder, which brings its own
};

// A log that holds the beat inside `append` while it is closed, and can be told to fail.
class GatedLog final : public EventLog {
  public:
    class Gate;
    explicit GatedLog(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}
    std::string_view name() const override { return "gated"; }
    bool durable() const override { return false; }
    Result<void> append(const LogBatch& batch) override;

  private:
    std::shared_ptr<Gate> gate_;
};

class GatedLog::Gate {
  public:
    void close();
    void open();
    void wait_until_held();  // until a beat stands before the closed gate
    void fail_next();
    // What was appended, as customer/event ids.
    std::vector<std::string> logged() const;
    std::vector<LogBatch> batches() const;

  private:
    friend class GatedLog;
    struct State;
    std::shared_ptr<State> state_ = make_state();
    static std::shared_ptr<State> make_state();
};

// A row of a scan, with its own strings.
struct ScannedRow {
    std::string id;
    Reading reading;
    Money spend_longest_window;
    std::optional<ProfileDetails> profile;
    std::uint64_t facts_hash;
    std::uint64_t state_hash;
};

struct StoreHashes {
    std::uint64_t customers = 0;
    std::uint64_t facts = 0;
    std::uint64_t states = 0;
    bool operator==(const StoreHashes&) const = default;
};

// A directory of its own below the system's temporary one, gone at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// The folder of such options, opened; what a server would pass on.
Result<std::unique_ptr<DataFolder>> open_folder(const TestStoreOptions& options);

class TestStore {
  public:
    // The store must open, and recover if it has a folder.
    explicit TestStore(TestStoreOptions options = {});
    // One that may not.
    static Result<std::unique_ptr<TestStore>> open(TestStoreOptions options);

    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }
    FixedClock& clock() { return clock_; }

    Result<IngestReply> submit_and_wait(
        EventBatch batch, OnError on_error = OnError::Reject, std::size_t return_scores_max = 0
    );
    // All requests are submitted before the first answer is waited for.
    std::vector<Result<IngestReply>> submit_all_and_wait(
        std::vector<EventBatch> batches, OnError on_error
    );
    Result<std::vector<std::optional<CustomerAnswer>>> ask_all_and_wait(
        std::vector<std::string> ids, std::optional<Instant> at = {}, bool portrait = false
    );
    // Of one customer that is known.
    CustomerAnswer ask_and_wait(
        std::string_view id, std::optional<Instant> at = {}, bool portrait = false
    );
    std::vector<ScannedRow> scan_and_wait(std::optional<Instant> at = {}, bool outlook = false);
    bool wait_for_and_wait(std::uint64_t seq);
    // Asks again for as long as the store has no more to say than that it is not there yet; false: given
    // up, a minute later.
    bool wait_for_time_and_wait(Instant time);
    // Sets the clock and waits until all that was due by then has been said.
    bool run_clock_to(Instant now);
    PicturePage picture_and_wait(RowPlace from, std::size_t customers_max);
    // All pages; only exact while nothing changes in between.
    std::vector<PictureRow> whole_picture_and_wait(std::size_t page_customers = 256);
    LiveCounts count_and_wait();
    // The changes after the cursor, with the offset of the last in the cursor; absent: they have gone. Those
    // of attributes alone on demand.
    std::optional<std::vector<Change>> changes_after(
        std::uint64_t& cursor, bool attributes = false
    );
    Result<SnapshotInfo> snapshot_and_wait();
    Result<BackupInfo> backup_and_wait(const std::string& directory);
    const RecoveryReport& recovered() const { return recovered_; }
    StoreHashes hashes();
    ReadOutcome read(std::string_view id, Reading& out) const;
    // Through the record, and through the beat where that does not answer.
    std::optional<Reading> look(std::string_view id);

  private:
    explicit TestStore(Instant now) : clock_(now) {}
    Result<void> start(TestStoreOptions options);

    FixedClock clock_;
    RecoveryReport recovered_;
    std::unique_ptr<Store> store_;
};

}  // namespace patron::store
