#include "server/wire/list_encoder.h"

#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"

namespace patron::wire {

ListEncoder::ListEncoder(ByteWriter& out, std::string_view member) : out_(out) {
    out_.append('{');
    append_json_string(out_, member);
    out_.append(":[");
}

void ListEncoder::end(const PolicyTexts& texts, AnswerStamp stamp) {
    out_.append(']');
    append_stamp(out_, texts, stamp);
    out_.append('}');
}

void ListEncoder::end_page(
    const PolicyTexts& texts, AnswerStamp stamp, std::optional<std::string_view> next_cursor
) {
    out_.append(R"(],"next_cursor":)");
    if (next_cursor) {
        append_json_string(out_, *next_cursor);
    } else {
        out_.append("null");
    }
    append_stamp(out_, texts, stamp);
    out_.append('}');
}

void append_stamp(ByteWriter& out, const PolicyTexts& texts, AnswerStamp stamp) {
    out.append(R"(,"policy":)");
    out.append(texts.name());
    out.append(R"(,"seq":)");
    out.append_uint(stamp.seq);
    out.append(R"(,"as_of":")");
    append_instant(out, stamp.as_of);
    out.append('"');
}

}  // namespace patron::wire
