#include "server/net/ws_frame_reader.h"

#include <algorithm>
#include <span>

namespace patron::net {

namespace {

constexpr unsigned kFin = 0x80;
constexpr unsigned kReserved = 0x70;
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength = 0x7F;
constexpr std::uint64_t kLength16 = 126;
constexpr std::uint64_t kLength64 = 127;
constexpr std::uint64_t kLength16Max = 65'535;

std::uint64_t big_endian(std::span<const unsigned char> bytes) {
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes) {
        value = value << 8U | byte;
    }
    return value;
}

}  // namespace

WsEvent WsFrameReader::next(std::string_view& bytes) {
    while (!ended_) {
        if (!take_header(bytes) || !take_payload(bytes)) {
            return ended_ ? WsEvent::Broken : WsEvent::NeedMore;
        }
        const WsEvent event = end_frame();
        if (event != WsEvent::NeedMore) {
            return event;
        }
    }
    bytes = {};
    return WsEvent::NeedMore;
}

// Whether the header is there in whole. Every byte is looked at when it comes, so that what is refused,
// and why, does not depend on the split.
bool WsFrameReader::take_header(std::string_view& bytes) {
    while (header_bytes_ < header_wanted_) {
        if (bytes.empty()) {
            return false;
        }
        header_[header_bytes_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        const bool good = header_bytes_ == 1   ? check_first_byte()
                          : header_bytes_ == 2 ? check_second_byte()
                                               : check_length();
        if (!good) {
            return false;
        }
    }
    return true;
}

bool WsFrameReader::check_first_byte() {
    fin_ = (header_[0] & kFin) != 0;
    opcode_ = static_cast<WsOpcode>(header_[0] & kOpcode);
    if ((header_[0] & kReserved) != 0) {
        return broken(ws_close::kProtocolError, "reserved bits must be 0");
    }
    switch (opcode_) {
        case WsOpcode::Continuation:
            return in_message_ ||
                   broken(ws_close::kProtocolError, "there is no message to continue");
        case WsOpcode::Text:
        case WsOpcode::Binary:
            return !in_message_ ||
                   broken(ws_close::kProtocolError, "the message before is not complete");
        case WsOpcode::Close:
        case WsOpcode::Ping:
        case WsOpcode::Pong:
            return fin_ ||
                   broken(ws_close::kProtocolError, "control frames must not be fragmented");
    }
    return broken(ws_close::kProtocolError, "the opcode is reserved");
}

bool WsFrameReader::check_second_byte() {
    if ((header_[1] & kMasked) == 0) {
        return broken(ws_close::kProtocolError, "frames of a client must be masked");
    }
    payload_bytes_ = header_[1] & kLength;
    payload_read_ = 0;
    if (is_control() && payload_bytes_ > kControlBytesMax) {
        return broken(ws_close::kProtocolError, "control frames may have 125 bytes");
    }
    const std::size_t more = payload_bytes_ == kLength64 ? 8 : payload_bytes_ == kLength16 ? 2 : 0;
    header_wanted_ = static_cast<std::uint8_t>(2 + more + kMaskBytes);
    return more != 0 || begin_payload();
}

bool WsFrameReader::check_length() {
    if (header_bytes_ + kMaskBytes != header_wanted_) {
        return true;
    }
    const std::uint64_t shorter_max = payload_bytes_ == kLength64 ? kLength16Max : kControlBytesMax;
    payload_bytes_ = big_endian(std::span(header_).first(header_bytes_).subspan(2));
    if (payload_bytes_ >> 63U != 0) {
        return broken(ws_close::kProtocolError, "the first bit of a length must be 0");
    }
    if (payload_bytes_ <= shorter_max) {
        return broken(ws_close::kProtocolError, "a length must have its shortest form");
    }
    return begin_payload();
}

// The length is known; the mask is still to come.
bool WsFrameReader::begin_payload() {
    if (is_control()) {
        return true;
    }
    if (opcode_ != WsOpcode::Continuation) {
        in_message_ = true;
        is_text_ = opcode_ == WsOpcode::Text;
        message_bytes_ = 0;
    }
    if (payload_bytes_ > message_bytes_max_ - message_bytes_) {
        return broken(ws_close::kTooBig, "the message is too long");
    }
    message_bytes_ += static_cast<std::size_t>(payload_bytes_);
    return true;
}

// Whether the payload has come in whole.
bool WsFrameReader::take_payload(std::string_view& bytes) {
    const std::string_view here =
        bytes.substr(0, std::min<std::uint64_t>(bytes.size(), payload_bytes_ - payload_read_));
    bytes.remove_prefix(here.size());
    if (is_control()) {
        unmask(here, payload_read_, control_.data() + payload_read_);
    } else if (is_text_ && !check_text(here)) {
        return false;
    }
    payload_read_ += here.size();
    return payload_read_ == payload_bytes_;
}

bool WsFrameReader::check_text(std::string_view masked) {
    std::array<char, 512> clear;
    std::size_t done = 0;
    while (done < masked.size()) {
        const std::string_view piece = masked.substr(done, clear.size());
        unmask(piece, payload_read_ + done, clear.data());
        if (!text_.write(reinterpret_cast<const std::uint8_t*>(clear.data()), piece.size())) {
            return broken(ws_close::kBadText, "text must be UTF-8");
        }
        done += piece.size();
    }
    return true;
}

void WsFrameReader::unmask(std::string_view masked, std::size_t at, char* to) const {
    const unsigned char* mask = header_.data() + header_wanted_ - kMaskBytes;
    for (std::size_t i = 0; i < masked.size(); ++i) {
        to[i] =
            static_cast<char>(static_cast<unsigned char>(masked[i]) ^ mask[(at + i) % kMaskBytes]);
    }
}

WsEvent WsFrameReader::end_frame() {
    header_bytes_ = 0;
    header_wanted_ = 2;
    if (is_control()) {
        told_ = {control_.data(), static_cast<std::size_t>(payload_bytes_)};
        return opcode_ == WsOpcode::Ping   ? WsEvent::Ping
               : opcode_ == WsOpcode::Pong ? WsEvent::Pong
                                           : end_close();
    }
    if (!fin_) {
        return WsEvent::NeedMore;
    }
    in_message_ = false;
    if (is_text_ && !text_.finish()) {
        broken(ws_close::kBadText, "text must be UTF-8");
        return WsEvent::Broken;
    }
    return WsEvent::Message;
}

WsEvent WsFrameReader::end_close() {
    ended_ = true;
    if (told_.empty()) {
        return WsEvent::Close;
    }
    if (told_.size() == 1) {
        broken(ws_close::kProtocolError, "a close code has two bytes");
        return WsEvent::Broken;
    }
    code_ = static_cast<std::uint16_t>(
        static_cast<unsigned char>(told_[0]) << 8U | static_cast<unsigned char>(told_[1])
    );
    told_.remove_prefix(sizeof code_);
    if (!is_close_code(code_)) {
        broken(ws_close::kProtocolError, "the close code is reserved");
        return WsEvent::Broken;
    }
    if (!boost::beast::websocket::detail::check_utf8(told_.data(), told_.size())) {
        broken(ws_close::kBadText, "a close reason must be UTF-8");
        return WsEvent::Broken;
    }
    return WsEvent::Close;
}

bool WsFrameReader::broken(std::uint16_t code, std::string_view why) {
    ended_ = true;
    code_ = code;
    told_ = why;
    return false;
}

}  // namespace patron::net
