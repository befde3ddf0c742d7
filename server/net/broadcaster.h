#pragma once
// The live stream of one I/O thread: brings what is new in the feed to all of the thread's streams.
//
// Shapes     subscribers with the same subscription and door form a group. Once per wake-up, not once per
//            change, what is new is read, filtered and framed for each group it concerns, and written.
//            Groups that name customers are found by them.
// Bounds     kTurnChanges changes per turn, fewer with many groups.
// Threads    one I/O thread; it listens to the feed and is woken through its mailbox.
// Owns       the groups; streams own themselves and say when they are gone.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/net/asio_types.h"
#include "server/net/session_host.h"
#include "server/net/stream_desk.h"
#include "server/net/stream_group.h"
#include "server/net/stream_session.h"

namespace patron::net {

class Broadcaster final : public StreamDesk {
  public:
    Broadcaster(const Executor& executor, SessionHost& host, StreamSource& source);
    ~Broadcaster();

    void begin(StreamStart start);
    // It listens no more.
    void forget(StreamSession& session);

    // From the thread's mailbox and ticks.
    void on_changes();
    void on_tick();
    // No stream is left, and none will begin.
    void finish();

  private:
    using Time = std::chrono::steady_clock::time_point;
    struct Hall {
        std::unique_ptr<StreamGroup> group;
        Time counts_due;
    };

    StreamGroup& group_for(Door door, const StreamCourse::SubscriptionPtr& subscription);
    void register_group(StreamGroup& group);
    void sweep_groups();
    void listen();
    void stop_listening();

    void turn();
    Walk tell_changes(std::uint64_t behind);
    void distribute(std::size_t index, const store::Change& change, std::uint64_t offset);
    void take(
        StreamGroup& group, std::size_t index, const store::Change& change, std::uint64_t offset
    );
    void close_rounds(std::uint64_t behind);
    void break_rounds();
    void wake(std::vector<std::uint64_t>& numbers);
    std::size_t turn_changes() const;

    void ask_page(std::uint64_t number, store::PictureQuestion question) override;
    void await_cursor(std::uint64_t number) override { cursor_awaited_.push_back(number); }
    void await_tick(std::uint64_t number) override { tick_awaited_.push_back(number); }
    void on_page(std::uint64_t number, std::optional<store::PicturePage> page);

    void send_heartbeats(Time now);
    void await_counts();
    void ask_counts();
    void on_counts(std::optional<store::LiveCounts> counts);

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class Value>
    using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

    SessionHost& host_;
    Executor executor_;
    struct Listening {
        StreamSession* session;
        Time heartbeat_due;
    };
    std::unordered_map<std::uint64_t, Listening> sessions_;  // by number
    std::uint64_t last_number_ = 0;
    std::optional<std::uint64_t> listener_;

    KeptRounds kept_;
    std::unordered_map<std::string, Hall> groups_;  // by door and subscription
    std::vector<StreamGroup*> general_;             // every change is looked at
    ByText<std::vector<StreamGroup*>> by_customer_;
    std::vector<StreamGroup*> touched_;  // in this turn
    bool groups_emptied_ = false;
    bool turn_posted_ = false;

    std::vector<std::uint64_t> cursor_awaited_;
    std::vector<std::uint64_t> tick_awaited_;

    Timer counts_timer_;
    bool counts_timer_on_ = false;
    bool counts_asked_ = false;
};

}  // namespace patron::net
