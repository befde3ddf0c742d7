#include "tools/patron/event_stream.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace patron::tools {

bool EventStreamReader::read(std::string_view bytes, const OnData& on_data) {
    while (!bytes.empty() && !broken_ && !enough_) {
        if (after_cr_ && bytes.front() == '\n') {
            bytes.remove_prefix(1);
        }
        after_cr_ = false;
        const std::size_t end = bytes.find_first_of("\r\n");
        const std::string_view part = bytes.substr(0, end);
        broken_ = line_.size() + part.size() > kEventBytesMax;
        if (broken_) {
            break;
        }
        line_.append(part);
        if (end == std::string_view::npos) {
            break;
        }
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        enough_ = !end_line(on_data);
    }
    return !broken_;
}

// False: the listener has had enough.
bool EventStreamReader::end_line(const OnData& on_data) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    std::string_view line = line_;
    if (first_line_ && line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
    }
    first_line_ = false;
    if (line.empty()) {
        line_.clear();
        return end_event(on_data);
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    take_field(line.substr(0, colon), value);  // a comment's name is empty
    line_.clear();
    return true;
}

void EventStreamReader::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        broken_ = data_.size() + value.size() > kEventBytesMax;
        if (!broken_) {
            data_.append(value).push_back('\n');
        }
    } else if (name == "id") {
        if (value.find('\0') == std::string_view::npos) {
            next_id_ = value;
        }
    } else if (name == "retry") {
        std::uint32_t ms = 0;
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), ms);
        if (parsed.ec == std::errc() && parsed.ptr == value.data() + value.size()) {
            retry_ = std::chrono::milliseconds(ms);
        }
    }
}

bool EventStreamReader::end_event(const OnData& on_data) {
    if (next_id_) {
        id_ = std::move(*next_id_);
        next_id_.reset();
    }
    if (data_.empty()) {
        return true;
    }
    data_.pop_back();
    const bool goes_on = on_data(data_);
    data_.clear();
    return goes_on;
}

}  // namespace patron::tools
