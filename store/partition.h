#pragma once
// The customers of one partition: their columns, ledgers, index, and the rules by which an event moves
// them.
//
// Time       an event acts at a = max(event.at, the instant of the customer's newest event): the log
//            state is advanced to a, the fact is added, the rules are asked at a. What readers see is
//            the log state advanced to now, published, never written back: states depend on each
//            customer's sequence of events alone.
//            Listeners are told of every change a customer's published standing makes on its way: by its
//            alarm when it is due, or earlier by whoever touches the customer.
// Order      within one customer, events apply in the order they come, and changes are told so.
// Threads    one task at a time, except `find_standing`, `read` and `prefetch`: any thread, no lock.
//            A save sees every row as it stood when it began: a row about to change is saved first.
// Errors     `apply` takes only what `BeatCheck` let pass.

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/attributes.h"
#include "store/beat_event.h"
#include "store/change.h"
#include "store/customer_columns.h"
#include "store/dedupe_window.h"
#include "store/due_rows.h"
#include "store/key_index.h"
#include "store/ledger_pool.h"
#include "store/partition_map.h"
#include "store/snapshot_file.h"
#include "store/store.h"

namespace patron::store {

struct BeatContext {
    const scoring::CompiledPolicy& policy;
    Instant now;
    // The farthest the clock has been: what listeners are told never runs backwards.
    Instant time = now;
};

// What telling came to.
struct Told {
    Instant until;      // all that time had changed by then has been told
    bool more = false;  // something is still due
};

class Partition {
  public:
    struct Bounds {
        std::size_t customers_max;
        std::size_t dedupe_window;
        std::uint64_t hash_seed;
    };
    explicit Partition(Bounds bounds);

    // -- any thread --
    // What is published of a customer; false, with anything in `out`, if nobody knows it.
    bool find_standing(std::uint64_t hash, std::string_view id, scoring::Standing& out) const;
    ReadOutcome read(
        const scoring::CompiledPolicy& policy,
        std::uint64_t hash,
        std::string_view id,
        Instant now,
        Reading& out,
        Outlook outlook = Outlook::Wanted
    ) const;
    void prefetch(std::uint64_t hash) const { index_.prefetch(index_hash(hash)); }
    void prefetch_record(std::uint64_t hash) const {
        if (const Row row = index_.guess(index_hash(hash)); row != KeyIndex::kNoRow) {
            columns_.record(row).prefetch();
        }
    }

    // -- the partition's task --
    // Applies those of `events` named by `mine`, in that order, and sets their outcomes.
    void apply(
        std::span<BeatEvent> events, std::span<const std::uint32_t> mine, BeatContext context
    );

    // Nothing for an unknown customer; PastNotKept for an instant before the customer's newest event.
    Result<std::optional<CustomerAnswer>> answer(
        std::string_view id, std::optional<Instant> at, bool portrait, BeatContext context
    );
    // Some rows, until the slice ends; where to go on, if not all were seen.
    struct ScanSlice {
        Row from;
        Instant at;
        std::chrono::steady_clock::time_point end;
    };
    std::optional<Row> scan(
        Scan& scan, std::size_t partition, ScanSlice slice, BeatContext context
    );
    // Rows from `from` on that the question wants, appended to `page`; where to go on, if not all were seen.
    std::optional<Row> picture(
        const PictureQuestion& question, Row from, PicturePage& page, BeatContext context
    );

    // Makes up to `limit` published standings ready that lack their outlook; false when none is left.
    bool prepare_outlooks(std::size_t limit, BeatContext context);

    // -- telling (partition_time.cc) --
    // Events come from the log: nobody is told of anything.
    void begin_replay() { live_ = false; }
    // All was told until then; the partition's number is for places.
    void begin_live(std::uint32_t number, Instant told_until);
    // Works out what was told before the start of up to `limit` customers, and arms their alarms; false
    // when none is left.
    bool recall(std::size_t limit, BeatContext context);
    std::size_t not_recalled() const { return not_recalled_; }
    // Finds the exact instants of up to `limit` rows whose tick has begun; false: there are more.
    bool gather_due(std::size_t limit, BeatContext context);
    // An instant by which about `limit` changes are due, at most the context's time.
    Instant due_horizon(std::size_t limit, BeatContext context) {
        return due_.horizon(limit, context.time);
    }
    // Tells what is due until then, in order, and no more than `limit` of one millisecond.
    Told tell_due(Instant until, std::size_t limit, BeatContext context);
    // Tells what events have left to be told of up to `limit` customers; false when none is left.
    bool tell_owed(std::size_t limit, BeatContext context);
    bool owes() const { return !owed_.empty(); }
    Instant next_due() const { return due_.next(); }
    std::size_t armed() const { return due_.armed(); }
    // What was said since the last call, without seq.
    std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
    bool has_changes() const { return !changes_.empty(); }
    void add_counts(LiveCounts& counts) const;

    // Packs the ledgers anew when runs outgrown and left take too much room, and lets go of a long list that
    // is empty; whether there was anything to do.
    bool compact();

    // What BeatCheck asks.
    std::optional<Row> find(std::uint64_t hash, std::string_view id) const;
    scoring::Ledger ledger(Row row) const { return ledgers_.view(columns_.ledger(row)); }
    // Event ids: false for a duplicate; what is remembered is settled or taken back, newest first.
    bool remember(std::uint64_t id_hash) { return dedupe_.insert(id_hash); }
    void take_back_id() { dedupe_.take_back(); }
    void settle_ids() { dedupe_.settle(); }
    void prefetch_id(std::uint64_t id_hash) const { dedupe_.prefetch(id_hash); }
    std::size_t customers() const { return customers_; }
    std::size_t room() const { return bounds_.customers_max - customers_; }
    std::uint32_t ledger_size_max() const { return ledger_size_max_; }

    // -- saving: begin, rows until none is left, end --
    void begin_save(std::uint32_t number);
    // Adds up to `limit` rows, or until the block is full; false when the last has been saved.
    bool save_rows(SnapshotBlock& block, std::size_t limit);
    // Rows saved out of turn since the last call, because they were about to change.
    std::vector<SnapshotBlock> take_early_blocks();
    // All but the position.
    PartitionSaved end_save();
    void abandon_save() { save_.reset(); }
    // -- loading, into an empty partition --
    void expect_rows(std::size_t rows) { index_.reserve(std::min(rows, bounds_.customers_max)); }
    void load(const SavedCustomer& customer);
    void load_closing(const PartitionSaved& saved);
    // Of an erasure whose event has gone from the log.
    void bury(std::uint64_t customer_hash) { erased_.insert(customer_hash); }

    std::size_t erased() const { return erased_.size(); }
    std::uint64_t entries() const { return ledgers_.size(); }
    std::size_t bytes() const;

  private:
    // A save under way.
    struct Save {
        Save();        // in the source: clang takes no defaults of a class that is not closed yet
        Row next = 0;  // rows before it are saved
        Row end = 0;   // rows from it on are younger than the save
        std::vector<bool> early;  // saved out of turn, or empty when the save began
        std::vector<SnapshotBlock> early_blocks;
        PartitionSaved saved;
    };

    Row find_or_create(const BeatEvent& event, Instant at);
    Row create(std::uint64_t hash, std::string_view id, Instant at);
    void before_change(Row row) {
        if (save_ && row >= save_->next && row < save_->end && !save_->early[row]) [[unlikely]] {
            save_early(row);
        }
    }
    void save_early(Row row);
    void save_row(SnapshotBlock& block, Row row);
    void prefetch_for(
        std::span<const BeatEvent> events, std::span<const std::uint32_t> mine, std::size_t i
    ) const;
    void apply_one(BeatEvent& event, BeatContext context);
    void move(Row row, const BeatEvent& event, Instant at, BeatContext context);
    scoring::State settled_at(
        Row row,
        const scoring::Standing& published,
        Instant at,
        const scoring::CompiledPolicy& policy
    ) const;
    void add_facts(Row row, const BeatEvent& event, Instant at, BeatContext context);
    CustomerAttributes& attributes(Row row);
    void add_visit(Row row, Instant at, const scoring::CompiledPolicy& policy);
    void erase(std::uint64_t hash, Row row);

    scoring::Facts facts(Row row) const;
    std::string_view id_of(const CustomerId& id) const;
    const CustomerAttributes* known_attributes(Row row) const;
    void publish(Row row, const RecordBody& body);
    // The customer at `at`, from the latest state that lies before it.
    scoring::Standing standing_at(
        Row row, Instant at, const scoring::CompiledPolicy& policy, Money* spend
    ) const;
    // The published standing if it holds at now, else a new one, published.
    RecordBody fresh(Row row, bool outlook, BeatContext context);
    // The same, but what is due is only looked at, not told.
    RecordBody looked_at(Row row, bool outlook, BeatContext context);
    std::vector<FutureTransition> transitions_until(
        Row row, const scoring::Standing& from, Instant until, const scoring::CompiledPolicy& policy
    ) const;
    struct ScanPass;
    void scan_rows(ScanPass& pass, Row from, Row until);
    void scan_row(ScanPass& pass, Row row);
    struct Scanned {
        const RecordBody& body;
        const scoring::Score& score;
        Money spend;
    };
    void show(ScanPass& pass, Row row, const Scanned& scanned) const;

    void mark_outlook(Row row, bool wanted);
    std::optional<Row> wanting_outlook();

    // The published standing as of the context's time, everything on the way told.
    void catch_up(Row row, BeatContext context);
    bool may_be_due(Row row, BeatContext context) const;
    void recall_one(Row row, BeatContext context);
    void tell_transition(Row row, RecordBody body, BeatContext context);
    void show_moved(Row row, scoring::Walk& walk, RecordBody& body, BeatContext context);
    Instant search_end(BeatContext context) const;
    void tell_until(Row row, Instant to, BeatContext context);
    void tell_event(
        Row row, const RecordBody& body, const scoring::TierOverride& by, Cause cause, BeatContext c
    );
    void tell_attributes(
        Row row,
        std::shared_ptr<const ProfileDetails> before,
        const scoring::Standing& standing,
        BeatContext context
    );
    void tell_erasure(Row row, Instant at, BeatContext context);
    void say(
        Row row,
        const scoring::Standing& standing,
        const scoring::Visible& to,
        Cause cause,
        Instant at,
        BeatContext context
    );
    void settle_debt(
        Row row,
        const scoring::Standing& standing,
        const scoring::Visible& now,
        Instant since,
        BeatContext context
    );
    Instant bound(const scoring::Standing& standing, BeatContext context) const;
    void arm(Row row, RecordBody& body, BeatContext context);
    void count(const scoring::Visible& visible, std::int64_t difference);
    std::shared_ptr<const ProfileDetails> shared_profile(Row row) const;
    ScoreThen score_then(const scoring::CompiledPolicy& policy, const scoring::Standing& standing)
        const;

    Bounds bounds_;
    std::optional<Save> save_;
    KeyIndex index_;
    CustomerColumns columns_;
    LedgerPool ledgers_;
    DedupeWindow dedupe_;
    std::vector<std::unique_ptr<CustomerAttributes>> attributes_;
    std::vector<std::string> long_ids_;
    std::vector<Row> free_rows_;
    std::vector<std::uint32_t> free_attributes_;
    std::vector<std::uint32_t> free_long_ids_;
    std::unordered_set<std::uint64_t> erased_;   // hashed ids of the erased
    std::vector<std::uint64_t> outlook_wanted_;  // a bit per row
    std::size_t outlooks_wanted_ = 0;
    std::size_t outlook_cursor_ = 0;
    std::size_t customers_ = 0;
    std::uint32_t ledger_size_max_ = 0;

    bool live_ = true;
    std::uint32_t number_ = 0;
    Instant told_until_ = scoring::kLongAgo;  // before the start
    std::size_t not_recalled_ = 0;
    Row recall_cursor_ = 0;
    DueRows due_;
    std::vector<Row> begun_;  // scratch
    std::vector<Row> owed_;   // may hold a row twice, or one that owes no more
    std::vector<Change> changes_;
    std::array<std::array<std::array<std::uint32_t, scoring::kStages>, scoring::kBands>, 16> stand_{
    };
    std::array<std::uint32_t, scoring::kFollowUpStates> follow_ups_{};
};

}  // namespace patron::store
