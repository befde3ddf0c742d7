// Event requests: the decoder beside a DOM of Boost.JSON that only looks up the same fields.

#include "server/wire/event_decoder.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <boost/json.hpp>

#include "server/wire/event_encoder.h"

namespace patron::wire {
namespace {

constexpr scoring::Instant kNow{1'800'000'000'000};

const scoring::CurrencyTable& currencies() {
    static const scoring::CurrencyTable table;
    return table;
}

std::size_t body_bytes() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr ? 4 * 1024 : 1024 * 1024;
}

// Three orders to one visit, as a shop's checkout and page views would send them.
std::string line(std::size_t i) {
    char text[400];
    if (i % 4 == 3) {
        std::snprintf(
            text,
            sizeof(text),
            R"({"type":"visit","customer":"C%07zu","at":%lld,"channel":"app"})"
            "\n",
            i * 7919 % 1'000'000,
            1'760'000'000'000LL + static_cast<long long>(i)
        );
    } else {
        std::snprintf(
            text,
            sizeof(text),
            R"({"id":"evt-%08zu","type":"order","customer":"C%07zu","at":"2026-11-21T22:17:%02zu.123+08:00",)"
            R"("order_id":"O-%08zu","amount":%zu.50,"channel":"web"})"
            "\n",
            i,
            i * 7919 % 1'000'000,
            i % 60,
            i,
            i % 5000
        );
    }
    return text;
}

struct Body {
    std::string text;
    std::size_t events = 0;
};

Body ndjson_body() {
    Body body;
    while (body.text.size() < body_bytes()) {
        body.text += line(body.events++);
    }
    return body;
}

Body array_body() {
    Body body = ndjson_body();
    body.text.pop_back();
    for (char& c : body.text) {
        c = c == '\n' ? ',' : c;
    }
    body.text = "[" + body.text + "]";
    return body;
}

void report(benchmark::State& state, const Body& body) {
    const auto rounds = static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(rounds * static_cast<std::int64_t>(body.events));
    state.SetBytesProcessed(rounds * static_cast<std::int64_t>(body.text.size()));
}

void decode(benchmark::State& state, const Body& body, BodyForm form) {
    EventDecoder decoder;
    const DecodeContext context{currencies(), kNow, {}, OnError::Reject};
    for (auto _ : state) {
        auto decoded = decoder.decode(body.text, form, context);
        if (!decoded || decoded->batch.events.size() != body.events) {
            state.SkipWithError("the decoder lost events");
            return;
        }
        benchmark::DoNotOptimize(decoded->batch.events.data());
    }
    report(state, body);
}

void decode_ndjson(benchmark::State& state) {
    decode(state, ndjson_body(), BodyForm::Ndjson);
}
void decode_array(benchmark::State& state) {
    decode(state, array_body(), BodyForm::Json);
}

void decode_naive(benchmark::State& state) {
    const Body body = ndjson_body();
    for (auto _ : state) {
        double amount = 0;
        for (std::size_t at = 0; at < body.text.size();) {
            const std::size_t end = body.text.find('\n', at);
            const auto value = boost::json::parse({body.text.data() + at, end - at});
            const auto& object = value.as_object();
            benchmark::DoNotOptimize(object.at("customer").as_string().size());
            benchmark::DoNotOptimize(object.at("type").as_string().size());
            if (const auto* found = object.if_contains("amount")) {
                amount += found->to_number<double>();
            }
            at = end + 1;
        }
        benchmark::DoNotOptimize(amount);
    }
    report(state, body);
}

void encode(benchmark::State& state) {
    const Body body = ndjson_body();
    EventDecoder decoder;
    const DecodeContext context{currencies(), kNow, {}, OnError::Reject};
    const auto decoded = decoder.decode(body.text, BodyForm::Ndjson, context);
    ByteWriter out(2 * body.text.size());
    for (auto _ : state) {
        out.clear();
        for (const store::Event& event : decoded->batch.events) {
            write_event(out, event, currencies());
        }
        benchmark::DoNotOptimize(out.data());
    }
    report(state, body);
}

BENCHMARK(decode_ndjson)->Name("wire/event_decoder/ndjson");
BENCHMARK(decode_array)->Name("wire/event_decoder/array");
BENCHMARK(decode_naive)->Name("wire/event_decoder/naive_boost_dom");
BENCHMARK(encode)->Name("wire/event_encoder/ndjson");

}  // namespace
}  // namespace patron::wire
