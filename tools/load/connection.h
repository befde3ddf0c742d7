#pragma once
// One keep-alive connection of a load: what is under way on it, and its buffers.
//
// Shapes     requests behind each other, at most `depth` unanswered; answers come in the same order.
// Bounds     16 KiB for answers not read yet; requests that the socket has not taken wait in `out`.
// Threads    one owner; no call blocks.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/load/answer_reader.h"

namespace patron::tools {

class Connection {
  public:
    enum class State : std::uint8_t { Down, Connecting, Open };
    // What a call came to: Blocked means later.
    enum class Flow : std::uint8_t { Done, Blocked, Ended };

    Connection(std::uint32_t place, std::size_t depth) : number(place), dues_(depth) {}
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void begin(int new_socket);
    void opened(std::int64_t now_ns);
    // Forgets everything under way but the dues.
    void close();

    bool full() const { return under_way_ == dues_.size(); }
    bool quiet() const { return under_way_ == 0; }
    std::size_t under_way() const { return under_way_; }
    void push(std::int64_t due_ns) {
        dues_[(first_ + under_way_++) % dues_.size()] = due_ns;
        ++unsent_;
    }
    std::int64_t pop() {
        const std::int64_t due = dues_[first_];
        first_ = (first_ + 1) % dues_.size();
        --under_way_;
        return due;
    }
    // The requests pushed since the last call, the youngest last.
    template <class Each>
    void mark_sent(Each each) {
        for (; unsent_ > 0; --unsent_) {
            each(dues_[(first_ + under_way_ - unsent_) % dues_.size()]);
        }
    }

    Flow send_rest();
    // Reads once; then `next` gives answers until one is incomplete.
    Flow receive();
    Answer next();
    void compact();

    // Unless the socket said something else, 0.
    int error() const { return error_; }

    const std::uint32_t number;  // among its like
    State state = State::Down;
    int socket = -1;
    std::string out;
    bool served = false;        // has answered since it was opened
    bool listed = false;        // among those that can take a request
    bool watches_room = false;  // with the poller
    std::int64_t free_since_ns = 0;
    std::int64_t retry_at_ns = 0;
    std::int64_t pause_ns = 0;  // before the next try

  private:
    static constexpr std::size_t kInBytes = 16 * 1024;

    AnswerReader reader_;
    std::vector<char> in_;
    std::size_t in_used_ = 0;
    std::size_t in_size_ = 0;
    std::size_t out_done_ = 0;
    std::vector<std::int64_t> dues_;
    std::size_t first_ = 0;
    std::size_t under_way_ = 0;
    std::size_t unsent_ = 0;
    int error_ = 0;
};

}  // namespace patron::tools
