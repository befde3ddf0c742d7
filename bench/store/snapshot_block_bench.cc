// Customers into blocks and out of them, beside the plain form: row after row, field after field.

#include "store/snapshot_block.h"

#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"
#include "store/fixed_bytes.h"
#include "store/partition_map.h"
#include "store/state_hash.h"

namespace patron::store {
namespace {

struct Customer {
    std::string id;
    scoring::State state;
    scoring::Activity activity;
    std::vector<scoring::LedgerEntry> ledger;

    SavedCustomer view() const { return {id, state, activity, ledger, nullptr}; }
};

std::vector<Customer> customers(std::size_t entries) {
    std::mt19937_64 random(5);
    std::vector<Customer> made(bench_small() ? 200 : kSnapshotBlockRowsMax);
    for (Customer& c : made) {
        c.id = "customer-" + std::to_string(10'000'000 + random() % 90'000'000);
        c.state.settled_at = kBenchNow;
        c.activity = {1.5, 19'000};
        for (std::size_t i = 0; i < entries; ++i) {
            c.ledger.push_back(scoring::make_entry(
                scoring::EntryKind::Order, scoring::plus_days(kBenchNow, int(i)), 9'900, random()
            ));
        }
    }
    return made;
}

std::string columns_of(const std::vector<Customer>& all) {
    SnapshotBlock block(0);
    for (const Customer& customer : all) {
        block.add(customer.view());
    }
    return block.bytes();
}

std::string rows_of(const std::vector<Customer>& all) {
    std::string out;
    for (const Customer& c : all) {
        put_text(out, c.id);
        for (const int small :
             {int{c.state.tier_by_rules},
              int{c.state.tier},
              int(c.state.band),
              int(c.state.stage),
              int(c.state.follow_up)}) {
            put(out, static_cast<std::uint8_t>(small));
        }
        for (const Instant at :
             {c.state.settled_at, c.state.since, c.state.grace_until, c.state.follow_up_due}) {
            put(out, at.ms);
        }
        put(out, c.activity.sum);
        put(out, c.activity.ref);
        put(out, static_cast<std::uint32_t>(c.ledger.size()));
        for (const scoring::LedgerEntry& entry : c.ledger) {
            put(out, entry.at.ms);
            put(out, entry.value);
            put(out, entry.tag);
        }
    }
    put(out, crc32c(out));
    return out;
}

template <class Visit>
void read_rows(std::string_view bytes, Visit visit) {
    PATRON_CHECK(
        FixedReader(bytes.substr(bytes.size() - 4)).take<std::uint32_t>() ==
        crc32c(bytes.substr(0, bytes.size() - 4))
    );
    FixedReader in(bytes.substr(0, bytes.size() - 4));
    std::vector<scoring::LedgerEntry> ledger;
    while (!in.left().empty()) {
        SavedCustomer c;
        c.id = in.take_text();
        scoring::State& s = c.log_state;
        s.tier_by_rules = in.take<std::uint8_t>();
        s.tier = in.take<std::uint8_t>();
        s.band = static_cast<scoring::Band>(in.take<std::uint8_t>());
        s.stage = static_cast<scoring::Stage>(in.take<std::uint8_t>());
        s.follow_up = static_cast<scoring::FollowUpState>(in.take<std::uint8_t>());
        for (Instant* at : {&s.settled_at, &s.since, &s.grace_until, &s.follow_up_due}) {
            at->ms = in.take<std::int64_t>();
        }
        c.activity.sum = in.take<double>();
        c.activity.ref = in.take<scoring::Day>();
        ledger.resize(in.take<std::uint32_t>());
        for (scoring::LedgerEntry& entry : ledger) {
            entry.at.ms = in.take<std::int64_t>();
            entry.value = in.take<std::int64_t>();
            entry.tag = in.take<std::uint64_t>();
        }
        c.ledger = ledger;
        visit(c);
    }
}

std::uint64_t hash_of(const SavedCustomer& c) {
    return facts_hash(c.id, c.ledger, 0) + state_hash(c.id, c.log_state, c.activity);
}

void check_equal(const std::vector<Customer>& all) {
    std::uint64_t meant = 0;
    for (const Customer& customer : all) {
        meant += hash_of(customer.view());
    }
    std::uint64_t columns = 0;
    std::uint64_t rows = 0;
    const auto add = [&](const SavedCustomer& c) {
        columns += hash_of(c);
    };
    PATRON_CHECK(read_snapshot_block(columns_of(all), 0, add).has_value());
    read_rows(rows_of(all), [&](const SavedCustomer& c) { rows += hash_of(c); });
    PATRON_CHECK(columns == meant && rows == meant);
}

void count(benchmark::State& state, std::size_t customers, std::size_t bytes) {
    const auto rounds = static_cast<std::size_t>(state.iterations());
    state.SetItemsProcessed(static_cast<std::int64_t>(rounds * customers));
    state.SetBytesProcessed(static_cast<std::int64_t>(rounds * bytes));
}

// What the beat pays for a snapshot.
void add(benchmark::State& state) {
    const auto all = customers(static_cast<std::size_t>(state.range(0)));
    check_equal(all);
    for (auto _ : state) {
        SnapshotBlock block(0);
        for (const Customer& customer : all) {
            block.add(customer.view());
        }
        benchmark::DoNotOptimize(block);
    }
    count(state, all.size(), columns_of(all).size());
}

template <auto make>
void write(benchmark::State& state) {
    const auto all = customers(static_cast<std::size_t>(state.range(0)));
    check_equal(all);
    std::size_t bytes = 0;
    for (auto _ : state) {
        const std::string made = make(all);
        bytes = made.size();
        benchmark::DoNotOptimize(made);
    }
    count(state, all.size(), bytes);
}

void read_columns(benchmark::State& state) {
    const auto all = customers(static_cast<std::size_t>(state.range(0)));
    const std::string bytes = columns_of(all);
    std::uint64_t sum = 0;
    const auto visit = [&](const SavedCustomer& c) {
        sum += c.id.size() + c.ledger.size();
    };
    for (auto _ : state) {
        PATRON_CHECK(read_snapshot_block(bytes, 0, visit).has_value());
        benchmark::DoNotOptimize(sum);
    }
    count(state, all.size(), bytes.size());
}

void read_row_by_row(benchmark::State& state) {
    const auto all = customers(static_cast<std::size_t>(state.range(0)));
    const std::string bytes = rows_of(all);
    std::uint64_t sum = 0;
    for (auto _ : state) {
        read_rows(bytes, [&](const SavedCustomer& c) { sum += c.id.size() + c.ledger.size(); });
        benchmark::DoNotOptimize(sum);
    }
    count(state, all.size(), bytes.size());
}

BENCHMARK(add)->Name("store/snapshot_block/add")->ArgName("entries")->Arg(0)->Arg(3)->Arg(30);
BENCHMARK(write<columns_of>)
    ->Name("store/snapshot_block/write/columns")
    ->ArgName("entries")
    ->Arg(3);
BENCHMARK(write<rows_of>)->Name("store/snapshot_block/write/rows")->ArgName("entries")->Arg(3);
BENCHMARK(read_columns)
    ->Name("store/snapshot_block/read/columns")
    ->ArgName("entries")
    ->Arg(3)
    ->Arg(30)
    ->Threads(1)
    ->Threads(2)
    ->UseRealTime();
BENCHMARK(read_row_by_row)
    ->Name("store/snapshot_block/read/rows")
    ->ArgName("entries")
    ->Arg(3)
    ->Arg(30)
    ->Threads(1)
    ->Threads(2)
    ->UseRealTime();

}  // namespace
}  // namespace patron::store
