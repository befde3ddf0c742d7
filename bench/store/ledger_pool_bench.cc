// Ledgers in the pool beside a vector per customer: entries of random customers, appended and late.

#include "store/ledger_pool.h"

#include <algorithm>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"

namespace patron::store {
namespace {

using scoring::LedgerEntry;

class Pool {
  public:
    explicit Pool(std::size_t customers) : refs_(customers) {}
    void insert(std::size_t who, const LedgerEntry& entry) { pool_.insert(refs_[who], entry); }
    scoring::Ledger ledger(std::size_t who) const { return pool_.view(refs_[who]); }
    std::size_t bytes() const { return pool_.bytes() + refs_.size() * sizeof(LedgerRef); }

  private:
    LedgerPool pool_;
    std::vector<LedgerRef> refs_;
};

class Vectors {
  public:
    explicit Vectors(std::size_t customers) : ledgers_(customers) {}
    void insert(std::size_t who, const LedgerEntry& entry) {
        auto& ledger = ledgers_[who];
        ledger.insert(std::upper_bound(ledger.begin(), ledger.end(), entry), entry);
    }
    scoring::Ledger ledger(std::size_t who) const { return ledgers_[who]; }
    // Without what the allocator adds to each block.
    std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& ledger : ledgers_) {
            sum += sizeof ledger + ledger.capacity() * sizeof(LedgerEntry);
        }
        return sum;
    }

  private:
    std::vector<std::vector<LedgerEntry>> ledgers_;
};

struct Insertion {
    std::size_t who;
    LedgerEntry entry;
};

std::vector<Insertion> insertions(std::size_t customers, std::size_t count, bool late) {
    std::mt19937_64 random(3);
    std::vector<Insertion> made;
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::int64_t>(late ? random() % 1'000'000 : i);
        made.push_back(
            {random() % customers, scoring::make_entry(scoring::EntryKind::Order, {at}, 5, i)}
        );
    }
    return made;
}

template <class Ledgers>
void insert(benchmark::State& state) {
    const std::size_t customers = bench_small() ? 500 : 200'000;
    const auto work = insertions(customers, customers * 10, state.range(0) != 0);
    std::size_t bytes = 0;
    for (auto _ : state) {
        Ledgers ledgers(customers);
        for (const Insertion& next : work) {
            ledgers.insert(next.who, next.entry);
        }
        bytes = ledgers.bytes();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * work.size()));
    state.counters["bytes_per_entry"] =
        static_cast<double>(bytes) / static_cast<double>(work.size());
}

void check_equal() {
    Pool pool(100);
    Vectors vectors(100);
    for (const Insertion& next : insertions(100, 5'000, true)) {
        pool.insert(next.who, next.entry);
        vectors.insert(next.who, next.entry);
    }
    for (std::size_t who = 0; who < 100; ++who) {
        PATRON_CHECK(std::ranges::equal(pool.ledger(who), vectors.ledger(who)));
    }
}

void pool(benchmark::State& state) {
    check_equal();
    insert<Pool>(state);
}
void vectors(benchmark::State& state) {
    insert<Vectors>(state);
}

BENCHMARK(pool)->Name("store/ledger_pool/insert/pool")->ArgName("late")->Arg(0)->Arg(1);
BENCHMARK(vectors)->Name("store/ledger_pool/insert/vectors")->ArgName("late")->Arg(0)->Arg(1);

}  // namespace
}  // namespace patron::store
