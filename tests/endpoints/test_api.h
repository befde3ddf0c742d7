#pragma once
// The whole API over a store of its own, without sockets: a call is a function, and every answer it
// gives is held against the OpenAPI document.
//
// Shapes     targets as on the wire, percent-encoded; a call waits for answers that come later.
// Owns       clock, store and Api; the store is stopped first.
// Threads    calls from any thread.

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "server/endpoints/api.h"
#include "server/endpoints/subscription.h"
#include "store/clock.h"
#include "store/store.h"
#include "tests/support/http_answer.h"

namespace patron::testing {

// 2026-03-01T04:00:00Z, noon in Shanghai.
inline constexpr scoring::Instant kNoon{1'772'337'600'000};

struct Call {
    endpoints::Method method = endpoints::Method::Get;
    std::string target = {};
    std::string body = {};
    std::string content_type = "application/json";
    std::string if_none_match = {};
    std::optional<std::string> idempotency_key = {};
    std::optional<std::string> last_event_id = {};
    // The handshake of a WebSocket: its key and version.
    std::optional<std::pair<std::string, std::string>> websocket = {};
};

class TestApi {
  public:
    explicit TestApi(endpoints::ApiOptions options = {});
    // Events are kept in the folder; backups are made in it.
    explicit TestApi(std::unique_ptr<store::DataFolder> folder);
    explicit TestApi(std::unique_ptr<store::EventLog> log);
    ~TestApi();
    TestApi(const TestApi&) = delete;
    TestApi& operator=(const TestApi&) = delete;

    HttpAnswer run(const Call& call);
    // Does not wait: the answer may need another call, or a stop.
    std::future<HttpAnswer> start(const Call& call);

    // A call that must begin a stream: what net is told to listen to.
    std::shared_ptr<const endpoints::Subscription> subscribe(const Call& call);

    HttpAnswer get(std::string target) { return run({.target = std::move(target)}); }
    HttpAnswer post(std::string target, std::string body) {
        return run({endpoints::Method::Post, std::move(target), std::move(body)});
    }
    HttpAnswer put(std::string target, std::string body) {
        return run({endpoints::Method::Put, std::move(target), std::move(body)});
    }
    HttpAnswer remove(std::string target) {
        return run({.method = endpoints::Method::Delete, .target = std::move(target)});
    }

    // Events as a JSON array without the brackets; they must all be accepted.
    boost::json::value ingest(std::string_view events);
    // An order of `amount` (a decimal), `days` before the clock's now.
    void order(std::string_view customer, std::string_view amount, int days_ago = 0);
    // The body of an answer that must be 200.
    boost::json::object get_json(std::string target);

    // POST /v1/events with an Idempotency-Key.
    HttpAnswer post_with_key(std::string key, std::string body, std::string query = "") {
        return run(
            {.method = endpoints::Method::Post,
             .target = "/v1/events" + std::move(query),
             .body = std::move(body),
             .idempotency_key = std::move(key)}
        );
    }

    store::FixedClock& clock() { return clock_; }
    store::Store& store() { return *store_; }
    endpoints::Api& api() { return *api_; }

  private:
    store::FixedClock clock_{kNoon};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<endpoints::Api> api_;
    int orders_ = 0;
};

boost::json::object body_of(const HttpAnswer& answer);
// The stable code of a problem; "" for an answer that is none.
std::string code_of(const HttpAnswer& answer);
std::string text_of(const boost::json::object& object, std::string_view member);

}  // namespace patron::testing
