#pragma once
// Events of which each one changes what an outsider sees of a customer: an expert's override is set for
// every customer, then lifted for every one, and so on; customers who follow each other are far apart.
//
// Shapes     POST /v1/events, NDJSON, one connection, bodies behind each other without waiting.
// Units      instants in nanoseconds of the steady clock.
// Errors     anything but 200 with every event accepted and none a duplicate ends the process.
// Threads    one owner.
// Blocking   `prepare`; the rest never.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "bench/e2e/fact_text.h"
#include "bench/e2e/http_answers.h"

namespace patron::bench {

std::int64_t steady_ns();

class ChangeLoad {
  public:
    ChangeLoad(std::uint16_t port, std::uint32_t customers);
    ~ChangeLoad();
    ChangeLoad(const ChangeLoad&) = delete;
    ChangeLoad& operator=(const ChangeLoad&) = delete;

    // Lifts whatever override there is: from here on every event is a change.
    void prepare();
    // Says `count` changes that were due at that instant.
    void post(std::uint32_t count, std::int64_t due_ns);
    // The socket is ready for something.
    void go_on();

    int socket() const { return socket_; }
    bool wants_room() const { return !out_.empty(); }
    std::uint64_t posted() const { return posted_; }
    // When the customer's newest change was due.
    std::int64_t due_ns(std::uint32_t customer) const { return due_ns_[customer]; }

  private:
    void send_rest();
    void take_answers();
    void check(const HttpAnswer& answer);
    void answer_awaited();

    const int socket_;
    const FactPiece set_;
    const FactPiece lift_;
    std::vector<std::int64_t> due_ns_;
    const std::uint64_t stride_;  // prime to the number of customers
    std::uint64_t place_ = 0;
    bool lifting_ = false;
    std::uint64_t serial_;
    std::uint64_t posted_ = 0;
    std::string out_;
    std::size_t out_done_ = 0;
    std::string in_;
    std::deque<std::uint32_t> unanswered_;
    HttpAnswers answers_;
};

}  // namespace patron::bench
