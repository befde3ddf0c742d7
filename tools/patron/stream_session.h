#pragma once
// Listens to a server's stream, connecting again whenever the connection is lost.
//
// Shapes     GET with Accept: text/event-stream; after the first event id, Last-Event-ID with each new
//            connection.
// Order      messages as they come; `caught_up` after each piece of the answer.
// Bounds     the wait before connecting again doubles from `first_wait` (or what the server asks for) up to
//            `longest_wait`; a message in between starts it anew. A connection silent for `silence`
//            is lost: the server's heartbeats come four times as often.
// Errors     StartError: Unavailable (nobody there at first, or a lost connection without retry), Usage (the
//            server refuses what is asked for), Protocol. Whoever is busy (429, 503) or away is
//            asked again, but not at first.
// Blocking   `run`: until the sink has enough, or SIGINT or SIGTERM.
// Threads    one owner; one `run` in a process at a time.

#include <chrono>
#include <string>
#include <string_view>

#include "tools/patron/http_client.h"

namespace patron::tools {

class StreamSink {
  public:
    virtual ~StreamSink() = default;
    // False: enough.
    virtual bool message(std::string_view text) = 0;
    virtual void caught_up() = 0;
    // Something about the connection, for a person.
    virtual void notice(const std::string& text) = 0;
};

struct StreamPatience {
    std::chrono::milliseconds first_wait{1'000};
    std::chrono::milliseconds longest_wait{30'000};
    std::chrono::milliseconds silence{60'000};
    bool retry = true;
};

void listen_to_stream(
    const ServerUrl& url, const std::string& target, StreamPatience patience, StreamSink& sink
);

}  // namespace patron::tools
