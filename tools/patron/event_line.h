#pragma once
// One event as a line of NDJSON, written field by field.
//
// Shapes     text -> escaped string; raw -> a JSON value as it stands; `finish` closes the object
// and
//            adds the line end. Strings are valid UTF-8.
// Threads    one owner.

#include <cstdint>
#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/json_string.h"

namespace patron::tools {

class EventLine {
  public:
    explicit EventLine(wire::ByteWriter& out) : out_(out) { out_.append('{'); }

    EventLine& text(std::string_view name, std::string_view value) {
        begin(name);
        wire::append_json_string(out_, value);
        return *this;
    }
    EventLine& raw(std::string_view name, std::string_view value) {
        begin(name);
        out_.append(value);
        return *this;
    }
    EventLine& integer(std::string_view name, std::int64_t value) {
        begin(name);
        out_.append_int(value);
        return *this;
    }
    void finish() { out_.append("}\n"); }

  private:
    void begin(std::string_view name) {
        if (!first_) {
            out_.append(',');
        }
        first_ = false;
        out_.append('"');
        out_.append(name);
        out_.append("\":");
    }

    wire::ByteWriter& out_;
    bool first_ = true;
};

}  // namespace patron::tools
