#include "server/net/stream_session.h"

#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/container/static_vector.hpp>

#include "server/net/broadcaster.h"
#include "server/net/ws_handshake.h"
#include "store/limits.h"

namespace patron::net {

namespace {

// What the kernel takes before it says that the peer is slow: less is stale when the peer reads on.
constexpr int kNotSentBytesMax = 128 * 1024;

constexpr std::string_view kSseHead =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\n"
    "Connection: close\r\n"
    "\r\n"
    "retry: 1000\n\n";

}  // namespace

StreamSession::StreamSession(
    StreamStart start,
    SessionHost& host,
    Broadcaster& broadcaster,
    StreamGroup& group,
    std::uint64_t number
)
    : socket_(std::move(start.socket))
    , host_(host)
    , broadcaster_(broadcaster)
    , door_(start.door)
    , websocket_key_(std::move(start.websocket_key))
    , read_ahead_(std::move(start.read_ahead))
    , place_(std::move(start.place))
    , course_(broadcaster, *this, group, std::move(start.subscription), number) {
    host_.wheel.add(*this);
    host_.counters.streams_open.add(1);
    host_.counters.streams_begun.add(1);
    bound_the_kernel();
}

StreamSession::~StreamSession() {
    host_.wheel.remove(*this);
    host_.counters.streams_open.subtract(1);
    host_.counters.connections_open.subtract(1);
    host_.open_connections.fetch_sub(1, std::memory_order_relaxed);
    host_.on_session_gone();
}

// A peer that vanished without a word is found out by what he does not acknowledge: heartbeats at least.
void StreamSession::bound_the_kernel() {
    const int bytes = kNotSentBytesMax;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
    const auto ms = static_cast<unsigned>(2 * host_.options.write_deadline.count());
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

// The head and the first message leave in one write.
void StreamSession::start() {
    const Ptr self(this);
    const auto block = std::make_shared<StreamBlock>();
    append_head(block->bytes);
    course_.begin(*block);
    gather_.add(block);
    host_.counters.stream_messages.add(block->messages);
    if (write()) {
        post_pump();
    }
    if (phase_ != Phase::Open) {
        return;
    }
    const std::string ahead = std::exchange(read_ahead_, {});
    if (door_ == Door::WebSocket && !ahead.empty()) {
        take_frames(ahead);
    }
    do_read();
}

void StreamSession::append_head(wire::ByteWriter& out) {
    if (door_ == Door::WebSocket) {
        append_switching_protocols(out, websocket_key_);
        host_.counters.answers[1].add(1);
    } else {
        out.append(kSseHead);
        host_.counters.answers[2].add(1);
    }
}

void StreamSession::wake() {
    pump();
}

void StreamSession::heartbeat(const StreamBlockPtr& block) {
    if (phase_ != Phase::Open || writing_ || pump_posted_ || !course_.is_up_to_date()) {
        return;
    }
    gather_.add(block);
    host_.counters.stream_messages.add(block->messages);
    if (write()) {
        pump();
    }
}

// Goes on until nothing is left to write or a write is under way. Whoever has more than one write's worth
// lets others have their turn in between.
void StreamSession::pump() {
    if (writing_ || pump_posted_ || phase_ == Phase::Draining || phase_ == Phase::Closed) {
        return;
    }
    const Ptr self(this);
    const bool more = fill();
    const bool last = phase_ == Phase::Ending;
    if (!gather_.empty() && !write()) {
        return;
    }
    if (last) {
        return begin_drain();
    }
    if (more) {
        post_pump();
    }
}

// What leaves next; true if there is more to come.
bool StreamSession::fill() {
    if (pong_) {
        const auto block = std::make_shared<StreamBlock>(2 * kControlBytesMax);
        append_pong_frame(block->bytes, *std::exchange(pong_, std::nullopt));
        gather_.add(block);
    }
    Step step = Step::Idle;
    if (phase_ == Phase::Open) {
        step = course_.next(gather_);
        host_.counters.stream_messages.add(gather_.messages());
    }
    if (step == Step::TooSlow) {
        host_.counters.stream_closed_slow.add(1);
        phase_ = Phase::Ending;
        close_code_ = ws_close::kTryAgainLater;
        close_reason_ = "too slow";
    }
    if (phase_ == Phase::Ending && door_ == Door::WebSocket) {
        const auto block = std::make_shared<StreamBlock>(2 * kControlBytesMax);
        append_close_frame(block->bytes, close_code_, close_reason_);
        gather_.add(block);
    }
    return step == Step::More;
}

void StreamSession::post_pump() {
    pump_posted_ = true;
    asio::post(socket_.get_executor(), [self = Ptr(this)] {
        self->pump_posted_ = false;
        self->pump();
    });
}

auto StreamSession::rest_of_gather() const {
    boost::container::static_vector<asio::const_buffer, Gather::kBlocksMax> buffers;
    std::size_t skip = written_;
    for (const StreamBlockPtr& block : gather_.blocks()) {
        const std::size_t size = block->bytes.size();
        if (skip >= size) {
            skip -= size;
            continue;
        }
        buffers.emplace_back(block->bytes.data() + skip, size - skip);
        skip = 0;
    }
    return buffers;
}

void StreamSession::count_written(std::size_t n) {
    written_ += n;
    host_.counters.bytes_out.add(n);
    host_.counters.stream_bytes.add(n);
}

// True if everything is written; otherwise the rest is under way, or the connection is closed.
bool StreamSession::write() {
    ErrorCode error;
    written_ = 0;
    const std::size_t n = socket_.write_some(rest_of_gather(), error);
    if (error && error != asio::error::would_block) {
        close();
        return false;
    }
    count_written(n);
    if (written_ == gather_.bytes()) {
        gather_.clear();
        return true;
    }
    writing_ = true;
    host_.wheel.arm(*this, host_.deadlines.write);
    write_rest();
    return false;
}

void StreamSession::write_rest() {
    socket_.async_write_some(rest_of_gather(), [self = Ptr(this)](ErrorCode error, std::size_t n) {
        self->on_written(error, n);
    });
}

void StreamSession::on_written(ErrorCode error, std::size_t n) {
    if (phase_ == Phase::Closed) {
        return;
    }
    if (error) {
        return close();
    }
    count_written(n);
    if (written_ < gather_.bytes()) {
        host_.wheel.arm(*this, host_.deadlines.write);
        return write_rest();
    }
    DeadlineWheel::disarm(*this);
    writing_ = false;
    gather_.clear();
    pump();
}

void StreamSession::do_read() {
    socket_.async_read_some(asio::buffer(in_), [self = Ptr(this)](ErrorCode error, std::size_t n) {
        self->on_read(error, n);
    });
}

// A peer that sends no more has gone, even if it could still hear.
void StreamSession::on_read(ErrorCode error, std::size_t n) {
    if (phase_ == Phase::Closed) {
        return;
    }
    if (error) {
        return close();
    }
    host_.counters.bytes_in.add(n);
    if (door_ == Door::WebSocket && phase_ == Phase::Open) {
        take_frames({in_.data(), n});
    }
    if (phase_ != Phase::Closed) {
        do_read();
    }
}

void StreamSession::take_frames(std::string_view bytes) {
    while (phase_ == Phase::Open) {
        switch (reader_.next(bytes)) {
            case WsEvent::NeedMore:
                return pong_ ? pump() : void();
            case WsEvent::Pong:
                break;
            case WsEvent::Ping:
                pong_ = reader_.payload();
                break;
            case WsEvent::Message:
                return end(ws_close::kPolicy, "nothing is to be sent here");
            case WsEvent::Close:
                return end(reader_.code(), {});
            case WsEvent::Broken:
                return end(reader_.code(), reader_.payload());
        }
    }
}

void StreamSession::end(std::uint16_t code, std::string_view reason) {
    if (phase_ != Phase::Open) {
        return;
    }
    phase_ = Phase::Ending;
    close_code_ = code;
    close_reason_ = reason;
    pump();
}

// Closed at once, with bytes of the peer's unread, the connection would be reset and our last words lost.
void StreamSession::begin_drain() {
    if (phase_ == Phase::Closed) {
        return;
    }
    phase_ = Phase::Draining;
    broadcaster_.forget(*this);
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    host_.wheel.arm(*this, host_.deadlines.drain);
}

void StreamSession::on_deadline() {
    if (writing_) {
        host_.counters.deadlines_passed.add(1);
        host_.counters.stream_closed_slow.add(1);
    }
    close();
}

void StreamSession::stop_when_idle() {
    end(ws_close::kGoingAway, "the server is stopping");
}

void StreamSession::close() {
    if (phase_ == Phase::Closed) {
        return;
    }
    if (phase_ != Phase::Draining) {
        broadcaster_.forget(*this);
    }
    phase_ = Phase::Closed;
    DeadlineWheel::disarm(*this);
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace patron::net
