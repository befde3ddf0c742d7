#pragma once
// The plain reference of WsFrameReader: everything that has arrived at once, by index, nothing kept.
//
// Shapes     what the whole of `bytes` comes to: every event, and at the end, if it is broken, why.
// Source     RFC 6455 section 5; UTF-8 by the range of code points a cut sequence can still become.

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/ws_frame_reader.h"

namespace patron::net {

// One event without views.
struct Seen {
    WsEvent event = WsEvent::NeedMore;
    std::string payload;     // of Ping, Pong and Close
    std::uint16_t code = 0;  // of Close and Broken
    bool text = false;       // of Message
    std::size_t bytes = 0;   // of Message
    bool operator==(const Seen&) const = default;
};

inline void PrintTo(const Seen& seen, std::ostream* out) {
    static constexpr const char* kNames[] = {
        "NeedMore", "Ping", "Pong", "Message", "Close", "Broken"
    };
    *out << kNames[static_cast<std::size_t>(seen.event)] << " code " << seen.code << " bytes "
         << seen.bytes << (seen.text ? " text" : "") << " payload of " << seen.payload.size();
}

inline Seen broken(std::uint16_t code) {
    return {WsEvent::Broken, "", code, false, 0};
}
inline Seen message(bool text, std::size_t bytes) {
    return {WsEvent::Message, "", 0, text, bytes};
}
inline Seen told(WsEvent event, std::string_view payload, std::uint16_t code = 0) {
    return {event, std::string(payload), code, false, 0};
}

enum class Text : std::uint8_t { Good, Cut, Bad };

// Whether the text is UTF-8, the beginning of one, or can never become one.
inline Text plain_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(text[i]);
    };
    for (std::size_t at = 0; at < text.size();) {
        const unsigned lead = byte(at);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC0 && lead < 0xE0 ? 2
                                   : lead >= 0xE0 && lead < 0xF0 ? 3
                                   : lead >= 0xF0 && lead < 0xF8 ? 4
                                                                 : 0;
        if (length == 0) {
            return Text::Bad;
        }
        std::uint32_t lowest = length == 1 ? lead : lead & (0x7FU >> length);
        std::uint32_t highest = lowest;
        for (std::size_t i = 1; i < length; ++i) {
            const bool here = at + i < text.size();
            if (here && (byte(at + i) & 0xC0U) != 0x80U) {
                return Text::Bad;
            }
            lowest = lowest << 6U | (here ? byte(at + i) & 0x3FU : 0U);
            highest = highest << 6U | (here ? byte(at + i) & 0x3FU : 0x3FU);
        }
        const std::uint32_t shortest = length == 1   ? 0
                                       : length == 2 ? 0x80
                                       : length == 3 ? 0x800
                                                     : 0x10000;
        if (highest < shortest || lowest > 0x10FFFF || (lowest >= 0xD800 && highest <= 0xDFFF)) {
            return Text::Bad;
        }
        if (at + length > text.size()) {
            return Text::Cut;
        }
        at += length;
    }
    return Text::Good;
}

class PlainWsReader {
  public:
    PlainWsReader(std::string_view bytes, std::size_t message_bytes_max)
        : bytes_(bytes), message_bytes_max_(message_bytes_max) {}

    std::vector<Seen> read() {
        while (read_frame()) {
        }
        return seen_;
    }

  private:
    unsigned byte(std::size_t i) const { return static_cast<unsigned char>(bytes_[i]); }
    bool stop(std::uint16_t code) {
        seen_.push_back(broken(code));
        return false;
    }

    // False at the end, whatever it is.
    bool read_frame() {
        if (bytes_.empty()) {
            return false;
        }
        const unsigned opcode = byte(0) & 15U;
        const bool fin = (byte(0) & 0x80U) != 0;
        const bool control = opcode >= 8;
        if ((byte(0) & 0x70U) != 0 || (opcode > 2 && opcode < 8) || opcode > 10 ||
            (control && !fin) || (opcode == 0 && !open_) ||
            ((opcode == 1 || opcode == 2) && open_)) {
            return stop(1002);
        }
        if (bytes_.size() < 2) {
            return false;
        }
        std::uint64_t length = byte(1) & 127U;
        if ((byte(1) & 128U) == 0 || (control && length > 125)) {
            return stop(1002);
        }
        const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (bytes_.size() < 2 + more) {
            return false;
        }
        if (more > 0) {
            length = 0;
            for (std::size_t i = 0; i < more; ++i) {
                length = length * 256 + byte(2 + i);
            }
            if (length < (more == 2 ? 126U : 65'536U) || length >= std::uint64_t{1} << 63U) {
                return stop(1002);
            }
        }
        const std::size_t before = opcode == 0 ? message_bytes_ : 0;
        if (!control && length > message_bytes_max_ - before) {
            return stop(1009);
        }
        if (bytes_.size() < 6 + more) {
            return false;
        }
        std::string payload(bytes_.substr(6 + more, length));
        const bool whole = payload.size() == length;
        for (std::size_t i = 0; i < payload.size(); ++i) {
            payload[i] =
                static_cast<char>(static_cast<unsigned char>(payload[i]) ^ byte(2 + more + i % 4));
        }
        bytes_.remove_prefix(6 + more + payload.size());
        return control ? whole && end_control(opcode, payload)
                       : take_data(opcode, fin, whole, length, payload);
    }

    bool end_control(unsigned opcode, const std::string& payload) {
        if (opcode != 8) {
            seen_.push_back(told(opcode == 9 ? WsEvent::Ping : WsEvent::Pong, payload));
            return true;
        }
        if (payload.empty()) {
            seen_.push_back(told(WsEvent::Close, "", 1005));
            return false;
        }
        if (payload.size() == 1) {
            return stop(1002);
        }
        const unsigned code =
            static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
        const bool known =
            code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
        if (!known && (code < 3000 || code > 4999)) {
            return stop(1002);
        }
        if (plain_utf8(payload.substr(2)) != Text::Good) {
            return stop(1007);
        }
        seen_.push_back(told(WsEvent::Close, payload.substr(2), static_cast<std::uint16_t>(code)));
        return false;
    }

    bool take_data(
        unsigned opcode, bool fin, bool whole, std::size_t length, const std::string& payload
    ) {
        if (opcode != 0) {
            open_ = true;
            is_text_ = opcode == 1;
            text_.clear();
            message_bytes_ = 0;
        }
        message_bytes_ += length;
        text_ += payload;
        if (is_text_ && plain_utf8(text_) == Text::Bad) {
            return stop(1007);
        }
        if (whole && fin) {
            open_ = false;
            if (is_text_ && plain_utf8(text_) != Text::Good) {
                return stop(1007);
            }
            seen_.push_back(message(is_text_, message_bytes_));
        }
        return whole;
    }

    std::string_view bytes_;
    std::size_t message_bytes_max_;
    std::vector<Seen> seen_;
    bool open_ = false;
    bool is_text_ = false;
    std::string text_;
    std::size_t message_bytes_ = 0;
};

}  // namespace patron::net
