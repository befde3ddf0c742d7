#include "server/net/ws_handshake.h"

#include <boost/beast/websocket/detail/hybi13.hpp>

#include "store/check.h"

namespace patron::net {

std::string websocket_accept(std::string_view key) {
    PATRON_CHECK(key.size() == boost::beast::websocket::detail::sec_ws_key_type::static_capacity);
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
