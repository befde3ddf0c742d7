#pragma once
// Messages of the live stream as lines for a person.
//
// Shapes     12:00:01.123  C42  tier gold -> silver, risk band low -> medium  (time)  risk 0.4210
//            with "enters" or "leaves" before the changes where the filter is what was crossed, and
//            the date before the time on any day but the stream's present one. Times in UTC.
//            Nothing for messages that only keep the connection alive or frame others.
// Errors     what is missing from a message is left out of the line.
// Threads    one owner.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace patron::tools {

class StreamText {
  public:
    explicit StreamText(bool colours) : colours_(colours) {}

    // Without a line break; empty: nothing to show.
    std::string line(const boost::json::object& message);

  private:
    enum class Paint { Dim, Bold, Good, Middling, Bad };

    std::string painted(Paint paint, std::string_view text) const;
    std::string time_of(const boost::json::object& message, std::string_view member) const;
    std::string band(std::string_view name) const;
    std::string value(std::string_view member, const boost::json::value& value) const;
    std::string state(const boost::json::object& score) const;
    std::string changes(const boost::json::object& message) const;
    std::string change_line(const boost::json::object& message, std::string_view verb) const;
    std::string customer_line(const boost::json::object& message) const;
    std::string stats_line(const boost::json::object& message) const;

    bool colours_;
    std::string today_;  // of the stream, as 2026-11-22; empty: not known yet
};

}  // namespace patron::tools
