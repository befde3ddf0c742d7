#pragma once
// What frames come to in the reader, however they are split, held against the plain reader.
//
// Errors     any difference fails the test that runs.

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "server/net/ws_frame_reader.h"
#include "tests/net/plain_ws_reader.h"

namespace patron::net {

inline constexpr std::size_t kMessageMax = store::limits::kStreamFrameBytesMax;
// In bytes; of longer ones the first splits, the last and some between.
inline constexpr std::size_t kSplitsInFull = 3'000;

using Pieces = std::vector<std::string_view>;
using Events = std::vector<Seen>;

inline Seen seen_of(WsEvent event, const WsFrameReader& reader) {
    switch (event) {
        case WsEvent::Ping:
        case WsEvent::Pong:
            return told(event, reader.payload());
        case WsEvent::Close:
            return told(event, reader.payload(), reader.code());
        case WsEvent::Message:
            return message(reader.is_text(), reader.message_bytes());
        default:
            EXPECT_FALSE(reader.payload().empty()) << "broken, but why?";
            return broken(reader.code());
    }
}

// Every piece stands in memory of just its size, which ends before the next one comes.
inline Events feed(const Pieces& pieces, std::size_t message_max) {
    WsFrameReader reader(message_max);
    Events events;
    for (const std::string_view piece : pieces) {
        const auto own = std::make_unique<char[]>(piece.size());
        std::copy(piece.begin(), piece.end(), own.get());
        std::string_view bytes(own.get(), piece.size());
        for (WsEvent event; (event = reader.next(bytes)) != WsEvent::NeedMore;) {
            events.push_back(seen_of(event, reader));
        }
        EXPECT_TRUE(bytes.empty());
    }
    return events;
}

inline Pieces every_byte(std::string_view bytes) {
    Pieces pieces;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        pieces.push_back(bytes.substr(i, 1));
    }
    return pieces;
}

// What the bytes come to, the same however they are split and the same as in the plain reader.
inline Events read(std::string_view bytes, std::size_t message_max = kMessageMax) {
    const Events whole = feed({bytes}, message_max);
    EXPECT_EQ(whole, PlainWsReader(bytes, message_max).read());
    EXPECT_EQ(feed(every_byte(bytes), message_max), whole) << "byte by byte";
    const std::size_t step = bytes.size() <= kSplitsInFull ? 1 : 997;
    for (std::size_t i = 1; i < bytes.size(); i += i < 32 || i + 32 > bytes.size() ? 1 : step) {
        EXPECT_EQ(feed({bytes.substr(0, i), bytes.substr(i)}, message_max), whole)
            << "split at " << i;
    }
    return whole;
}

}  // namespace patron::net
