#pragma once
// A score as a whole answer with its entity tag, or 304 when the caller has it already.
//
// Shapes     ETag: 16 hex digits, a hash of the body without seq and as_of, which move by
//            themselves.
// Choices    tags compare strongly: W/"..." matches none; * matches any.
// Errors     none.
// Threads    pure.

#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/http_reply.h"
#include "server/wire/policy_texts.h"
#include "store/reading.h"

namespace patron::endpoints {

void write_score_reply(
    wire::ByteWriter& out,
    wire::ReplyOptions options,
    const wire::PolicyTexts& texts,
    std::string_view id,
    const store::Reading& reading,
    std::string_view if_none_match
);

// `tag` with its quotes, among the comma-separated tags of an If-None-Match.
bool names_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace patron::endpoints
