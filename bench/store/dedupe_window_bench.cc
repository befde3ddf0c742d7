// The window of event ids beside a set and a queue: a full window, one id in ten sent twice.

#include "store/dedupe_window.h"

#include <deque>
#include <unordered_set>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"

namespace patron::store {
namespace {

class SetAndQueue {
  public:
    explicit SetAndQueue(std::size_t capacity) : capacity_(capacity) {}
    bool insert(std::uint64_t id) {
        if (!set_.insert(id).second) {
            return false;
        }
        queue_.push_back(id);
        if (queue_.size() > capacity_) {
            set_.erase(queue_.front());
            queue_.pop_front();
        }
        return true;
    }

  private:
    std::size_t capacity_;
    std::unordered_set<std::uint64_t> set_;
    std::deque<std::uint64_t> queue_;
};

// Every tenth id is one from shortly before.
std::uint64_t id_at(std::uint64_t i) {
    const std::uint64_t n = i % 10 == 9 ? i - 5 : i;
    return (n + 1) * 0x9e37'79b9'7f4a'7c15;
}

template <class Window>
void insert(benchmark::State& state) {
    DedupeWindow checked(50);
    SetAndQueue plain(50);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        PATRON_CHECK(checked.insert(id_at(i)) == plain.insert(id_at(i)));
    }
    const std::uint64_t capacity =
        bench_small() ? 1'000 : static_cast<std::uint64_t>(state.range(0));
    Window window(capacity);
    std::uint64_t next = 0;
    for (; next < capacity + capacity / 5; ++next) {
        window.insert(id_at(next));
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(window.insert(id_at(next++)));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(insert<DedupeWindow>)
    ->Name("store/dedupe_window/insert/ours")
    ->ArgName("ids")
    ->Arg(62'500)
    ->Arg(4'000'000);
BENCHMARK(insert<SetAndQueue>)
    ->Name("store/dedupe_window/insert/set_and_queue")
    ->ArgName("ids")
    ->Arg(62'500)
    ->Arg(4'000'000);

}  // namespace
}  // namespace patron::store
