#pragma once
// One connection that has become a stream: writes what its course adds, answers WebSocket control frames,
// and finds out when the peer has gone.
//
// Order      whole blocks: a pong or a close frame stands between two messages, never inside one.
// Bounds     one write under way (kStreamBlockBytesMax and a block), one pong waiting (the newest), one
//            read buffer. A write without progress ends at the write deadline.
// Errors     a WebSocket is told why (1001, 1002, 1007, 1008, 1009, 1013) where it can still be told; SSE has
//            no words for it and is closed.
// Threads    the I/O thread of its host.
// Owns       itself: operations under way hold references.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "server/net/asio_types.h"
#include "server/net/session_host.h"
#include "server/net/stream_course.h"
#include "server/net/stream_limits.h"
#include "server/net/ws_frame_reader.h"

namespace patron::net {

class Broadcaster;

// A connection at the moment it stops being HTTP.
struct StreamStart {
    Socket socket;
    Door door = Door::Sse;
    std::shared_ptr<const endpoints::Subscription> subscription;
    std::string websocket_key;
    std::string read_ahead;  // what came behind the request
    StreamPlace place;
};

class StreamSession final : public DeadlineWheel::Entry, private CourseOwner {
  public:
    // Takes over the connection's place among the open ones.
    StreamSession(
        StreamStart start,
        SessionHost& host,
        Broadcaster& broadcaster,
        StreamGroup& group,
        std::uint64_t number
    );
    ~StreamSession() override;

    void start();
    StreamCourse& course() { return course_; }
    Door door() const { return door_; }
    // Sent if nothing else is: what is under way says as much.
    void heartbeat(const StreamBlockPtr& block);
    void wake() override;
    void stop_when_idle() override;
    void close() override;

  private:
    friend void intrusive_ptr_add_ref(StreamSession* session) noexcept { ++session->references_; }
    friend void intrusive_ptr_release(StreamSession* session) noexcept {
        if (--session->references_ == 0) {
            delete session;
        }
    }
    using Ptr = boost::intrusive_ptr<StreamSession>;

    enum class Phase : std::uint8_t { Open, Ending, Draining, Closed };

    void bound_the_kernel();
    void append_head(wire::ByteWriter& out);
    void pump();
    bool fill();
    bool write();
    void write_rest();
    void on_written(ErrorCode error, std::size_t n);
    void count_written(std::size_t n);
    auto rest_of_gather() const;
    void post_pump();

    void do_read();
    void on_read(ErrorCode error, std::size_t n);
    void take_frames(std::string_view bytes);
    void end(std::uint16_t code, std::string_view reason);
    void begin_drain();
    void on_deadline() override;

    static constexpr std::size_t kReadBytes = 1024;

    Socket socket_;
    SessionHost& host_;
    Broadcaster& broadcaster_;
    const Door door_;
    const std::string websocket_key_;
    std::string read_ahead_;
    StreamPlace place_;
    StreamCourse course_;
    WsFrameReader reader_;
    std::array<char, kReadBytes> in_;
    Gather gather_;
    std::size_t written_ = 0;  // bytes of gather_
    std::optional<std::string> pong_;
    std::uint16_t close_code_ = 0;
    std::string close_reason_;
    unsigned references_ = 0;
    Phase phase_ = Phase::Open;
    bool writing_ = false;
    bool pump_posted_ = false;
};

}  // namespace patron::net
