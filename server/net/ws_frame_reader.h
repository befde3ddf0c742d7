#pragma once
// Reads the frames of a WebSocket client out of bytes, however they are split, and refuses what is not
// RFC 6455 at the first byte that shows it.
//
// Shapes     `while ((event = reader.next(bytes)) != WsEvent::NeedMore)`: one event per call, taken off the
//            front of `bytes`. NeedMore has taken them all. Ping, Pong and Close between the fragments of a
//            message come at once. Of a message only kind and size are told.
// Bounds     kStreamFrameBytesMax for a message, over all its fragments (1009), 125 for a control frame.
//            Nothing is allocated.
// Order      Close or Broken is the last event; bytes behind it are dropped.
// Errors     Broken, with the code to close with: 1002 for frames, 1007 for text, 1009 for size.
// Threads    one owner at a time.
// Cost       one pass.
// Source     RFC 6455 sections 5 to 8; text and reasons checked by Beast's UTF-8 checker.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/beast/websocket/detail/utf8_checker.hpp>

#include "server/net/ws_frame.h"
#include "store/limits.h"

namespace patron::net {

enum class WsEvent : std::uint8_t { NeedMore, Ping, Pong, Message, Close, Broken };

class WsFrameReader {
  public:
    explicit WsFrameReader(std::size_t message_bytes_max = store::limits::kStreamFrameBytesMax)
        : message_bytes_max_(message_bytes_max) {}
    // Beast's checker points into itself.
    WsFrameReader(const WsFrameReader&) = delete;
    WsFrameReader& operator=(const WsFrameReader&) = delete;

    WsEvent next(std::string_view& bytes);

    // Of Ping and Pong the payload, of Close the reason, of Broken why; valid until the next call.
    std::string_view payload() const { return told_; }
    // Of Close what the client said, kNoStatus without a word; of Broken what is to be said.
    std::uint16_t code() const { return code_; }
    // Of Message.
    bool is_text() const { return is_text_; }
    std::size_t message_bytes() const { return message_bytes_; }

  private:
    static constexpr std::size_t kHeaderBytesMax = 14;
    static constexpr std::size_t kMaskBytes = 4;

    bool take_header(std::string_view& bytes);
    bool check_first_byte();
    bool check_second_byte();
    bool check_length();
    bool begin_payload();
    bool take_payload(std::string_view& bytes);
    bool check_text(std::string_view masked);
    void unmask(std::string_view masked, std::size_t at, char* to) const;
    WsEvent end_frame();
    WsEvent end_close();
    bool is_control() const { return opcode_ >= WsOpcode::Close; }
    bool broken(std::uint16_t code, std::string_view why);

    std::size_t message_bytes_max_;

    // The frame under way.
    std::array<unsigned char, kHeaderBytesMax> header_{};
    std::uint8_t header_bytes_ = 0;
    std::uint8_t header_wanted_ = 2;
    WsOpcode opcode_ = WsOpcode::Continuation;
    bool fin_ = false;
    std::uint64_t payload_bytes_ = 0;
    std::uint64_t payload_read_ = 0;
    std::array<char, kControlBytesMax> control_{};

    // The message under way, which control frames interrupt.
    bool in_message_ = false;
    bool is_text_ = false;
    std::size_t message_bytes_ = 0;
    boost::beast::websocket::detail::utf8_checker text_;

    bool ended_ = false;
    std::uint16_t code_ = ws_close::kNoStatus;
    std::string_view told_;
};

}  // namespace patron::net
