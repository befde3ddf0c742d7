#pragma once
// Answers that come from other threads, on their way back to an I/O thread.
//
// Shapes     a Letter is a whole HTTP answer and the ticket of the request it belongs to.
// Bounds     one letter per connection at most, so at most as many as there are connections; more
//            would be a mistake of ours.
// Threads    `post`, `ask_to_stop` from any thread; `take` and `close` from the I/O thread.
// Blocking   a mutex held for one push or one swap. The event descriptor is written once per batch:
//            when the first letter falls into an empty box.
// Errors     after `close` letters are dropped: their connections are gone.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace patron::net {

struct Letter {
    std::uint64_t ticket = 0;
    std::string answer;
};

class Mailbox {
  public:
    explicit Mailbox(std::size_t letters_max);
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // Readable when something waits; owned by the mailbox.
    int event_fd() const { return event_fd_; }

    void post(Letter letter);
    void ask_to_stop();

    // Swaps the waiting letters into `letters`, which must be empty; true if a stop was asked for.
    bool take(std::vector<Letter>& letters);
    void close();

  private:
    void wake() const;

    const std::size_t letters_max_;
    int event_fd_;
    std::mutex mutex_;
    std::vector<Letter> letters_;
    bool stop_asked_ = false;
    bool closed_ = false;
};

}  // namespace patron::net
