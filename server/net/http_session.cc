#include "server/net/http_session.h"

#include <algorithm>
#include <utility>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/write.hpp>

#include "server/net/broadcaster.h"
#include "server/net/later_answer.h"
#include "server/wire/problem.h"
#include "store/check.h"

namespace patron::net {

namespace {

// A body's buffer grows in these steps: memory follows what was sent, not what was declared.
constexpr std::size_t kGrowthFactor = 4;
constexpr std::size_t kReadBytesMin = 4096;
constexpr std::size_t kWriteBufferBytes = 1024;
constexpr std::size_t kWriteBufferKeptBytes = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kStatusAt = 9;  // of the first digit in "HTTP/1.1 200"

}  // namespace

HttpSession::HttpSession(Socket&& socket, SessionHost& host)
    : socket_(std::move(socket))
    , host_(host)
    , in_(host.body_memory)
    , parser_(host.options.body_bytes_max)
    , out_(kWriteBufferBytes) {
    host_.wheel.add(*this);
    host_.counters.connections_open.add(1);
}

HttpSession::~HttpSession() {
    host_.wheel.remove(*this);
    if (!handed_over_) {
        host_.counters.connections_open.subtract(1);
        host_.open_connections.fetch_sub(1, std::memory_order_relaxed);
    }
    host_.on_session_gone();
}

void HttpSession::start() {
    await_bytes();
}

void HttpSession::start_refused() {
    host_.counters.connections_refused.add(1);
    refuse(store::FaultCode::TooManyConnections, "this server has as many connections as it takes");
    await_turn();
}

void HttpSession::await_bytes() {
    const bool message_begun = in_.size() != 0;
    enter(!message_begun ? Phase::Idle : parser_.in_body() ? Phase::Body : Phase::Head);
    if (!make_room()) {
        refuse(store::FaultCode::QueueFull, "too many request bodies are in memory");
        return await_turn();
    }
    do_read();
}

// A deadline belongs to a phase of one message: more bytes in the same phase do not renew it.
void HttpSession::enter(Phase phase) {
    if (phase == phase_ && phase != Phase::Idle) {
        return;
    }
    phase_ = phase;
    const DeadlineTicks& ticks = host_.deadlines;
    switch (phase) {
        case Phase::Idle:
            return host_.wheel.arm(*this, in_.is_grown() ? ticks.idle_grown : ticks.idle);
        case Phase::Head:
            return host_.wheel.arm(*this, ticks.header);
        case Phase::Body:
            return host_.wheel.arm(*this, ticks.body);
        case Phase::Writing:
            return host_.wheel.arm(*this, ticks.write);
        case Phase::Draining:
            return host_.wheel.arm(*this, ticks.drain);
        case Phase::Answering:
        case Phase::Closed:
            return DeadlineWheel::disarm(*this);
    }
}

bool HttpSession::make_room() {
    const std::size_t wanted = parser_.message_bytes_max();
    if (in_.free_bytes() >= kReadBytesMin || wanted <= in_.capacity()) {
        return true;
    }
    return in_.grow(std::min(wanted, in_.capacity() * kGrowthFactor));
}

void HttpSession::do_read() {
    socket_.async_read_some(
        asio::buffer(in_.free(), in_.free_bytes()),
        asio::bind_allocator(
            OperationAllocator<void>(read_memory_),
            [self = SessionPtr(this)](ErrorCode error, std::size_t n) { self->on_read(error, n); }
        )
    );
}

void HttpSession::on_read(ErrorCode error, std::size_t n) {
    if (phase_ == Phase::Closed) {
        return;
    }
    host_.counters.bytes_in.add(n);
    if (refusal_ || error == asio::error::operation_aborted) {
        return on_interrupted_read();
    }
    if (error) {
        return close();
    }
    in_.commit(n);
    parse_batch();
}

// The deadline passed: it has set a refusal, or an idle connection is to give its buffer back.
void HttpSession::on_interrupted_read() {
    if (refusal_) {
        return await_turn();
    }
    in_.shrink();
    await_bytes();
}

void HttpSession::parse_batch() {
    while (batch_.size() < kBatchMax && !close_after_ && !upgrade_asked_ && parsed_ != in_.size() &&
           parse_one()) {
    }
    if (batch_.empty() && !refusal_ && !continue_due_) {
        return await_bytes();
    }
    await_turn();
}

bool HttpSession::parse_one() {
    Item& item = batch_.emplace_back();
    std::size_t size = in_.size() - parsed_;
    const ParseState state = parser_.parse(in_.data() + parsed_, size, item.parsed);
    if (state == ParseState::Complete) {
        parsed_ += item.parsed.used;
        close_after_ = !item.parsed.request.reply.keep_alive;
        upgrade_asked_ = item.parsed.request.wants_websocket;
        item.prepared = host_.handler.prepare(item.parsed.request);
        parser_.reset();
        return true;
    }
    batch_.pop_back();
    if (state == ParseState::Refused) {
        refuse(parser_.refusal().code, parser_.refusal().detail);
        return false;
    }
    in_.truncate(parsed_ + size);
    continue_due_ = parser_.take_continue();
    return false;
}

// Not at once: every connection that has become readable is parsed before the first one is answered.
void HttpSession::await_turn() {
    enter(Phase::Answering);
    host_.turns.answer(SessionPtr(this));
}

void HttpSession::approach_batch() {
    for (const Item& item : batch_) {
        host_.handler.approach(item.prepared);
    }
}

void HttpSession::advance() {
    for (;;) {
        if (writing_ || phase_ == Phase::Closed) {
            return;
        }
        const Fill filled = fill();
        if (out_.size() != 0 && !write()) {
            return;
        }
        if (filled == Fill::Waiting) {
            return;
        }
        if (filled == Fill::Stream) {
            return hand_over();
        }
        if (filled == Fill::Done) {
            return on_batch_finished();
        }
    }
}

// Appends answers until there is enough to write, one is not there yet, or there are no more.
HttpSession::Fill HttpSession::fill() {
    while (next_ < batch_.size()) {
        if (out_.size() >= kWriteHighWaterBytes) {
            return Fill::Full;
        }
        if (ticket_ == 0 && !subscription_) {
            answer(batch_[next_]);
        }
        if (subscription_) {
            return Fill::Stream;
        }
        if (ticket_ != 0) {
            if (!late_ready_) {
                return Fill::Waiting;
            }
            const std::size_t at = out_.size();
            out_.append(late_answer_);
            late_answer_ = {};
            late_ready_ = false;
            ticket_ = 0;
            finish_answer(at);
        }
        ++next_;
    }
    append_tail();
    return Fill::Done;
}

void HttpSession::answer(Item& item) {
    endpoints::Request& request = item.parsed.request;
    if (host_.stopping && next_ + 1 == batch_.size()) {
        request.reply.keep_alive = false;
    }
    const std::size_t at = out_.size();
    const endpoints::Handled handled = host_.handler.handle(request, item.prepared, out_, *this);
    // Later exactly if `defer` was called, Stream if `begin_stream` was, and then nothing was written.
    PATRON_CHECK((handled == endpoints::Handled::Later) == (ticket_ != 0));
    PATRON_CHECK((handled == endpoints::Handled::Stream) == (subscription_ != nullptr));
    PATRON_CHECK(handled == endpoints::Handled::Now || out_.size() == at);
    if (handled == endpoints::Handled::Stream) {
        admit_stream();
    }
    if (out_.size() != at) {
        finish_answer(at);
    }
}

// One too many is refused like any request.
void HttpSession::admit_stream() {
    PATRON_CHECK(host_.broadcaster != nullptr);
    const auto refuse_stream = [this](const store::Fault& fault) {
        subscription_ = nullptr;
        wire::write_problem(out_, batch_[next_].parsed.request.reply, fault);
    };
    if (host_.stopping) {
        return refuse_stream(
            {store::FaultCode::Stopping, "the server is stopping", {}, store::kNoIndex}
        );
    }
    ErrorCode gone;  // noticed by the first write
    const Tcp::endpoint peer = socket_.remote_endpoint(gone);
    auto place = host_.stream_limits.admit(peer.address());
    if (!place) {
        host_.counters.streams_refused.add(1);
        return refuse_stream(place.error());
    }
    stream_place_ = std::move(*place);
}

// Everything answered before is written. Requests pipelined behind one for events are a mistake of the
// client's; what follows one for a WebSocket is not HTTP.
void HttpSession::hand_over() {
    const endpoints::Request& request = batch_[next_].parsed.request;
    StreamStart start{std::move(socket_), Door::Sse, std::move(subscription_), {}, {}, {}};
    start.place = std::move(stream_place_);
    if (request.wants_websocket) {
        start.door = Door::WebSocket;
        start.websocket_key = request.websocket_key;
        start.read_ahead.assign(in_.data() + parsed_, in_.size() - parsed_);
    }
    enter(Phase::Closed);
    handed_over_ = true;
    host_.broadcaster->begin(std::move(start));
}

void HttpSession::finish_answer(std::size_t at) {
    PATRON_CHECK(out_.size() > at + kStatusAt);
    const auto status_class = static_cast<std::size_t>(out_.data()[at + kStatusAt] - '0');
    PATRON_CHECK(status_class < kStatusClasses);
    host_.counters.answers[status_class].add(1);
    if (next_ < batch_.size() && batch_[next_].parsed.announce_keep_alive) [[unlikely]] {
        const std::string_view answer = out_.view().substr(at);
        const std::size_t line_end = answer.find("\r\n") + 2;
        const std::string rest(answer.substr(line_end));
        out_.truncate(at + line_end);
        out_.append("Connection: keep-alive\r\n");
        out_.append(rest);
    }
}

// What follows the answers of the batch: an interim answer, or the refusal of what came after them.
void HttpSession::append_tail() {
    if (std::exchange(continue_due_, false)) {
        out_.append(kContinue);
    }
    if (!refusal_) {
        return;
    }
    const wire::ReplyOptions options{.keep_alive = false};
    const store::Fault fault{refusal_->code, refusal_->detail, {}, store::kNoIndex};
    const std::size_t at = out_.size();
    if (fault.code == store::FaultCode::MethodNotAllowed) {
        wire::write_problem(out_, options, fault, {"Allow", kAllowedMethods});
    } else {
        wire::write_problem(out_, options, fault);
    }
    refusal_.reset();
    finish_answer(at);
}

// True if everything is written; otherwise the rest is under way, or the connection is closed.
bool HttpSession::write() {
    ErrorCode error;
    written_ = socket_.write_some(asio::buffer(out_.data(), out_.size()), error);
    if (error && error != asio::error::would_block) {
        close();
        return false;
    }
    host_.counters.bytes_out.add(written_);
    if (written_ == out_.size()) {
        out_.clear();
        return true;
    }
    writing_ = true;
    enter(Phase::Writing);
    write_rest();
    return false;
}

void HttpSession::write_rest() {
    socket_.async_write_some(
        asio::buffer(out_.data() + written_, out_.size() - written_),
        [self = SessionPtr(this)](ErrorCode error, std::size_t n) { self->on_written(error, n); }
    );
}

void HttpSession::on_written(ErrorCode error, std::size_t n) {
    if (phase_ == Phase::Closed) {
        return;
    }
    if (error) {
        return close();
    }
    host_.counters.bytes_out.add(n);
    written_ += n;
    if (written_ < out_.size()) {
        host_.wheel.arm(*this, host_.deadlines.write);
        return write_rest();
    }
    out_.clear();
    writing_ = false;
    enter(Phase::Answering);
    // The loop goes on where it stood: the rest of the batch, or its end.
    advance();
}

void HttpSession::on_batch_finished() {
    if (out_.capacity() > kWriteBufferKeptBytes) {
        out_ = wire::ByteWriter(kWriteBufferBytes);
    }
    batch_was_cut_ = batch_.size() == kBatchMax || std::exchange(upgrade_asked_, false);
    // A stop lets a message that has begun arrive, but none begin behind an answered one.
    const bool may_stop = !batch_.empty() || parsed_ == in_.size();
    batch_.clear();
    next_ = 0;
    in_.consume(std::exchange(parsed_, 0));
    if (close_after_ || (host_.stopping && may_stop)) {
        return begin_drain();
    }
    host_.turns.read_on(SessionPtr(this));
}

void HttpSession::read_on() {
    if (phase_ == Phase::Closed) {
        return;
    }
    // A batch that was cut has left whole requests behind.
    return std::exchange(batch_was_cut_, false) && in_.size() != 0 ? parse_batch() : await_bytes();
}

void HttpSession::refuse(store::FaultCode code, const char* detail) {
    refusal_ = Refusal{code, detail};
    close_after_ = true;
}

// Says that no more comes and waits for the peer to close: a close with unread bytes would be a
// reset, and a reset can destroy the answer on its way.
void HttpSession::begin_drain() {
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    enter(Phase::Draining);
    do_drain();
}

void HttpSession::do_drain() {
    in_.truncate(0);
    socket_.async_read_some(
        asio::buffer(in_.free(), in_.free_bytes()),
        [self = SessionPtr(this)](ErrorCode error, std::size_t) {
            if (self->phase_ == Phase::Closed) {
                return;
            }
            return error ? self->close() : self->do_drain();
        }
    );
}

void HttpSession::on_deadline() {
    switch (phase_) {
        case Phase::Idle:
            if (!in_.is_grown()) {
                return close();
            }
            break;  // the read is interrupted to give the buffer back
        case Phase::Head:
        case Phase::Body:
            host_.counters.deadlines_passed.add(1);
            refuse(store::FaultCode::RequestTimeout, "the request did not arrive in time");
            break;
        case Phase::Writing:
            host_.counters.deadlines_passed.add(1);
            return close();
        case Phase::Draining:
            return close();
        case Phase::Answering:
        case Phase::Closed:
            return;
    }
    ErrorCode ignored;
    socket_.cancel(ignored);
}

void HttpSession::begin_stream(std::shared_ptr<const endpoints::Subscription> subscription) {
    PATRON_CHECK(!subscription_);
    subscription_ = std::move(subscription);
}

endpoints::Completion HttpSession::defer() {
    PATRON_CHECK(ticket_ == 0);
    ticket_ = ++host_.last_ticket;
    host_.waiting.emplace(ticket_, SessionPtr(this));
    return LaterAnswer(host_.mailbox, ticket_, batch_[next_].parsed.request.reply);
}

void HttpSession::deliver(std::string answer) {
    late_answer_ = std::move(answer);
    late_ready_ = true;
    advance();
}

void HttpSession::stop_when_idle() {
    if (phase_ == Phase::Idle) {
        close();
    }
}

void HttpSession::close() {
    if (phase_ == Phase::Closed) {
        return;
    }
    enter(Phase::Closed);
    ErrorCode ignored;
    socket_.close(ignored);
    if (ticket_ != 0) {
        const SessionPtr self(this);  // the entry may hold the last reference
        host_.waiting.erase(std::exchange(ticket_, 0));
    }
}

}  // namespace patron::net
