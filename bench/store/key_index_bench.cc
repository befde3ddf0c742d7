// The key index beside std::unordered_map: finding and inserting at random in a partition's worth
// of keys and in all of them.

#include "store/key_index.h"

#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"

namespace patron::store {
namespace {

std::uint32_t hash_of(Row row) {
    return row * 2'654'435'761u;
}

class Ours {
  public:
    void insert(Row row) { index_.insert(hash_of(row), row); }
    bool has(Row row) const {
        return index_.find(hash_of(row), [row](Row r) { return r == row; }).has_value();
    }

  private:
    KeyIndex index_;
};

class Map {
  public:
    void insert(Row row) { index_.emplace(hash_of(row), row); }
    bool has(Row row) const { return index_.contains(hash_of(row)); }

  private:
    std::unordered_map<std::uint32_t, Row> index_;
};

template <class Index>
void find(benchmark::State& state) {
    const auto rows = static_cast<Row>(bench_small() ? 1'000 : state.range(0));
    Index index;
    for (Row row = 0; row < rows; ++row) {
        index.insert(row);
    }
    for (Row row = 0; row < 2 * rows; row += 97) {
        PATRON_CHECK(index.has(row) == (row < rows));
    }
    std::uint32_t dice = 1;
    for (auto _ : state) {
        dice = dice * 1'664'525u + 1'013'904'223u;
        benchmark::DoNotOptimize(index.has(dice % rows));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Index>
void insert(benchmark::State& state) {
    const auto rows = static_cast<Row>(bench_small() ? 1'000 : state.range(0));
    for (auto _ : state) {
        Index index;
        for (Row row = 0; row < rows; ++row) {
            index.insert(row);
        }
        benchmark::DoNotOptimize(index.has(rows - 1));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * rows);
}

BENCHMARK(find<Ours>)->Name("store/key_index/find/ours")->Arg(156'250)->Arg(10'000'000);
BENCHMARK(find<Map>)->Name("store/key_index/find/unordered_map")->Arg(156'250)->Arg(10'000'000);
BENCHMARK(insert<Ours>)->Name("store/key_index/insert/ours")->Arg(156'250);
BENCHMARK(insert<Map>)->Name("store/key_index/insert/unordered_map")->Arg(156'250);

}  // namespace
}  // namespace patron::store
