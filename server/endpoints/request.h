#pragma once
// What an endpoint sees of an HTTP request, and how it answers: at once or later. No sockets here.
//
// Shapes     views into the session's buffer; they end when `handle` returns, so an answer that comes
//            later copies what it still needs.
// Order      answers of one connection leave in the order of their requests; net keeps it.
// Threads    `handle` runs on the connection's I/O thread; a Completion may be called from any thread,
//            exactly once, with the bytes of one whole HTTP answer. Stream ends the connection as HTTP.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/http_reply.h"

namespace patron::endpoints {

enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Options, Other };

struct Request {
    Method method = Method::Get;
    std::string_view target;  // as sent: path and query
    std::string_view path;    // still percent-encoded
    std::string_view query;   // without '?', still percent-encoded
    std::string_view body;
    std::string_view content_type;
    std::string_view accept;
    std::string_view if_none_match;
    std::string_view if_match;
    std::string_view idempotency_key;  // without data(): no such header
    std::string_view authorization;
    std::string_view last_event_id;  // without data(): no such header
    std::string_view websocket_key;  // without data(): no such header
    std::string_view websocket_version;
    bool wants_websocket = false;  // Connection: upgrade, Upgrade: websocket
    wire::ReplyOptions reply;
};

// What `prepare` found out while the request was parsed, so that `handle` does not find it out again.
struct Prepared {
    std::uint64_t id_hash = 0;
    std::string_view id = {};  // a view into the request, like its own
    std::uint8_t route = 0;
    bool together = false;  // may be answered along with its neighbours
};

struct Exchange {
    const Request* request = nullptr;
    Prepared prepared;
};

using Completion = std::move_only_function<void(std::string answer)>;

struct Subscription;

// Makes a Completion for the request being handled; only those that answer later pay for it.
class Deferral {
  public:
    virtual ~Deferral() = default;
    virtual Completion defer() = 0;
    // The connection becomes a stream: handle answers Stream, and net writes what is to be written.
    virtual void begin_stream(std::shared_ptr<const Subscription> subscription) = 0;
};

enum class Handled : std::uint8_t { Now, Later, Stream };

// The whole API as net sees it.
class Handler {
  public:
    virtual ~Handler() = default;
    // Phase one, right after parsing: routes, hashes and prefetches; touches nothing else.
    virtual Prepared prepare(const Request& request) = 0;
    // Between the phases, for requests that came together: what `prepare` had fetched leads on to what
    // the answer is made of, and that is fetched now. A hint; touches nothing else.
    virtual void approach(Prepared /*prepared*/) {}
    // Phase two, for requests in a row that `prepare` marked so: answers as many of the first of them as
    // can be answered at once, `ends[i]` being where in `out` the answer to the i-th ends. The next one
    // is `handle`'s.
    virtual std::size_t handle_together(
        std::span<const Exchange> /*asked*/,
        wire::ByteWriter& /*out*/,
        std::span<std::size_t> /*ends*/
    ) {
        return 0;
    }
    // Phase two: writes one whole answer to `out` (Now), or keeps `deferral.defer()` (Later).
    virtual Handled handle(
        const Request& request, Prepared prepared, wire::ByteWriter& out, Deferral& deferral
    ) = 0;
};

}  // namespace patron::endpoints
