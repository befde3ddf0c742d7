// Reading one small GET: ours in place, beside Beast as its examples use it (the naive rival).

#include "server/net/request_parser.h"

#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace patron::net {
namespace {

std::string sample_request() {
    return "GET /v1/customers/C00000042/score HTTP/1.1\r\nHost: localhost:8080\r\n"
           "Accept: application/json\r\nUser-Agent: bench\r\n\r\n";
}

void read_in_place(benchmark::State& state) {
    std::string bytes = sample_request();
    RequestParser parser(1000);
    for (auto _ : state) {
        ParsedRequest parsed;
        std::size_t size = bytes.size();
        if (parser.parse(bytes.data(), size, parsed) != ParseState::Complete) {
            std::abort();
        }
        benchmark::DoNotOptimize(parsed);
        parser.reset();
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void read_by_beast(benchmark::State& state) {
    namespace http = boost::beast::http;
    const std::string bytes = sample_request();
    for (auto _ : state) {
        http::request_parser<http::empty_body> parser;
        boost::system::error_code error;
        parser.put(boost::asio::buffer(bytes), error);
        if (error || parser.get().target() != "/v1/customers/C00000042/score") {
            std::abort();
        }
        benchmark::DoNotOptimize(parser.get());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK(read_in_place)->Name("net/request_parser/in_place");
BENCHMARK(read_by_beast)->Name("net/request_parser/beast_message");

}  // namespace
}  // namespace patron::net
