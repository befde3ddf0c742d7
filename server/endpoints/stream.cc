#include "server/endpoints/stream.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "server/endpoints/subscription.h"
#include "server/wire/problem.h"

namespace patron::endpoints {
namespace {

using store::Fault;
using store::FaultCode;

constexpr std::string_view kWebSocketVersion = "13";

// 16 bytes in base64: 22 characters that carry bits, two that fill up.
bool is_websocket_key(std::string_view key) {
    constexpr std::size_t kCharacters = 22;
    constexpr std::string_view kFill = "==";
    return key.size() == kCharacters + kFill.size() && key.ends_with(kFill) &&
           std::ranges::all_of(key.substr(0, kCharacters), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

std::optional<Fault> handshake_fault(const Request& request) {
    if (request.websocket_version != kWebSocketVersion) {
        return Fault{
            FaultCode::WebSocketVersion,
            "this server speaks WebSocket version 13",
            "Sec-WebSocket-Version",
            store::kNoIndex
        };
    }
    if (!is_websocket_key(request.websocket_key)) {
        return Fault{
            FaultCode::BadRequest,
            "16 bytes in base64 are wanted",
            "Sec-WebSocket-Key",
            store::kNoIndex
        };
    }
    return std::nullopt;
}

void write_head(const Request& request, wire::ByteWriter& out) {
    wire::HttpReply reply(out, request.reply);
    reply.begin_endless(200, kEventStreamType);
    reply.header("Cache-Control", "no-store");
    reply.body();
    reply.finish();
}

}  // namespace

Handled get_stream(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral) {
    auto subscription = Subscription::parse(
        request.query, request.last_event_id, core.texts.of(core.store.policy())
    );
    if (!subscription) {
        wire::write_problem(out, request.reply, subscription.error());
        return Handled::Now;
    }
    if (request.method == Method::Head) {
        write_head(request, out);
        return Handled::Now;
    }
    if (request.wants_websocket) {
        if (const auto fault = handshake_fault(request)) {
            wire::write_problem(out, request.reply, *fault);
            return Handled::Now;
        }
    }
    deferral.begin_stream(std::make_shared<const Subscription>(std::move(*subscription)));
    return Handled::Stream;
}

}  // namespace patron::endpoints
