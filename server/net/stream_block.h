#pragma once
// Messages framed for one of the two doors, back to back, shared by all who are sent them.
//
// Shapes     SSE: `id: <cursor>` where the message has one, `data: <json>`, an empty line. WebSocket: one
//            text frame per message. A block holds whole messages, so that between two blocks anything
//            else may be sent.
// Threads    immutable once made.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/container/static_vector.hpp>

#include "server/wire/byte_writer.h"

namespace patron::net {

enum class Door : std::uint8_t { Sse, WebSocket };

struct StreamBlock {
    explicit StreamBlock(std::size_t capacity = 1024) : bytes(capacity) {}
    wire::ByteWriter bytes;
    std::uint64_t messages = 0;
};
using StreamBlockPtr = std::shared_ptr<const StreamBlock>;

// A message in two parts, which make one JSON text; `cursor` is empty for a message without one.
void append_message(
    StreamBlock& block,
    Door door,
    std::string_view cursor,
    std::string_view first,
    std::string_view rest
);

// Blocks that leave in one write.
class Gather {
  public:
    static constexpr std::size_t kBlocksMax = 32;

    bool empty() const { return blocks_.empty(); }
    bool has_room(std::size_t bytes_max) const {
        return blocks_.size() < kBlocksMax && bytes_ < bytes_max;
    }
    void add(StreamBlockPtr block) {
        bytes_ += block->bytes.size();
        messages_ += block->messages;
        blocks_.push_back(std::move(block));
    }
    void clear() {
        blocks_.clear();
        bytes_ = 0;
        messages_ = 0;
    }
    const auto& blocks() const { return blocks_; }
    std::size_t bytes() const { return bytes_; }
    std::uint64_t messages() const { return messages_; }

  private:
    boost::container::static_vector<StreamBlockPtr, kBlocksMax> blocks_;
    std::size_t bytes_ = 0;
    std::uint64_t messages_ = 0;
};

}  // namespace patron::net
