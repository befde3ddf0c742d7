#include "store/partition.h"

#include <algorithm>
#include <bit>

#include "scoring/check.h"
#include "store/event_entries.h"
#include "store/partition_map.h"
#include "store/state_hash.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::Facts;
using scoring::Rollup;
using scoring::Standing;
using scoring::State;
using scoring::Walk;

// Events between two stages of prefetching.
constexpr std::size_t kPrefetchStep = 6;
// Compaction pays once a quarter of a pool of some size is of no use.
constexpr std::uint64_t kUnusedEntriesMin = 8'192;  // packed, it is less than a slab

// A list of those who owe that was longer, as after a history of everybody, goes back when it is empty.
constexpr std::size_t kOwedKeptMax = 4'096;

// A place that was given back, or a new one at the end.
template <class T>
std::uint32_t take_place(std::vector<std::uint32_t>& free, std::vector<T>& places) {
    if (free.empty()) {
        places.emplace_back();
        return static_cast<std::uint32_t>(places.size() - 1);
    }
    const std::uint32_t place = free.back();
    free.pop_back();
    return place;
}

}  // namespace

Partition::Partition(Bounds bounds) : bounds_(bounds), dedupe_(bounds.dedupe_window) {}

std::optional<Row> Partition::find(std::uint64_t hash, std::string_view id) const {
    const CustomerId wanted = CustomerId::of(id, bounds_.hash_seed);
    return index_.find(index_hash(hash), [&](Row candidate) {
        return columns_.record(candidate).writer_id().same(wanted);
    });
}

Row Partition::find_or_create(const BeatEvent& event, Instant at) {
    const auto row = find(event.hash, event.event->customer);
    return row ? *row : create(event.hash, event.event->customer, at);
}

Row Partition::create(std::uint64_t hash, std::string_view text, Instant at) {
    std::optional<Row> row;
    if (!free_rows_.empty()) {
        row = free_rows_.back();
        free_rows_.pop_back();
        before_change(*row);
    } else {
        row = columns_.add_row();
    }
    PATRON_CHECK(row.has_value());
    RecordBody body;
    body.id = CustomerId::of(text, bounds_.hash_seed);
    if (!body.id.is_inline()) {
        body.id.set_heap_slot(take_place(free_long_ids_, long_ids_));
        long_ids_[body.id.heap_slot()] = text;
    }
    columns_.log_state(*row) = scoring::first_state(at);
    columns_.ledger(*row) = {};
    columns_.activity(*row) = {};
    columns_.attributes(*row) = kNoAttributes;
    columns_.spend_longest(*row) = {};
    columns_.said(*row) = live_ ? LastTold::nothing() : LastTold();
    body.standing.state = columns_.log_state(*row);
    publish(*row, body);
    index_.insert(index_hash(hash), *row);
    ++customers_;
    return *row;
}

// What the event at `i` will need, fetched stage by stage while those before it are applied: first its
// place in the beat, then the event, its index slot, the row the slot names, the ledger the row names.
void Partition::prefetch_for(
    std::span<const BeatEvent> events, std::span<const std::uint32_t> mine, std::size_t i
) const {
    const auto stage = [&](std::size_t ahead) -> const BeatEvent* {
        const std::size_t at = i + ahead * kPrefetchStep;
        return at < mine.size() ? &events[mine[at]] : nullptr;
    };
    const auto row_of = [&](const BeatEvent& event) {
        return index_.guess(index_hash(event.hash));
    };
    if (const BeatEvent* event = stage(5)) {
        __builtin_prefetch(event, 1);
    }
    if (const BeatEvent* event = stage(4)) {
        const char* first = reinterpret_cast<const char*>(event->event);
        __builtin_prefetch(first);
        __builtin_prefetch(first + sizeof(Event) - 1);
    }
    if (const BeatEvent* event = stage(3)) {
        prefetch(event->hash);
        __builtin_prefetch(event->event->customer.data());
    }
    if (const BeatEvent* event = stage(2)) {
        if (const Row row = row_of(*event); row != KeyIndex::kNoRow) {
            columns_.prefetch(row);
            due_.prefetch(row);
        }
    }
    if (const BeatEvent* event = stage(1)) {
        if (const Row row = row_of(*event); row != KeyIndex::kNoRow) {
            ledgers_.prefetch(columns_.ledger(row));
        }
    }
}

void Partition::apply(
    std::span<BeatEvent> events, std::span<const std::uint32_t> mine, BeatContext context
) {
    for (std::size_t i = 0; i < mine.size(); ++i) {
        prefetch_for(events, mine, i);
        if (events[mine[i]].outcome == Outcome::Pending) {
            apply_one(events[mine[i]], context);
        }
    }
}

void Partition::apply_one(BeatEvent& event, BeatContext context) {
    event.outcome = Outcome::Applied;
    if (std::holds_alternative<Erase>(event.event->body)) {
        erased_.insert(event.hash);
        if (const auto row = find(event.hash, event.event->customer)) {
            const Instant at = std::min(event.event->at, context.now);
            tell_erasure(*row, std::max(at, columns_.log_state(*row).settled_at), context);
            erase(event.hash, *row);
        }
        return;
    }
    const Instant at = std::min(event.event->at, context.now);
    move(find_or_create(event, at), event, at, context);
}

void Partition::move(Row row, const BeatEvent& event, Instant at, BeatContext context) {
    before_change(row);
    // Histories come in by the thousand: who owes already is told of once, at the end.
    if (live_ && !columns_.said(row).owes() && may_be_due(row, context)) {
        catch_up(row, context);
    }
    RecordBody body = columns_.record(row).read();
    const Instant acts_at = std::max(at, columns_.log_state(row).settled_at);
    const State before = settled_at(row, body.standing, acts_at, context.policy);
    const bool by_profile = std::holds_alternative<std::unique_ptr<Profile>>(event.event->body);
    auto profile_before = live_ && by_profile ? shared_profile(row) : nullptr;
    add_facts(row, event, at, context);
    const Facts known = facts(row);
    const Rollup rollup = scoring::roll_up(context.policy, known, acts_at);
    const scoring::Moment moment{context.policy, known, rollup, acts_at};
    const scoring::Settled settled = scoring::settle(moment, before);
    columns_.log_state(row) = settled.state;
    // A standing as of the event: whether it still holds now is for its readers to see.
    body.standing = scoring::make_standing(moment, settled);
    columns_.spend_longest(row) = rollup.window[context.policy.windows - 1].spend;
    publish(row, body);
    if (live_ && by_profile) {
        tell_attributes(row, std::move(profile_before), body.standing, context);
    }
    if (live_) {
        const bool by_hand = std::holds_alternative<std::unique_ptr<Override>>(event.event->body);
        tell_event(
            row, body, known.tier_override, by_hand ? Cause::Override : Cause::Event, context
        );
    }
}

// The log state moved to `at`. What is published is the log state moved on, so where it still holds at
// `at` nothing has happened in between.
State Partition::settled_at(
    Row row, const Standing& published, Instant at, const CompiledPolicy& policy
) const {
    const State& log_state = columns_.log_state(row);
    if (at == log_state.settled_at) {
        return log_state;
    }
    if (published.state.settled_at <= at && scoring::holds_at(policy, published, at)) {
        State state = published.state;
        state.settled_at = at;
        return state;
    }
    const State& from = published.state.settled_at <= at ? published.state : log_state;
    return scoring::advance(policy, facts(row), from, at);
}

void Partition::add_facts(Row row, const BeatEvent& event, Instant at, BeatContext context) {
    const Event& e = *event.event;
    const EntryList entries = entries_of(e, at);
    for (std::size_t i = 0; i < entries.size; ++i) {
        ledgers_.insert(columns_.ledger(row), entries.entries[i]);
    }
    ledger_size_max_ = std::max(ledger_size_max_, columns_.ledger(row).size);
    // Not seeded: the same events must give the same attributes in every folder.
    const auto said = [&] {
        return Said{at, e.id.empty() ? 0 : hash_bytes(e.id, 0)};
    };
    if (std::holds_alternative<Visit>(e.body)) {
        add_visit(row, at, context.policy);
    } else if (const auto* profile = std::get_if<std::unique_ptr<Profile>>(&e.body)) {
        attributes(row).apply(**profile, said());
    } else if (const auto* by = std::get_if<std::unique_ptr<Override>>(&e.body)) {
        const auto& tiers = context.policy.policy.tiers;
        const auto tier = std::find_if(tiers.begin(), tiers.end(), [&](const scoring::Tier& t) {
            return t.name == (*by)->tier;
        });
        const bool known = tier != tiers.end();
        PATRON_CHECK(known || (*by)->mode == OverrideMode::Clear);
        const auto index = static_cast<std::uint8_t>(known ? tier - tiers.begin() : 0);
        attributes(row).apply(**by, index, said());
    }
}

void Partition::add_visit(Row row, Instant at, const CompiledPolicy& policy) {
    const double half_life = policy.schema.activity_half_life_days;
    scoring::Activity& visits = columns_.activity(row);
    const scoring::Day day = policy.days->day_of(at);
    if (visits.ref == scoring::kNoDay) {
        visits = {1, day};
    } else if (day > visits.ref) {
        visits = {1 + visits.sum * scoring::decay(day - visits.ref, half_life), day};
    } else {
        visits.sum += day == visits.ref ? 1 : scoring::decay(visits.ref - day, half_life);
    }
}

CustomerAttributes& Partition::attributes(Row row) {
    std::uint32_t& place = columns_.attributes(row);
    if (place == kNoAttributes) {
        place = take_place(free_attributes_, attributes_);
        attributes_[place] = std::make_unique<CustomerAttributes>();
    }
    return *attributes_[place];
}

const CustomerAttributes* Partition::known_attributes(Row row) const {
    const std::uint32_t place = columns_.attributes(row);
    return place == kNoAttributes ? nullptr : attributes_[place].get();
}

void Partition::erase(std::uint64_t hash, Row row) {
    before_change(row);
    index_.remove(index_hash(hash), row);
    const CustomerId id = columns_.record(row).writer_id();
    if (!id.is_inline()) {
        long_ids_[id.heap_slot()] = {};
        free_long_ids_.push_back(id.heap_slot());
    }
    if (const std::uint32_t place = columns_.attributes(row); place != kNoAttributes) {
        attributes_[place].reset();
        free_attributes_.push_back(place);
    }
    ledgers_.release(columns_.ledger(row));
    columns_.log_state(row) = {};
    columns_.activity(row) = {};
    columns_.spend_longest(row) = {};
    columns_.attributes(row) = kNoAttributes;
    columns_.said(row) = {};
    columns_.record(row).publish(RecordBody{});
    mark_outlook(row, false);
    free_rows_.push_back(row);
    --customers_;
}

Facts Partition::facts(Row row) const {
    Facts out;
    out.ledger = ledger(row);
    out.activity = columns_.activity(row);
    if (const CustomerAttributes* known = known_attributes(row)) {
        out.profile = known->facts();
        out.tier_override = known->tier_override();
    }
    return out;
}

std::string_view Partition::id_of(const CustomerId& id) const {
    return id.is_inline() ? id.inline_text() : std::string_view(long_ids_[id.heap_slot()]);
}

void Partition::publish(Row row, const RecordBody& body) {
    columns_.record(row).publish(body);
    mark_outlook(row, !body.standing.outlook_known);
}

void Partition::mark_outlook(Row row, bool wanted) {
    const std::size_t word = row / 64;
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    if (word >= outlook_wanted_.size()) {
        outlook_wanted_.resize(word + 1);
    }
    const bool was = (outlook_wanted_[word] & bit) != 0;
    if (wanted != was) {
        outlook_wanted_[word] ^= bit;
        wanted ? ++outlooks_wanted_ : --outlooks_wanted_;
    }
}

bool Partition::compact() {
    const bool was_long = owed_.empty() && owed_.capacity() > kOwedKeptMax;
    if (was_long) {
        owed_.shrink_to_fit();
    }
    const std::uint64_t unused = ledgers_.unused();
    if (unused < kUnusedEntriesMin || unused * 3 < ledgers_.size()) {
        return was_long;
    }
    LedgerPool packed;
    packed.reserve(ledgers_.run_room());
    for (Row row = 0; row < columns_.rows(); ++row) {
        columns_.ledger(row) = packed.add(ledger(row));
    }
    ledgers_ = std::move(packed);
    return true;
}

std::size_t Partition::bytes() const {
    return index_.bytes() + columns_.bytes() + ledgers_.bytes() + dedupe_.bytes() +
           attributes_.size() * (sizeof(CustomerAttributes) + sizeof(void*)) +
           outlook_wanted_.capacity() * sizeof(std::uint64_t) + owed_.capacity() * sizeof(Row) +
           due_.bytes();
}

}  // namespace patron::store
