#pragma once
// One HTTP/1.1 answer written in place: head, body, and the length patched in at the end.
//
// Shapes     begin -> header* -> body bytes through `out` -> finish; one answer after the other in
// the
//            same buffer gives one write for all answers of one read.
// Errors     none; the caller keeps header values free of CR and LF.
// Threads    one owner at a time.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/wire/byte_writer.h"

namespace patron::wire {

struct ReplyOptions {
    bool keep_alive = true;            // false adds "Connection: close"
    bool announce_keep_alive = false;  // to a client of HTTP/1.0 that asked for it
    bool head_only = false;            // HEAD: the length is that of the body, the body is not sent
};

class HttpReply {
  public:
    HttpReply(ByteWriter& out, ReplyOptions options) : out_(out), options_(options) {}

    // Status line, content type ("" for none: 204, 304) and the length's place.
    void begin(int status, std::string_view content_type);
    // The whole head of a JSON answer with an entity tag, the body follows; answers where in `out` the
    // tag's 16 hex digits are to be put.
    std::size_t begin_tagged_json();
    // Of a body whose length nobody knows yet: no length is told, `finish` sends no body.
    void begin_endless(int status, std::string_view content_type);
    // Any time between `begin` and the first body byte.
    void header(std::string_view name, std::string_view value);
    // Ends the head; the body follows through `out`.
    ByteWriter& body();
    void finish();

  private:
    void end_connection_part();
    void begin_any(int status, std::string_view content_type, bool with_length);

    ByteWriter& out_;
    ReplyOptions options_;
    std::size_t length_at_ = 0;  // 0: no length field
    std::size_t body_at_ = 0;
};

std::string_view reason_phrase(int status);

}  // namespace patron::wire
