#include "tests/support/test_store.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <utility>

#include "scoring/check.h"

namespace patron::store {
namespace {

// Copies what a scan shows.
class Copy final : public Scan {
  public:
    using Rows = std::vector<std::vector<ScannedRow>>;
    Copy(bool outlook, std::promise<std::vector<ScannedRow>> done)
        : outlook_(outlook), done_(std::move(done)) {}

    bool wants_outlook() const override { return outlook_; }
    bool wants_profile() const override { return true; }
    bool wants_hashes() const override { return true; }
    void begin(std::size_t partitions) override { rows_.resize(partitions); }
    void row(std::size_t partition, const ScanRow& row) override {
        rows_[partition].push_back(
            {std::string(row.id),
             {row.reading.standing, row.reading.score, row.reading.policy, 0},
             row.spend_longest_window,
             row.profile != nullptr ? std::optional(*row.profile) : std::nullopt,
             row.facts_hash,
             row.state_hash}
        );
    }
    void finish(const ScanEnd&) override {
        std::vector<ScannedRow> all;
        for (auto& rows : rows_) {
            std::move(rows.begin(), rows.end(), std::back_inserter(all));
        }
        done_.set_value(std::move(all));
    }
    void abandon() override { done_.set_value({}); }

  private:
    bool outlook_;
    Rows rows_;
    std::promise<std::vector<ScannedRow>> done_;
};

IngestRequest request_of(
    EventBatch batch, OnError on_error, std::shared_ptr<std::promise<Result<IngestReply>>> done
) {
    IngestRequest request;
    request.batch = std::move(batch);
    request.on_error = on_error;
    request.done = [done](Result<IngestReply> reply) {
        done->set_value(std::move(reply));
    };
    return request;
}

}  // namespace

scoring::Policy test_policy() {
    using enum scoring::FeatureKind;
    scoring::Policy p;
    p.purchase = scoring::kCdnowMbgNbd;
    p.purchase_source = "CDNOW";
    p.signal_weights.fill(0.5);
    p.dimensions = {{"spend", {SpendWindow, 2}, 1, {{0, 0}, {500'00, 60}, {2000'00, 100}}}};
    const auto spends = [](double least) {
        return scoring::Rule{{{{SpendWindow, 2}, scoring::Comparison::AtLeast, least, {}}}};
    };
    p.tiers = {
        {"standard", {}, {}, std::nullopt},
        {"silver", {}, spends(100'00), std::nullopt},
        {"gold", {}, spends(500'00), std::nullopt}
    };
    p.service.assign(p.tiers.size() * scoring::kStages, {"usual", 30, 24, {}, {}});
    return p;
}

std::shared_ptr<const scoring::CompiledPolicy> compiled_test_policy() {
    auto compiled = scoring::compile(test_policy(), {});
    PATRON_CHECK(compiled != nullptr);
    return compiled;
}

struct GatedLog::Gate::State {
    mutable std::mutex mutex;
    std::condition_variable moved;
    bool closed = false;
    bool held = false;
    bool fails = false;
    std::vector<std::string> logged;
    std::vector<LogBatch> batches;
};

std::shared_ptr<GatedLog::Gate::State> GatedLog::Gate::make_state() {
    return std::make_shared<State>();
}

Result<void> GatedLog::append(const LogBatch& batch) {
    Gate::State& s = *gate_->state_;
    std::unique_lock lock(s.mutex);
    s.held = s.closed;
    s.moved.notify_all();
    s.moved.wait(lock, [&] { return !s.closed; });
    s.held = false;
    if (std::exchange(s.fails, false)) {
        return fail(FaultCode::NotReady, "the disk is gone");
    }
    for (const Event* event : batch.events) {
        s.logged.push_back(std::string(event->customer) + "/" + std::string(event->id));
    }
    LogBatch kept;  // without views of what ends with the call
    kept.first_seq = batch.first_seq;
    kept.accepted_at = batch.accepted_at;
    kept.policy_revision = batch.policy_revision;
    s.batches.push_back(kept);
    return {};
}

void GatedLog::Gate::close() {
    const std::scoped_lock lock(state_->mutex);
    state_->closed = true;
}

void GatedLog::Gate::open() {
    const std::scoped_lock lock(state_->mutex);
    state_->closed = false;
    state_->moved.notify_all();
}

void GatedLog::Gate::wait_until_held() {
    std::unique_lock lock(state_->mutex);
    state_->moved.wait(lock, [this] { return state_->held; });
}

void GatedLog::Gate::fail_next() {
    const std::scoped_lock lock(state_->mutex);
    state_->fails = true;
}

std::vector<std::string> GatedLog::Gate::logged() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->logged;
}

std::vector<LogBatch> GatedLog::Gate::batches() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->batches;
}

TestStore::TestStore(TestStoreOptions options) : clock_(options.now) {
    const auto started = start(std::move(options));
    if (!started) {
        std::fprintf(stderr, "no store: %s\n", started.error().detail.c_str());
    }
    PATRON_CHECK(started.has_value());
}

Result<std::unique_ptr<TestStore>> TestStore::open(TestStoreOptions options) {
    std::unique_ptr<TestStore> store(new TestStore(options.now));
    if (auto started = store->start(std::move(options)); !started) {
        return std::unexpected(std::move(started.error()));
    }
    return store;
}

Result<void> TestStore::start(TestStoreOptions options) {
    const auto policy = options.policy ? options.policy : compiled_test_policy();
    StoreOptions o;
    o.schema = policy->schema;
    o.policy = policy->policy;
    o.clock = &clock_;
    o.keep = options.keep;
    if (!options.directory.empty()) {
        auto folder = open_folder(options);
        if (!folder) {
            return std::unexpected(std::move(folder.error()));
        }
        o.folder = *std::move(folder);
    } else {
        o.log = options.log ? std::move(options.log) : make_memory_only_log();
    }
    o.partitions = options.partitions;
    o.threads = options.threads;
    o.dedupe_window = options.dedupe_window;
    o.customers_max = options.customers_max;
    o.hash_seed = options.hash_seed;
    auto opened = Store::open(std::move(o));
    if (!opened) {
        return std::unexpected(std::move(opened.error()));
    }
    store_ = *std::move(opened);
    auto report = store_->wait_until_ready();
    if (!report) {
        return std::unexpected(std::move(report.error()));
    }
    recovered_ = *std::move(report);
    return {};
}

Result<SnapshotInfo> TestStore::snapshot_and_wait() {
    std::promise<Result<SnapshotInfo>> done;
    const auto fault = store_->snapshot([&](Result<SnapshotInfo> info) { done.set_value(info); });
    PATRON_CHECK(!fault.has_value());
    return done.get_future().get();
}

Result<BackupInfo> TestStore::backup_and_wait(const std::string& directory) {
    std::promise<Result<BackupInfo>> done;
    const auto fault =
        store_->backup(directory, [&](Result<BackupInfo> info) { done.set_value(info); });
    PATRON_CHECK(!fault.has_value());
    return done.get_future().get();
}

TemporaryDirectory::TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "patron-XXXXXX").string();
    PATRON_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Result<std::unique_ptr<DataFolder>> open_folder(const TestStoreOptions& options) {
    const auto policy = options.policy ? options.policy : compiled_test_policy();
    FolderOptions about;
    about.schema = policy->schema;
    about.policy_name = policy->policy.name;
    // Any text that tells policies apart will do here.
    about.policy_document = policy->policy.name + std::to_string(policy->policy.revision);
    about.partitions = options.partitions;
    about.durability = options.durability;
    about.now = options.now;
    return DataFolder::open(
        options.files != nullptr ? *options.files : system_files(), options.directory, about
    );
}

Result<IngestReply> TestStore::submit_and_wait(
    EventBatch batch, OnError on_error, std::size_t return_scores_max
) {
    const auto done = std::make_shared<std::promise<Result<IngestReply>>>();
    auto reply = done->get_future();
    IngestRequest request = request_of(std::move(batch), on_error, done);
    request.return_scores_max = return_scores_max;
    if (auto fault = store_->submit(std::move(request))) {
        return std::unexpected(*std::move(fault));
    }
    return reply.get();
}

std::vector<Result<IngestReply>> TestStore::submit_all_and_wait(
    std::vector<EventBatch> batches, OnError on_error
) {
    std::vector<std::future<Result<IngestReply>>> futures;
    for (EventBatch& batch : batches) {
        const auto done = std::make_shared<std::promise<Result<IngestReply>>>();
        futures.push_back(done->get_future());
        if (auto fault = store_->submit(request_of(std::move(batch), on_error, done))) {
            done->set_value(std::unexpected(*std::move(fault)));
        }
    }
    std::vector<Result<IngestReply>> replies;
    for (auto& future : futures) {
        replies.push_back(future.get());
    }
    return replies;
}

Result<std::vector<std::optional<CustomerAnswer>>> TestStore::ask_all_and_wait(
    std::vector<std::string> ids, std::optional<Instant> at, bool portrait
) {
    using Answers = Result<std::vector<std::optional<CustomerAnswer>>>;
    const auto done = std::make_shared<std::promise<Answers>>();
    auto answers = done->get_future();
    CustomerQuestion question;
    question.ids = std::move(ids);
    question.at = at;
    question.portrait = portrait;
    question.done = [done](Answers a) {
        done->set_value(std::move(a));
    };
    if (auto fault = store_->ask(std::move(question))) {
        return std::unexpected(*std::move(fault));
    }
    return answers.get();
}

CustomerAnswer TestStore::ask_and_wait(
    std::string_view id, std::optional<Instant> at, bool portrait
) {
    auto answers = ask_all_and_wait({std::string(id)}, at, portrait);
    PATRON_CHECK(answers.has_value() && answers->front().has_value());
    return *std::move(answers->front());
}

std::vector<ScannedRow> TestStore::scan_and_wait(std::optional<Instant> at, bool outlook) {
    std::promise<std::vector<ScannedRow>> done;
    auto rows = done.get_future();
    const auto refused = store_->scan(std::make_unique<Copy>(outlook, std::move(done)), at);
    PATRON_CHECK(!refused.has_value());
    return rows.get();
}

bool TestStore::wait_for_and_wait(std::uint64_t seq) {
    const auto done = std::make_shared<std::promise<bool>>();
    auto reached = done->get_future();
    const auto refused = store_->wait_for(seq, [done](bool r) { done->set_value(r); });
    PATRON_CHECK(!refused.has_value());
    return reached.get();
}

bool TestStore::wait_for_time_and_wait(Instant time) {
    constexpr int kTimesMax = 120;
    for (int i = 0; i < kTimesMax; ++i) {
        const auto done = std::make_shared<std::promise<bool>>();
        auto reached = done->get_future();
        const auto refused = store_->wait_for_time(time, [done](bool r) { done->set_value(r); });
        PATRON_CHECK(!refused.has_value());
        if (reached.get()) {
            return true;
        }
    }
    return false;
}

bool TestStore::run_clock_to(Instant now) {
    clock_.set(now);
    return wait_for_time_and_wait(now);
}

PicturePage TestStore::picture_and_wait(RowPlace from, std::size_t customers_max) {
    const auto done = std::make_shared<std::promise<PicturePage>>();
    auto page = done->get_future();
    PictureQuestion question;
    question.from = from;
    question.customers_max = customers_max;
    question.wants = [](std::string_view, const scoring::Visible&, const ProfileDetails*) {
        return true;
    };
    question.done = [done](PicturePage p) {
        done->set_value(std::move(p));
    };
    const auto refused = store_->picture(std::move(question));
    PATRON_CHECK(!refused.has_value());
    return page.get();
}

std::vector<PictureRow> TestStore::whole_picture_and_wait(std::size_t page_customers) {
    std::vector<PictureRow> rows;
    std::optional<RowPlace> from{RowPlace{}};
    while (from) {
        PicturePage page = picture_and_wait(*from, page_customers);
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
        PATRON_CHECK(!page.next || *from < *page.next);
        from = page.next;
    }
    return rows;
}

LiveCounts TestStore::count_and_wait() {
    const auto done = std::make_shared<std::promise<LiveCounts>>();
    auto counts = done->get_future();
    const auto refused = store_->count([done](LiveCounts c) { done->set_value(std::move(c)); });
    PATRON_CHECK(!refused.has_value());
    return counts.get();
}

std::optional<std::vector<Change>> TestStore::changes_after(
    std::uint64_t& cursor, bool attributes
) {
    constexpr std::size_t kAtATime = 65'536;
    std::vector<Change> out;
    const std::uint64_t head = store_->changes().head();
    while (cursor < head) {
        const auto batches = store_->changes().after(cursor, kAtATime);
        if (!batches) {
            return std::nullopt;
        }
        PATRON_CHECK(!batches->empty());
        for (const ChangeBatchPtr& batch : *batches) {
            PATRON_CHECK(batch->first_offset <= cursor + 1 && batch->last_offset() > cursor);
            const auto skip = static_cast<std::ptrdiff_t>(cursor + 1 - batch->first_offset);
            std::copy_if(
                batch->changes.begin() + skip,
                batch->changes.end(),
                std::back_inserter(out),
                [&](const Change& c) { return attributes || c.from != c.to; }
            );
            cursor = batch->last_offset();
        }
    }
    return out;
}

StoreHashes TestStore::hashes() {
    StoreHashes out;
    for (const ScannedRow& row : scan_and_wait()) {
        ++out.customers;
        out.facts += row.facts_hash;
        out.states += row.state_hash;
    }
    return out;
}

ReadOutcome TestStore::read(std::string_view id, Reading& out) const {
    return store_->read(store_->key_of(id), id, clock_.now(), out);
}

std::optional<Reading> TestStore::look(std::string_view id) {
    Reading reading;
    switch (read(id, reading)) {
        case ReadOutcome::Found:
            return reading;
        case ReadOutcome::Unknown:
            return std::nullopt;
        case ReadOutcome::AskTheBeat:
            break;
    }
    auto answers = ask_all_and_wait({std::string(id)});
    PATRON_CHECK(answers.has_value());
    if (!answers->front()) {
        return std::nullopt;  // erased since
    }
    return answers->front()->reading;
}

}  // namespace patron::store
