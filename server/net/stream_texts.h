#pragma once
// The texts of the stream's messages as one I/O thread makes them, each framed for one door.
//
// Shapes     the text of a change that many want is encoded once, when the first one asks, and copied.
// Order      `forget` between two rounds; within a round a change keeps its index.
// Threads    one I/O thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "server/endpoints/subscription.h"
#include "server/net/stream_block.h"
#include "server/net/stream_source.h"
#include "server/wire/change_encoder.h"
#include "server/wire/stream_encoder.h"

namespace patron::net {

class StreamTexts {
  public:
    explicit StreamTexts(StreamSource& source) : source_(source) {}

    // A change as everybody gets it; `index` names it within the round.
    void append_shared(
        StreamBlock& block,
        Door door,
        endpoints::Passing passing,
        std::size_t index,
        const store::Change& change,
        std::uint64_t offset
    );
    void forget() {
        shared_.clear();
        places_.clear();
    }

    // A change for one listener; without a cursor inside snapshots and merged ranges.
    void append_change(
        StreamBlock& block,
        Door door,
        endpoints::Passing passing,
        const store::Change& change,
        std::optional<std::uint64_t> offset,
        std::uint64_t merged = 1
    );
    void append_row(
        StreamBlock& block,
        Door door,
        const store::PictureRow& row,
        const scoring::CompiledPolicy* policy
    );

    // With a snapshot behind it, hello is no place to come back to.
    void append_hello(
        StreamBlock& block, Door door, const wire::StreamPosition& where, bool snapshot_follows
    );
    void append_resumed(StreamBlock& block, Door door, const wire::StreamPosition& where);
    void append_gap(
        StreamBlock& block, Door door, const wire::StreamPosition& where, wire::GapReason reason
    );
    void append_snapshot_begin(StreamBlock& block, Door door, scoring::Instant as_of);
    void append_snapshot_end(
        StreamBlock& block, Door door, const wire::StreamPosition& where, std::uint64_t customers
    );
    void append_heartbeat(StreamBlock& block, Door door, const wire::StreamPosition& where);
    void append_counts(StreamBlock& block, Door door, const store::LiveCounts& counts);

    wire::StreamPosition position(std::uint64_t offset, std::uint64_t seq);

  private:
    struct Place {
        std::size_t begin = 0;
        std::size_t cursor_end = 0;
        std::size_t end = 0;  // 0: not encoded yet
    };
    const wire::PolicyTexts& texts(const scoring::CompiledPolicy* policy);
    std::string_view cursor_text(std::uint64_t offset);

    StreamSource& source_;
    wire::ByteWriter shared_{64 * 1024};
    std::vector<Place> places_;
    wire::ByteWriter cursor_{64};
    wire::ByteWriter text_{1024};
};

}  // namespace patron::net
