#pragma once
// What comes from other threads for an I/O thread: answers, errands, and word that the feed has moved.
//
// Shapes     a Letter is a whole HTTP answer and the ticket of the request it belongs to; an Errand is to be
//            done on the I/O thread. Changes are one flag, however many there are.
// Bounds     one letter per connection at most, so at most as many as there are connections; more
//            would be a mistake of ours. Errands are answers to questions, one per stream.
// Threads    `post`, `post_errand`, `tell_of_changes`, `ask_to_stop` from any thread; `take` and `close`
//            from the I/O thread.
// Blocking   a mutex held for one push or one swap, none for the flag. The event descriptor is written once
//            per batch: when the first thing falls into an empty box.
// Errors     after `close` all is dropped: the connections are gone.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace patron::net {

struct Letter {
    std::uint64_t ticket = 0;
    std::string answer;
};

using Errand = std::move_only_function<void()>;

struct Mail {
    std::vector<Letter> letters;
    std::vector<Errand> errands;
    bool changes = false;
    bool stop_asked = false;
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
    void post_errand(Errand errand);
    void tell_of_changes();
    void ask_to_stop();

    // Swaps what waits into `mail`, whose lists must be empty.
    void take(Mail& mail);
    void close();

  private:
    void wake() const;

    const std::size_t letters_max_;
    int event_fd_;
    std::mutex mutex_;
    std::vector<Letter> letters_;
    std::vector<Errand> errands_;
    std::atomic<bool> changes_{false};
    bool stop_asked_ = false;
    bool closed_ = false;
};

}  // namespace patron::net
