#pragma once
// Takes server-sent events out of the bytes of an answer, however these are cut.
//
// Shapes     lines end with LF, CR or CRLF; a blank line ends an event. Fields id, data and retry count,
//            comments and all others are passed over; an event without data is none, but its id
//            holds.
// Bounds     a line and an event's data at most kEventBytesMax each.
// Errors     read: false once a bound is broken; nothing is read after that.
// Threads    one owner.
// Source     WHATWG HTML, server-sent events: parsing an event stream.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace patron::tools {

inline constexpr std::size_t kEventBytesMax = 1024 * 1024;

class EventStreamReader {
  public:
    // `last_event_id`: that of the connection before.
    explicit EventStreamReader(std::string last_event_id = {}) : id_(std::move(last_event_id)) {}

    // Calls `on_data` with the data of each event that these bytes end, until it answers false.
    using OnData = std::function<bool(std::string_view data)>;
    bool read(std::string_view bytes, const OnData& on_data);

    // Of the newest whole event that has told one.
    const std::string& last_event_id() const { return id_; }
    // How long to wait before connecting again, if the server said so.
    std::optional<std::chrono::milliseconds> retry() const { return retry_; }

  private:
    bool end_line(const OnData& on_data);
    void take_field(std::string_view name, std::string_view value);
    bool end_event(const OnData& on_data);

    std::string line_;
    std::string data_;  // each line of it followed by LF
    std::string id_;
    std::optional<std::string> next_id_;  // of the event under way
    std::optional<std::chrono::milliseconds> retry_;
    bool first_line_ = true;
    bool after_cr_ = false;
    bool enough_ = false;
    bool broken_ = false;
};

}  // namespace patron::tools
