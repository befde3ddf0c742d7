#pragma once
// Sends events to a server over several connections, as fast as it takes them.
//
// Shapes     an event is one NDJSON line; `place` is where it came from (a line number) and comes
// back
//            with its refusal.
// Order      a customer's events travel over one connection, in the order of `send`.
// Bounds     per connection: one batch being filled, two waiting, one under way; `send` waits
// otherwise. Errors     StartError from `send` and `finish` when the server cannot be reached or
// understood. 503,
//            429 and 425 are waited out as Retry-After asks; a lost connection is tried again with
//            the same batch: events with an id count once all the same.
// Threads    send and finish from one thread; `on_refused` is called from the connections' threads,
//            never two calls at once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tools/patron/http_client.h"
#include "tools/patron/refusal.h"

namespace patron::tools {

struct SenderOptions {
    ServerUrl url;
    std::size_t connections = 4;
    std::size_t batch_bytes_max = 256 * 1024;
    // Not more than the server lists one by one when it refuses them, where that matters.
    std::size_t batch_events_max = 1000;
};

struct SendTotals {
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;
    std::uint64_t requests = 0;
    std::uint64_t waits = 0;  // for a server that was busy or away
};

struct RefusedEvent {
    std::uint64_t place = 0;
    std::string_view line;  // as sent
    Refusal refusal;
};

class EventSender {
  public:
    using OnRefused = std::function<void(const RefusedEvent&)>;

    EventSender(SenderOptions options, OnRefused on_refused);
    ~EventSender();  // without `finish`: gives up what is under way
    EventSender(const EventSender&) = delete;
    EventSender& operator=(const EventSender&) = delete;

    void send(std::string_view customer, std::string_view line, std::uint64_t place);
    // Sends the rest and waits for every answer.
    SendTotals finish();

  private:
    class Lane;
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace patron::tools
