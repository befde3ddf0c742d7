// Publishing and reading one customer's record, beside the same body under a mutex: alone, and
// while a writer publishes all the time.

#include "store/published_record.h"

#include <mutex>
#include <stop_token>
#include <thread>

#include <benchmark/benchmark.h>

#include "scoring/check.h"

namespace patron::store {
namespace {

class UnderMutex {
  public:
    void publish(const RecordBody& body) {
        const std::scoped_lock lock(mutex_);
        body_ = body;
    }
    RecordBody read() const {
        const std::scoped_lock lock(mutex_);
        return body_;
    }

  private:
    mutable std::mutex mutex_;
    RecordBody body_;
};

RecordBody body_of(std::uint32_t n) {
    RecordBody body;
    body.id = CustomerId::of("somebody", 1);
    body.standing.x = n;
    body.standing.t_x_days = static_cast<std::int32_t>(n);
    return body;
}

template <class Record>
void publish(benchmark::State& state) {
    Record record;
    std::uint32_t n = 0;
    for (auto _ : state) {
        record.publish(body_of(++n));
    }
    PATRON_CHECK(record.read().standing.x == n);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Record>
void read(benchmark::State& state) {
    Record record;
    record.publish(body_of(3));
    for (auto _ : state) {
        benchmark::DoNotOptimize(record.read());
    }
    PATRON_CHECK(record.read().standing.x == 3);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Record>
void read_beside_a_writer(benchmark::State& state) {
    Record record;
    record.publish(body_of(0));
    const std::jthread writer([&](const std::stop_token& stop) {
        for (std::uint32_t n = 1; !stop.stop_requested(); ++n) {
            record.publish(body_of(n));
        }
    });
    bool whole = true;
    for (auto _ : state) {
        const RecordBody body = record.read();
        whole &= static_cast<std::uint32_t>(body.standing.t_x_days) == body.standing.x;
    }
    PATRON_CHECK(whole);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(publish<PublishedRecord>)->Name("store/published_record/publish/seqlock");
BENCHMARK(publish<UnderMutex>)->Name("store/published_record/publish/mutex");
BENCHMARK(read<PublishedRecord>)->Name("store/published_record/read/seqlock");
BENCHMARK(read<UnderMutex>)->Name("store/published_record/read/mutex");
BENCHMARK(read_beside_a_writer<PublishedRecord>)
    ->Name("store/published_record/read_beside_a_writer/seqlock");
BENCHMARK(read_beside_a_writer<UnderMutex>)
    ->Name("store/published_record/read_beside_a_writer/mutex");

}  // namespace
}  // namespace patron::store
