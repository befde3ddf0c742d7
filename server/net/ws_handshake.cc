#include "server/net/ws_handshake.h"

#include <array>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/websocket/detail/hybi13.hpp>

#include "store/check.h"

namespace patron::net {

namespace {

namespace base64 = boost::beast::detail::base64;

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyDigits = 22;  // the rest of the 24 characters is padding

}  // namespace

bool is_websocket_key(std::string_view key) {
    if (key.size() != base64::encoded_size(kKeyBytes) || key.substr(kKeyDigits) != "==") {
        return false;
    }
    std::array<char, base64::decoded_size(base64::encoded_size(kKeyBytes))> bytes;
    const auto [written, read] = base64::decode(bytes.data(), key.data(), key.size());
    return written == kKeyBytes && read == kKeyDigits;
}

std::string websocket_accept(std::string_view key) {
    PATRON_CHECK(is_websocket_key(key));
    boost::beast::websocket::detail::sec_ws_accept_type accept;
    boost::beast::websocket::detail::make_sec_ws_accept(accept, {key.data(), key.size()});
    return {accept.data(), accept.size()};
}

void append_switching_protocols(wire::ByteWriter& out, std::string_view key) {
    out.append(
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: "
    );
    out.append(websocket_accept(key));
    out.append("\r\n\r\n");
}

}  // namespace patron::net
