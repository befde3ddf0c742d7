#pragma once
// One HTTP/1.1 connection: reads, has every complete request of a read prepared, then all of them
// answered, and writes the answers at once.
//
// Order      answers leave in the order of their requests. While a request waits for an answer that
// comes
//            later, those behind it wait, and nothing more is read.
// Bounds     kBatchMax requests per read; kWriteHighWaterBytes plus one answer in the write buffer;
// the
//            read buffer as in read_buffer.h; every state but waiting for an endpoint has a
//            deadline.
// Errors     what is malformed or too slow gets a problem and the connection is closed.
// Threads    the I/O thread of its host.
// Owns       itself: operations under way and the host's `waiting` hold references. A request that becomes
//            a stream takes the socket along, and what came behind it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/asio_types.h"
#include "server/net/operation_memory.h"
#include "server/net/read_buffer.h"
#include "server/net/request_parser.h"
#include "server/net/session_host.h"
#include "server/wire/byte_writer.h"

namespace patron::net {

class HttpSession final : public DeadlineWheel::Entry, private endpoints::Deferral {
  public:
    static constexpr std::size_t kBatchMax = 64;
    static constexpr std::size_t kWriteHighWaterBytes = 256 * 1024;

    HttpSession(Socket&& socket, SessionHost& host);
    ~HttpSession() override;

    void start();
    // Answers a connection that is one too many.
    void start_refused();
    // The answer to the request that said Later.
    void deliver(std::string answer);
    // Its turns, see session_turns.h: what the answers are made of is fetched, the answers are written,
    // more is read.
    void approach_batch();
    void advance();
    void read_on();
    Executor executor() { return socket_.get_executor(); }
    // Closes it if no request is under way; otherwise it closes after its answers.
    void stop_when_idle() override;
    void close() override;

  private:
    // Not atomic: every reference lives on the I/O thread.
    friend void intrusive_ptr_add_ref(HttpSession* session) noexcept { ++session->references_; }
    friend void intrusive_ptr_release(HttpSession* session) noexcept {
        if (--session->references_ == 0) {
            delete session;
        }
    }

    enum class Phase : std::uint8_t { Idle, Head, Body, Answering, Writing, Draining, Closed };
    enum class Fill : std::uint8_t { Full, Waiting, Done, Stream };

    struct Item {
        ParsedRequest parsed;
        endpoints::Prepared prepared;
    };

    // Phase one: read and parse.
    void await_bytes();
    void do_read();
    bool make_room();
    void on_read(ErrorCode error, std::size_t n);
    void on_interrupted_read();
    void parse_batch();
    bool parse_one();
    void enter(Phase phase);

    // Phase two: answer and write.
    void await_turn();
    Fill fill();
    void answer(Item& item);
    void finish_answer(std::size_t at);
    void append_tail();
    bool write();
    void write_rest();
    void on_written(ErrorCode error, std::size_t n);
    void on_batch_finished();

    void refuse(store::FaultCode code, const char* detail);
    void begin_drain();
    void do_drain();
    void on_deadline() override;
    endpoints::Completion defer() override;
    void begin_stream(std::shared_ptr<const endpoints::Subscription> subscription) override;
    void admit_stream();
    void hand_over();

    Socket socket_;
    SessionHost& host_;
    OperationMemory read_memory_;
    ReadBuffer in_;
    RequestParser parser_;
    wire::ByteWriter out_;
    std::vector<Item> batch_;
    std::string late_answer_;
    std::optional<Refusal> refusal_;
    std::size_t parsed_ = 0;    // bytes of in_ that belong to batch_
    std::size_t next_ = 0;      // in batch_, the next to answer
    std::size_t written_ = 0;   // bytes of out_ under way to the peer
    std::uint64_t ticket_ = 0;  // of the request that answers later; 0: none
    unsigned references_ = 0;
    Phase phase_ = Phase::Idle;
    bool late_ready_ = false;
    bool writing_ = false;
    bool close_after_ = false;
    bool continue_due_ = false;
    bool upgrade_asked_ = false;  // what follows the batch may be no HTTP
    bool handed_over_ = false;
    bool batch_was_cut_ = false;
    std::shared_ptr<const endpoints::Subscription> subscription_;
    StreamPlace stream_place_;  // where the stream is admitted
};

}  // namespace patron::net
