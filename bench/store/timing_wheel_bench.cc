// The wheel beside an ordered map of alarms: arming, arming again, and taking what is due.

#include "store/timing_wheel.h"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"

namespace patron::store {
namespace {

using scoring::Instant;
using scoring::kDayMs;

constexpr std::int64_t kSpanMs = 400 * kDayMs;
constexpr std::size_t kLimit = 4'096;

class Map {
  public:
    void arm(Row row, Instant at) {
        if (row >= places_.size()) {
            places_.resize(row + 1, alarms_.end());
        }
        if (places_[row] != alarms_.end()) {
            alarms_.erase(places_[row]);
        }
        places_[row] = alarms_.emplace(at.ms / TimingWheel::kTickMs, row);
    }
    bool take_due(Instant now, std::size_t limit, std::vector<Row>& out) {
        for (; limit > 0 && !alarms_.empty(); --limit) {
            const auto first = alarms_.begin();
            if (first->first * TimingWheel::kTickMs > now.ms) {
                return true;
            }
            out.push_back(first->second);
            places_[first->second] = alarms_.end();
            alarms_.erase(first);
        }
        return alarms_.empty();
    }

  private:
    std::multimap<std::int64_t, Row> alarms_;
    std::vector<std::multimap<std::int64_t, Row>::iterator> places_;
};

struct Arming {
    Row row;
    Instant at;
};

std::vector<Arming> armings(std::uint64_t seed) {
    const std::size_t rows = bench_small() ? 2'000 : 1'000'000;
    std::mt19937_64 random(seed);
    std::vector<Arming> made;
    for (Row row = 0; row < rows; ++row) {
        made.push_back({row, {static_cast<std::int64_t>(random() % kSpanMs)}});
    }
    std::ranges::shuffle(made, random);
    return made;
}

template <class Wheel>
void arm_all(Wheel& wheel, const std::vector<Arming>& work) {
    for (const Arming& next : work) {
        wheel.arm(next.row, next.at);
    }
}

template <class Wheel>
std::vector<Row> take_all(Wheel& wheel, std::int64_t step_ms) {
    std::vector<Row> out;
    for (std::int64_t now = step_ms; now < kSpanMs + step_ms; now += step_ms) {
        while (!wheel.take_due({now}, kLimit, out)) {
        }
    }
    return out;
}

void check_equal() {
    const auto work = armings(1);
    TimingWheel wheel;
    Map map;
    arm_all(wheel, work);
    arm_all(map, work);
    std::vector<Row> ours = take_all(wheel, kDayMs);
    std::vector<Row> theirs = take_all(map, kDayMs);
    PATRON_CHECK(ours.size() == work.size());
    std::ranges::sort(ours);  // within a tick any order will do
    std::ranges::sort(theirs);
    PATRON_CHECK(ours == theirs);
}

template <class Wheel>
void arm(benchmark::State& state) {
    const auto work = armings(1);
    for (auto _ : state) {
        Wheel wheel;
        arm_all(wheel, work);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * work.size()));
}

template <class Wheel>
void arm_again(benchmark::State& state) {
    const auto first = armings(1);
    const auto second = armings(2);
    Wheel wheel;
    arm_all(wheel, first);
    for (auto _ : state) {
        arm_all(wheel, second);
        state.PauseTiming();
        arm_all(wheel, first);
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * second.size()));
}

// Time goes by in steps of so many hours until all have been handed out.
template <class Wheel>
void take(benchmark::State& state) {
    const auto work = armings(1);
    for (auto _ : state) {
        state.PauseTiming();
        {
            Wheel wheel;
            arm_all(wheel, work);
            state.ResumeTiming();
            benchmark::DoNotOptimize(take_all(wheel, state.range(0) * scoring::kHourMs));
            state.PauseTiming();
        }
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * work.size()));
}

// One call, mean of all, when all are due at once.
void call(benchmark::State& state) {
    check_equal();
    const auto work = armings(1);
    std::vector<Row> out;
    TimingWheel wheel;
    bool done = true;
    for (auto _ : state) {
        if (done) {
            state.PauseTiming();
            wheel = TimingWheel();
            arm_all(wheel, work);
            state.ResumeTiming();
        }
        out.clear();
        done = wheel.take_due({2 * kSpanMs}, static_cast<std::size_t>(state.range(0)), out);
    }
}

BENCHMARK(call)->Name("store/timing_wheel/call")->ArgName("limit")->Arg(256)->Arg(4'096);
BENCHMARK(arm<TimingWheel>)->Name("store/timing_wheel/arm/wheel");
BENCHMARK(arm<Map>)->Name("store/timing_wheel/arm/map");
BENCHMARK(arm_again<TimingWheel>)->Name("store/timing_wheel/arm_again/wheel");
BENCHMARK(arm_again<Map>)->Name("store/timing_wheel/arm_again/map");
BENCHMARK(take<TimingWheel>)
    ->Name("store/timing_wheel/take/wheel")
    ->ArgName("hours")
    ->Arg(1)
    ->Arg(9'600);
BENCHMARK(take<Map>)->Name("store/timing_wheel/take/map")->ArgName("hours")->Arg(1)->Arg(9'600);

}  // namespace
}  // namespace patron::store
