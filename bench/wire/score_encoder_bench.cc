#include "server/wire/score_encoder.h"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "server/endpoints/api.h"
#include "server/wire/policy_presets.h"
#include "store/clock.h"
#include "store/store.h"

namespace patron {
namespace {

constexpr scoring::Instant kNow{1'772'337'600'000};

class NoDeferral final : public endpoints::Deferral {
  public:
    endpoints::Completion defer() override {
        deferred = true;
        return [](std::string) {
        };
    }
    void begin_stream(std::shared_ptr<const endpoints::Subscription> /*of*/) override {
        deferred = true;
    }
    bool deferred = false;
};

std::string customer(std::size_t i) {
    return "customer-" + std::to_string(i);
}

// A store of `count` customers with two orders each, and the API over it.
struct World {
    explicit World(std::size_t count) {
        store::StoreOptions options;
        options.policy = wire::default_policy(options.schema);
        options.clock = &clock;
        options.log = store::make_memory_only_log();
        store = std::move(*store::Store::open(std::move(options)));
        constexpr std::size_t kBatch = 10'000;
        for (std::size_t begin = 0; begin < count; begin += kBatch) {
            fill(begin, std::min(begin + kBatch, count));
        }
        make_outlooks_known(count);
        api = std::make_unique<endpoints::Api>(*store);
    }
    ~World() { store->stop(); }

    void fill(std::size_t begin, std::size_t end) {
        store::IngestRequest request;
        for (std::size_t i = 2 * begin; i < 2 * end; ++i) {
            store::Event& event = request.batch.events.emplace_back();
            event.customer = request.batch.keep(customer(i / 2));
            event.id = request.batch.keep("o" + std::to_string(i));
            event.at = scoring::plus_days(kNow, -static_cast<std::int64_t>(i % 90));
            event.body = store::Order{event.id, scoring::Money{12'345}, {}, {}};
        }
        std::promise<void> done;
        request.done = [&done](const auto&) {
            done.set_value();
        };
        store->submit(std::move(request));
        done.get_future().wait();
    }

    // Asked for once, the outlook stands in the record.
    void make_outlooks_known(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            std::promise<void> done;
            store::CustomerQuestion question;
            question.ids.push_back(customer(i));
            question.done = [&done](const auto&) {
                done.set_value();
            };
            store->ask(std::move(question));
            done.get_future().wait();
        }
    }

    store::FixedClock clock{kNow};
    std::unique_ptr<store::Store> store;
    std::unique_ptr<endpoints::Api> api;
};

World& world() {
    static World kWorld(10'000);
    return kWorld;
}

store::Reading reading_of(const std::string& id) {
    store::Reading reading;
    world().store->read(world().store->key_of(id), id, kNow, reading);
    return reading;
}

void encode_at_once(benchmark::State& state) {
    const std::string id = customer(7);
    const store::Reading reading = reading_of(id);
    const wire::PolicyTexts texts(*reading.policy);
    wire::ByteWriter out;
    for (auto _ : state) {
        out.clear();
        wire::append_score(out, texts, id, reading);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

// The plain way: the same members through one switch.
void encode_member_by_member(benchmark::State& state) {
    const std::string id = customer(7);
    const store::Reading reading = reading_of(id);
    const wire::PolicyTexts texts(*reading.policy);
    wire::ByteWriter out;
    for (auto _ : state) {
        out.clear();
        wire::append_score_members(out, texts, id, reading, wire::kAllScoreMembers);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

// What a request costs between the parser and the socket.
void whole_request(benchmark::State& state) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 1'000; ++i) {
        paths.push_back("/v1/customers/" + customer(i) + "/score");
    }
    wire::ByteWriter out;
    NoDeferral deferral;
    std::size_t next = 0;
    for (auto _ : state) {
        out.clear();
        endpoints::Request request;
        request.path = paths[next++ % paths.size()];
        const endpoints::Prepared prepared = world().api->prepare(request);
        world().api->handle(request, prepared, out, deferral);
        benchmark::DoNotOptimize(out.data());
    }
    if (deferral.deferred) {
        state.SkipWithError("a read had to ask the beat");
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(encode_at_once)->Name("wire/score_encoder/at_once");
BENCHMARK(encode_member_by_member)->Name("wire/score_encoder/member_by_member");
BENCHMARK(whole_request)->Name("endpoints/get_score");

}  // namespace
}  // namespace patron
