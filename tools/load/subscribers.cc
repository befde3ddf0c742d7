#include "tools/load/subscribers.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <unistd.h>

#include "server/start_error.h"
#include "tools/patron/event_batch.h"

namespace patron::tools {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kMessageBytesMax = 1024 * 1024;
constexpr std::size_t kBeingMadeMax = 64;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

[[noreturn]] void fail(const std::string& why) {
    throw server::StartError(server::ExitCode::Findings, "cannot subscribe: " + why);
}

// The last occurrence: the score's own member stands behind the list of changes.
bool pinned_in(std::string_view data) {
    constexpr std::string_view kOverride = R"("override":)";
    const std::size_t at = data.rfind(kOverride);
    return at != std::string_view::npos && at + kOverride.size() < data.size() &&
           data[at + kOverride.size()] == '{';
}

std::uint64_t conflated_in(std::string_view data) {
    constexpr std::string_view kConflated = R"("conflated":)";
    constexpr std::size_t kTailBytes = 160;  // it stands before the cursor, which is the last
    const std::string_view tail = data.substr(data.size() - std::min(data.size(), kTailBytes));
    const std::size_t at = tail.find(kConflated);
    std::uint64_t count = 1;
    return at != std::string_view::npos && read_number(tail.substr(at + kConflated.size()), count)
               ? count
               : 1;
}

}  // namespace

FeedMessage read_feed_message(std::string_view data) {
    constexpr std::string_view kType = R"({"type":")";
    constexpr std::string_view kId = R"(,"customer_id":"C)";
    constexpr std::string_view kCause = R"("cause":"override")";
    constexpr std::size_t kHeadBytes = 200;
    FeedMessage message;
    if (!data.starts_with(kType)) {
        return message;
    }
    const std::string_view type =
        data.substr(kType.size(), data.find('"', kType.size()) - kType.size());
    if (type == "gap") {
        message.kind = FeedMessage::Kind::Gap;
        return message;
    }
    if (type != "change" && type != "enter" && type != "leave") {
        return message;
    }
    message.kind = FeedMessage::Kind::Change;
    message.conflated = conflated_in(data);
    const std::string_view behind = data.substr(kType.size() + type.size() + 1);
    message.by_override = behind.starts_with(kId) &&
                          behind.substr(0, kHeadBytes).find(kCause) != std::string_view::npos &&
                          read_number(behind.substr(kId.size()), message.customer);
    message.pinned = pinned_in(data);
    return message;
}

Subscribers::Subscribers(
    std::size_t count,
    std::string request,
    std::uint32_t group,
    const SocketAddress& address,
    LoadWindow window,
    Poller& poller,
    const RunClock& clock,
    ChangeDues& dues
)
    : request_(std::move(request))
    , group_(group)
    , address_(address)
    , poller_(poller)
    , clock_(clock)
    , dues_(dues)
    , tally_("screen", window)
    , listeners_(count)
    , in_(kReadBytes) {}

Subscribers::~Subscribers() {
    for (const Listener& listener : listeners_) {
        if (listener.socket >= 0) {
            close(listener.socket);
        }
    }
}

void Subscribers::connect_some() {
    while (begun_ < listeners_.size() && begun_ - greeted_ < kBeingMadeMax) {
        const auto number = static_cast<std::uint32_t>(begun_++);
        Listener& listener = listeners_[number];
        listener.socket = begin_connecting(address_);
        if (listener.socket < 0) {
            fail(std::strerror(errno));
        }
        listener.state = State::Connecting;
        poller_.add(listener.socket, {group_, number}, EPOLLOUT);
    }
}

void Subscribers::on_event(std::uint32_t number, std::uint32_t) {
    Listener& listener = listeners_[number];
    if (listener.state == State::Connecting) {
        on_connecting(listener, number);
    } else if (listener.state != State::Ended) {
        receive(listener);
    }
}

void Subscribers::on_connecting(Listener& listener, std::uint32_t number) {
    const int error = connecting_result(listener.socket);
    if (error != 0) {
        fail(std::strerror(error));
    }
    // An empty send buffer takes a request whole.
    if (::send(listener.socket, request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size())) {
        fail("the request could not be sent");
    }
    listener.state = State::Head;
    poller_.change(listener.socket, {group_, number}, EPOLLIN);
}

void Subscribers::receive(Listener& listener) {
    const ssize_t got = ::recv(listener.socket, in_.data(), in_.size(), 0);
    const std::int64_t now = clock_.now();
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got <= 0) {
        end(listener, got == 0 ? "the server closed the stream" : std::strerror(errno));
        return;
    }
    std::string_view bytes(in_.data(), static_cast<std::size_t>(got));
    if (listener.state == State::Head) {
        bytes = take_head(listener, bytes);
    } else if (now >= tally_.window.from_ns) {
        counts_.bytes += bytes.size();
    }
    take_lines(listener, bytes, now);
}

std::string_view Subscribers::take_head(Listener& listener, std::string_view bytes) {
    listener.rest += bytes;
    const std::size_t end = listener.rest.find(kHeadEnd);
    if (end == std::string::npos) {
        return {};
    }
    int status = 0;
    const std::string_view head(listener.rest);
    constexpr std::size_t kVersionBytes = 9;  // "HTTP/1.1 "
    const bool known = head.starts_with("HTTP/1.") && head.size() > kVersionBytes &&
                       read_number(head.substr(kVersionBytes), status);
    if (!known || status != 200) {
        fail(
            "the server answered " + std::to_string(status) + ": " +
            problem_detail(head.substr(end + kHeadEnd.size())) +
            (status == 429
                 ? "; more listeners from one address: patron serve --streams-per-client N"
                 : "")
        );
    }
    listener.state = State::Open;
    listener.rest.erase(0, end + kHeadEnd.size());
    // The pieces of the body that came with the head are read again from `rest`.
    const std::string body = std::exchange(listener.rest, {});
    take_lines(listener, body, clock_.now());
    return {};
}

void Subscribers::take_lines(Listener& listener, std::string_view bytes, std::int64_t now_ns) {
    constexpr std::string_view kData = "data: ";
    if (!listener.rest.empty()) {
        const std::size_t end = bytes.find('\n');
        listener.rest += bytes.substr(0, end);
        if (end == std::string_view::npos) {
            if (listener.rest.size() > kMessageBytesMax) {
                this->end(listener, "a message of over 1 MiB");
            }
            return;
        }
        bytes.remove_prefix(end + 1);
        if (listener.rest.starts_with(kData)) {
            take(listener, std::string_view(listener.rest).substr(kData.size()), now_ns);
        }
        listener.rest.clear();
    }
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
        const std::string_view line = bytes.substr(0, end);
        if (line.starts_with(kData)) {
            take(listener, line.substr(kData.size()), now_ns);
        }
        bytes.remove_prefix(end + 1);
    }
    listener.rest = bytes;
}

void Subscribers::take(Listener& listener, std::string_view data, std::int64_t now_ns) {
    if (!listener.greeted) {
        listener.greeted = true;
        ++greeted_;
    }
    const FeedMessage message = read_feed_message(data);
    const bool counted = now_ns >= tally_.window.from_ns;
    last_heard_ = message.kind == FeedMessage::Kind::Other ? last_heard_ : now_ns;
    if (message.kind == FeedMessage::Kind::Change && message.by_override &&
        message.customer < dues_.customers()) {
        const std::int64_t due = dues_.of(message.customer, message.pinned);
        if (due != INT64_MIN) {
            tally_.answered(due, now_ns, message.conflated);
        }
    }
    if (!counted) {
        return;
    }
    ++counts_.messages;
    counts_.gaps += message.kind == FeedMessage::Kind::Gap ? 1 : 0;
    counts_.others += message.kind == FeedMessage::Kind::Other ? 1 : 0;
    if (message.kind == FeedMessage::Kind::Change) {
        counts_.changes += message.conflated;
        counts_.conflated += message.conflated - 1;
    }
}

void Subscribers::end(Listener& listener, std::string_view why) {
    if (!listener.greeted) {
        fail(std::string(why));
    }
    close(listener.socket);
    listener.socket = -1;
    listener.state = State::Ended;
    ++counts_.ended;
    tally_.failed(clock_.now(), clock_.now(), Failure::Lost);
    tally_.remember(why);
}

}  // namespace patron::tools
