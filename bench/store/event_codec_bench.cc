// Events to the bytes of the log and back, and beside them what one writes first: JSON lines.

#include "store/event_codec.h"

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"
#include "server/wire/event_encoder.h"
#include "tests/support/same_event.h"

namespace patron::store {
namespace {

class Work {
  public:
    explicit Work(std::size_t events)
        : batch_(MadeEvents(bench_customers()).batch(events, kBenchNow)) {
        for (const Event& event : batch_.events) {
            events_.push_back(&event);
        }
        encode_events(events_, bytes_);
        const auto back = decode_events(kEventFormat, bytes_, count());
        PATRON_CHECK(back && back->batch.events.size() == events_.size());
        for (std::size_t i = 0; i < events_.size(); ++i) {
            PATRON_CHECK(same_event(back->batch.events[i], *events_[i]));
        }
    }
    std::span<const Event* const> events() const { return events_; }
    const std::string& bytes() const { return bytes_; }
    std::uint32_t count() const { return static_cast<std::uint32_t>(events_.size()); }

    void report(benchmark::State& state, std::size_t bytes) const {
        const auto rounds = static_cast<std::int64_t>(state.iterations());
        state.SetItemsProcessed(rounds * std::ssize(events_));
        state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
        state.counters["bytes_per_event"] =
            static_cast<double>(bytes) / static_cast<double>(events_.size());
    }

  private:
    EventBatch batch_;
    std::vector<const Event*> events_;
    std::string bytes_;
};

void encode(benchmark::State& state) {
    const Work work(static_cast<std::size_t>(state.range(0)));
    std::string out;
    for (auto _ : state) {
        out.clear();
        encode_events(work.events(), out);
        benchmark::DoNotOptimize(out.data());
    }
    PATRON_CHECK(out == work.bytes());
    work.report(state, out.size());
}

void decode(benchmark::State& state) {
    const Work work(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        auto stored = decode_events(kEventFormat, work.bytes(), work.count());
        benchmark::DoNotOptimize(stored->batch.events.data());
    }
    work.report(state, work.bytes().size());
}

void encode_json(benchmark::State& state) {
    const Work work(static_cast<std::size_t>(state.range(0)));
    wire::ByteWriter out;
    std::size_t bytes = 0;
    for (auto _ : state) {
        out.clear();
        for (const Event* event : work.events()) {
            wire::write_event(out, *event, {});
        }
        bytes = out.view().size();
        benchmark::DoNotOptimize(bytes);
    }
    work.report(state, bytes);
}

BENCHMARK(encode)->Name("store/event_codec/encode")->ArgName("events")->Arg(64)->Arg(4096);
BENCHMARK(decode)->Name("store/event_codec/decode")->ArgName("events")->Arg(64)->Arg(4096);
BENCHMARK(encode_json)->Name("store/event_codec/encode/json_lines")->ArgName("events")->Arg(4096);

}  // namespace
}  // namespace patron::store
