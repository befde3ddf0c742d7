// Events into a full store: through the whole beat, through the partitions alone on one thread, and
// beside them what one writes first (a map of strings, everything added up again after each event).

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"
#include "scoring/standing.h"
#include "server/wire/policy_presets.h"
#include "store/apply_loop.h"
#include "store/beat_check.h"
#include "store/event_entries.h"
#include "store/partition.h"
#include "store/store.h"

namespace patron::store {
namespace {

constexpr std::size_t kBatchEvents = 16'384;
constexpr std::size_t kPartitions = 64;
constexpr std::size_t kInFlight = 8;
// Each batch is a little later than the one before.
constexpr std::int64_t kStepMs = 20;

std::size_t batch_events() {
    return bench_small() ? 512 : kBatchEvents;
}

using Clocked = std::chrono::steady_clock;
double seconds_since(Clocked::time_point begun) {
    return std::chrono::duration<double>(Clocked::now() - begun).count();
}

// Of all threads: what a busy machine changes least.
double cpu_seconds() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

const scoring::CompiledPolicy& bench_policy() {
    static const auto policy = scoring::compile(wire::default_policy({}), {});
    PATRON_CHECK(policy != nullptr);
    return *policy;
}

// -- the three ways in --

class ThroughTheBeat {
  public:
    ThroughTheBeat() : clock_(kBenchNow) {
        StoreOptions o;
        o.policy = bench_policy().policy;
        o.clock = &clock_;
        o.log = make_memory_only_log();
        o.partitions = kPartitions;
        o.hash_seed = kBenchHashSeed;
        auto opened = Store::open(std::move(o));
        PATRON_CHECK(opened.has_value());
        store_ = *std::move(opened);
    }

    void set_now(Instant now) { clock_.set(now); }

    void apply(std::vector<EventBatch> batches) {
        std::promise<void> last;
        for (std::size_t i = 0; i < batches.size(); ++i) {
            IngestRequest request;
            request.batch = std::move(batches[i]);
            request.done = [&last, is_last = i + 1 == batches.size()](Result<IngestReply> reply) {
                PATRON_CHECK(reply.has_value());
                if (is_last) {
                    last.set_value();
                }
            };
            PATRON_CHECK(!store_->submit(std::move(request)).has_value());
        }
        last.get_future().wait();
    }

    std::int64_t spend(std::string_view id) {
        std::promise<std::int64_t> spent;
        CustomerQuestion question;
        question.ids = {std::string(id)};
        question.portrait = true;
        question.done = [&](Result<std::vector<std::optional<CustomerAnswer>>> answers) {
            const auto& rollup = (*answers)[0]->portrait->rollup;
            spent.set_value(rollup.lifetime.spend.minor);
        };
        PATRON_CHECK(!store_->ask(std::move(question)).has_value());
        return spent.get_future().get();
    }

    std::uint64_t bytes() const { return store_->metrics().memory_bytes; }

  private:
    FixedClock clock_;
    std::unique_ptr<Store> store_;
};

class PartitionsAlone {
  public:
    PartitionsAlone() : now_(kBenchNow) {
        for (std::size_t p = 0; p < kPartitions; ++p) {
            partitions_.push_back(std::make_unique<Partition>(
                Partition::Bounds{kChunksMax * kChunkRows, 4'000'000 / kPartitions, kBenchHashSeed}
            ));
        }
        mine_.resize(kPartitions);
    }

    void set_now(Instant now) { now_ = now; }

    void apply(std::vector<EventBatch> batches) {
        for (const EventBatch& batch : batches) {
            apply(batch);
        }
    }

    std::int64_t spend(std::string_view id) {
        const std::uint64_t hash = customer_hash(id, kBenchHashSeed);
        auto answer = partitions_[partition_of(hash, kPartitions)]->answer(
            id, {}, true, {bench_policy(), now_}
        );
        return (*answer)->portrait->rollup.lifetime.spend.minor;
    }

    std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& partition : partitions_) {
            sum += partition->bytes();
        }
        return sum;
    }

  private:
    void apply(const EventBatch& batch) {
        events_.clear();
        for (auto& mine : mine_) {
            mine.clear();
        }
        for (const Event& event : batch.events) {
            const std::uint64_t hash = customer_hash(event.customer, kBenchHashSeed);
            const auto place = static_cast<std::uint32_t>(events_.size());
            mine_[partition_of(hash, kPartitions)].push_back(place);
            events_.push_back({&event, hash, hash_bytes(event.id, hash), 0, place, {}});
        }
        for (std::size_t p = 0; p < kPartitions; ++p) {
            BeatCheck(*partitions_[p], bench_policy().policy).run(events_, mine_[p], false);
            partitions_[p]->settle_ids();
            partitions_[p]->apply(events_, mine_[p], {bench_policy(), now_});
        }
    }

    Instant now_;
    std::vector<std::unique_ptr<Partition>> partitions_;
    std::vector<BeatEvent> events_;
    std::vector<std::vector<std::uint32_t>> mine_;
};

class Naive {
  public:
    void set_now(Instant now) { now_ = now; }

    void apply(std::vector<EventBatch> batches) {
        for (const EventBatch& batch : batches) {
            for (const Event& event : batch.events) {
                apply(event);
            }
        }
    }

    std::int64_t spend(std::string_view id) {
        const Customer& customer = customers_.at(std::string(id));
        const scoring::Facts facts = customer.facts();
        return scoring::roll_up(bench_policy(), facts, now_).lifetime.spend.minor;
    }

    std::uint64_t bytes() const { return 0; }

  private:
    struct Customer {
        std::vector<scoring::LedgerEntry> orders;
        scoring::Activity visits;
        scoring::State state;
        scoring::Standing standing;
        scoring::Facts facts() const { return {orders, visits, {}, {}}; }
    };

    void apply(const Event& event) {
        if (!seen_.insert(std::string(event.customer) + '/' + std::string(event.id)).second) {
            return;
        }
        auto [at, is_new] = customers_.try_emplace(std::string(event.customer));
        Customer& customer = at->second;
        if (is_new) {
            customer.state = scoring::first_state(event.at);
        }
        const EntryList entries = entries_of(event, event.at);
        for (std::size_t i = 0; i < entries.size; ++i) {
            customer.orders.push_back(entries.entries[i]);
        }
        std::sort(customer.orders.begin(), customer.orders.end());
        if (std::holds_alternative<Visit>(event.body)) {
            visit(customer, event.at);
        }
        const scoring::CompiledPolicy& policy = bench_policy();
        const scoring::Facts facts = customer.facts();
        const Instant then = std::max(now_, customer.state.settled_at);
        customer.state = scoring::advance(policy, facts, customer.state, then);
        const scoring::Rollup rollup = scoring::roll_up(policy, facts, then);
        const scoring::Moment moment{policy, facts, rollup, then};
        customer.state = scoring::step(moment, customer.state);
        customer.standing = scoring::make_standing(moment, customer.state);
    }

    static void visit(Customer& customer, Instant at) {
        const scoring::Day day = bench_policy().days->day_of(at);
        const double half_life = bench_policy().schema.activity_half_life_days;
        scoring::Activity& a = customer.visits;
        const double kept = a.ref == scoring::kNoDay || day < a.ref
                                ? 0
                                : a.sum * scoring::decay(day - a.ref, half_life);
        a = {kept + 1, day};
    }

    Instant now_ = kBenchNow;
    std::unordered_map<std::string, Customer> customers_;
    std::unordered_set<std::string> seen_;
};

// -- the measurement --

template <class Way>
void apply_one(Way& way, EventBatch batch) {
    std::vector<EventBatch> batches;
    batches.push_back(std::move(batch));
    way.apply(std::move(batches));
}

// Customers with an order somewhere in the past half year; those that are `awake` were seen today
// too.
template <class Way>
void fill(Way& way, MadeEvents& made, std::size_t customers, bool awake) {
    constexpr std::size_t kFill = 65'536;
    for (std::size_t from = 0; from < customers; from += kFill) {
        const std::size_t count = std::min(kFill, customers - from);
        apply_one(way, made.first_orders(from, count, kBenchNow));
        if (awake) {
            apply_one(way, made.visits(from, count, kBenchNow));
        }
    }
}

// The same events give the same spend as the plain way.
template <class Way>
void check_against_naive() {
    constexpr std::size_t kCustomers = 300;
    Way way;
    Naive naive;
    for (int side = 0; side < 2; ++side) {
        MadeEvents made(kCustomers);
        const auto feed = [&](auto& to) {
            fill(to, made, kCustomers, true);
            apply_one(to, made.batch(2'000, kBenchNow));
        };
        side == 0 ? feed(way) : feed(naive);
    }
    for (const char* id : {"customer-00000000", "customer-00000123", "customer-00000299"}) {
        PATRON_CHECK(way.spend(id) == naive.spend(id));
    }
}

template <class Way>
void run(benchmark::State& state, bool awake) {
    check_against_naive<Way>();
    const std::size_t customers = bench_customers();
    const std::size_t events = batch_events();
    Way way;
    MadeEvents made(customers);
    fill(way, made, customers, awake);
    Instant now = kBenchNow;
    double seconds_min = 1e9;
    double seconds_max = 0;
    double cpu = 0;
    for (auto _ : state) {
        std::vector<EventBatch> batches;
        now.ms += kStepMs * static_cast<std::int64_t>(kInFlight);
        way.set_now(now);
        for (std::size_t i = 0; i < kInFlight; ++i) {
            batches.push_back(made.batch(events, now));
        }
        const double cpu_begun = cpu_seconds();
        const auto begun = Clocked::now();
        way.apply(std::move(batches));
        const double took = seconds_since(begun);
        state.SetIterationTime(took);
        cpu += cpu_seconds() - cpu_begun;
        seconds_max = std::max(seconds_max, took);
        seconds_min = std::min(seconds_min, took);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kInFlight * events));
    const auto round_events = static_cast<double>(kInFlight * events);
    state.counters["cpu_ns_per_event"] =
        1e9 * cpu / (round_events * static_cast<double>(state.iterations()));
    state.counters["best_round_per_second"] = round_events / seconds_min;
    state.counters["worst_round_per_second"] = round_events / seconds_max;
    state.counters["customers"] = static_cast<double>(customers);
    state.counters["bytes_per_customer"] =
        static_cast<double>(way.bytes()) / static_cast<double>(customers);
}

void through_the_beat(benchmark::State& state) {
    run<ThroughTheBeat>(state, true);
}
// The first event of a customer after months also walks through those months.
void of_sleepers(benchmark::State& state) {
    run<ThroughTheBeat>(state, false);
}
void partitions_alone(benchmark::State& state) {
    run<PartitionsAlone>(state, true);
}
void naive(benchmark::State& state) {
    run<Naive>(state, true);
}

// Set, because each further guess at the number would fill a store again.
std::int64_t rounds() {
    return bench_small() ? 1 : 20;
}

BENCHMARK(through_the_beat)->Name("store/apply/beat")->UseManualTime()->Iterations(rounds());
BENCHMARK(of_sleepers)->Name("store/apply/beat_of_sleepers")->UseManualTime()->Iterations(1);
BENCHMARK(partitions_alone)
    ->Name("store/apply/partitions_one_thread")
    ->UseManualTime()
    ->Iterations(rounds());
BENCHMARK(naive)->Name("store/apply/naive_map")->UseManualTime()->Iterations(rounds());

}  // namespace
}  // namespace patron::store
