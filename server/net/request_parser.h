#pragma once
// Finds one whole request at the start of a connection's buffer, however its bytes arrive.
//
// Shapes     `parse` is given the message from its first byte on, again with more bytes after
//            NeedMore; the bytes may have moved in between, and `out` is as new each time. On
//            Complete the views of `out` point into them. A chunked body is decoded in place, so
//            `size` may come back smaller.
// Bounds     those of read_head; `body_bytes_max` for the body, declared or chunked (413).
// Errors     Refused, with `refusal`; nothing after it can be trusted.
// Threads    one owner at a time.
// Cost       a request that arrives whole is read once, its header only if it differs from the last
//            one's; one that arrives in pieces twice.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/endpoints/request.h"
#include "server/net/chunked_body.h"
#include "server/net/repeated_head.h"
#include "server/net/request_head.h"

namespace patron::net {

struct ParsedRequest {
    endpoints::Request request;
    std::size_t used = 0;              // bytes of the message
    bool announce_keep_alive = false;  // HTTP/1.0 that asked for it must be told
};

enum class ParseState : std::uint8_t { NeedMore, Complete, Refused };

class RequestParser {
  public:
    explicit RequestParser(std::size_t body_bytes_max)
        : body_bytes_max_(body_bytes_max), chunks_(body_bytes_max) {}

    ParseState parse(char* bytes, std::size_t& size, ParsedRequest& out);
    // Before the next message.
    void reset();

    const Refusal& refusal() const { return refusal_; }

    // After NeedMore.
    bool in_body() const { return stage_ != Stage::Head; }
    // True once, if the client waits for 100 Continue before it sends the body.
    bool take_continue();
    // What a buffer for the whole message can need.
    std::size_t message_bytes_max() const;

  private:
    enum class Stage : std::uint8_t { Head, Length, Chunked };

    ParseState parse_head(std::string_view view, endpoints::Request& request);
    bool still_no_end(std::string_view view) const;
    ParseState wait_for_head(std::string_view view);
    ParseState parse_chunks(char* bytes, std::size_t& size, ParsedRequest& out);
    ParseState complete(
        const char* bytes, std::size_t body_bytes, std::size_t used, ParsedRequest& out
    );
    ParseState refuse(store::FaultCode code, const char* detail);

    std::size_t body_bytes_max_;
    RequestHead head_;
    RepeatedHead last_head_;
    Refusal refusal_;
    ChunkedBody chunks_;
    std::size_t scanned_ = 0;        // bytes known not to hold the end of the header
    std::size_t payload_bytes_ = 0;  // decoded so far
    Stage stage_ = Stage::Head;
    bool continue_due_ = false;
    bool head_is_fresh_ = false;  // read in this very call, so the caller has its views
};

}  // namespace patron::net
