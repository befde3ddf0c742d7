#include "server/net/io_thread.h"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include <boost/asio/steady_timer.hpp>

#include "server/net/http_session.h"

namespace patron::net {

namespace {

constexpr std::chrono::milliseconds kTickMax{250};
// Connections over the limit that are told so properly, beside those within it.
constexpr std::size_t kRefusedSessionsMax = 64;

std::chrono::milliseconds tick_of(const ServerOptions& options) {
    const auto shortest = std::min(
        {options.header_deadline,
         options.body_deadline,
         options.idle_deadline,
         options.write_deadline,
         options.drain_deadline}
    );
    return std::clamp(shortest / 4, std::chrono::milliseconds(1), kTickMax);
}

}  // namespace

IoThread::IoThread(
    const ServerOptions& server_options,
    endpoints::Handler& api,
    SharedCounts& shared,
    StreamSource* stream_source,
    std::uint16_t port
)
    : SessionHost(
          server_options,
          api,
          shared,
          tick_of(server_options),
          server_options.connections_max + kRefusedSessionsMax
      )
    , io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE)
    , listener_(
          open_acceptor(io_, server_options.address, port, server_options.io_threads > 1),
          counters,
          [this](Socket socket) { on_accept(std::move(socket)); }
      )
    , mail_(io_.get_executor(), mailbox->event_fd())
    , tick_(io_.get_executor())
    , port_(listener_.port()) {
    body_memory.bytes_left = server_options.body_memory_bytes_max / server_options.io_threads;
    if (stream_source != nullptr) {
        SessionHost& host = *this;
        broadcaster_.emplace(io_.get_executor(), host, *stream_source);
        broadcaster = &*broadcaster_;
    }
    listener_.start();
    await_mail();
}

IoThread::~IoThread() {
    join();
    mail_.release();  // the mailbox owns it
}

void IoThread::start() {
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "patron-io");
        io_.run();
    });
}

void IoThread::ask_to_stop(std::chrono::milliseconds grace) {
    grace_ms_.store(grace.count(), std::memory_order_relaxed);
    mailbox->ask_to_stop();
}

void IoThread::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void IoThread::on_accept(Socket socket) {
    const std::size_t before = open_connections.fetch_add(1, std::memory_order_relaxed);
    if (before >= options.connections_max + kRefusedSessionsMax) {
        open_connections.fetch_sub(1, std::memory_order_relaxed);
        counters.connections_refused.add(1);
        return;
    }
    counters.connections_accepted.add(1);
    ErrorCode error;
    socket.non_blocking(true, error);
    // Answers are written whole; waiting for the peer's acknowledgement would only delay them.
    socket.set_option(Tcp::no_delay(true), error);
    const SessionPtr session(new HttpSession(std::move(socket), *this));
    if (before >= options.connections_max) {
        session->start_refused();
    } else {
        session->start();
    }
    await_tick();
}

void IoThread::await_mail() {
    mail_.async_wait(Descriptor::wait_read, [this](ErrorCode error) {
        if (!error) {
            on_mail();
        }
    });
}

void IoThread::on_mail() {
    mailbox->take(mailed_);
    for (Letter& letter : mailed_.letters) {
        const auto found = waiting.find(letter.ticket);
        if (found == waiting.end()) {
            continue;  // its connection is gone
        }
        const SessionPtr session = std::move(found->second);
        waiting.erase(found);
        session->deliver(std::move(letter.answer));
    }
    mailed_.letters.clear();
    for (Errand& errand : mailed_.errands) {
        errand();
    }
    mailed_.errands.clear();
    if (mailed_.changes && broadcaster_) {
        broadcaster_->on_changes();
    }
    await_mail();
    if (mailed_.stop_asked && !stopping) {
        begin_stop();
    }
}

void IoThread::begin_stop() {
    stopping = true;
    stop_at_ = std::chrono::steady_clock::now() +
               std::chrono::milliseconds(grace_ms_.load(std::memory_order_relaxed));
    listener_.close();
    wheel.for_each([](DeadlineWheel::Entry& entry) { entry.stop_when_idle(); });
    if (wheel.empty()) {
        finish();
    }
}

void IoThread::close_all() {
    wheel.for_each([](DeadlineWheel::Entry& entry) { entry.close(); });
}

// Ticks only while there are connections: an idle server sleeps.
void IoThread::await_tick() {
    if (std::exchange(tick_pending_, true)) {
        return;
    }
    tick_.expires_after(wheel.tick_length());
    tick_.async_wait([this](ErrorCode error) {
        tick_pending_ = false;
        if (!error) {
            on_tick();
        }
    });
}

void IoThread::on_tick() {
    wheel.tick();
    if (broadcaster_) {
        broadcaster_->on_tick();
    }
    if (stopping && std::chrono::steady_clock::now() >= stop_at_) {
        close_all();
    }
    if (!wheel.empty()) {
        await_tick();
    }
}

void IoThread::on_session_gone() {
    if (stopping && wheel.empty()) {
        finish();
    }
}

// Nothing is left that could wait: the io_context runs out of work and `run` returns.
void IoThread::finish() {
    mailbox->close();
    ErrorCode ignored;
    mail_.cancel(ignored);
    tick_.cancel();
    if (broadcaster_) {
        broadcaster_->finish();
    }
}

}  // namespace patron::net
