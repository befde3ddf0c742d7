#pragma once
// What the subscribers of one I/O thread share: how far the thread has told the feed, its texts, and whom
// to wake.
//
// Threads    one I/O thread.

#include <cstdint>

#include "server/net/net_metrics.h"
#include "server/net/stream_source.h"
#include "server/net/stream_texts.h"

namespace patron::net {

class StreamDesk {
  public:
    // Most changes that are looked at before others get their turn.
    static constexpr std::size_t kTurnChanges = 4'096;

    StreamDesk(StreamSource& stream_source, NetCounters& net_counters)
        : source(stream_source), texts(stream_source), counters(net_counters) {}
    StreamDesk(const StreamDesk&) = delete;
    StreamDesk& operator=(const StreamDesk&) = delete;

    // Asks for a page; `on_page` of the stream with this number is called with it, or without one.
    virtual void ask_page(std::uint64_t number, store::PictureQuestion question) = 0;
    // Wakes that stream once the cursor has moved.
    virtual void await_cursor(std::uint64_t number) = 0;
    // Wakes it a little later.
    virtual void await_tick(std::uint64_t number) = 0;

    // The newest number of applied events whose changes are all at or before the cursor.
    std::uint64_t seq_at_cursor() {
        const std::uint64_t seq = source.seq();
        if (source.changes().head() == cursor) {
            seq_ = seq;
        }
        return seq_;
    }

    StreamSource& source;
    StreamTexts texts;
    NetCounters& counters;
    std::uint64_t cursor = 0;  // all groups have been told up to here

  protected:
    ~StreamDesk() = default;

    std::uint64_t seq_ = 0;  // as of the cursor
};

}  // namespace patron::net
