#pragma once
// The Completion of a request that answers later: carries one answer into a mailbox.
//
// Errors     dropped without being called, it answers 503 itself, so that no connection waits for
// ever. Threads    called or destroyed on any thread, once.

#include <cstdint>
#include <memory>
#include <string>

#include "server/net/mailbox.h"
#include "server/wire/http_reply.h"

namespace patron::net {

class LaterAnswer {
  public:
    LaterAnswer(std::shared_ptr<Mailbox> mailbox, std::uint64_t ticket, wire::ReplyOptions options)
        : mailbox_(std::move(mailbox)), ticket_(ticket), options_(options) {}
    ~LaterAnswer();
    LaterAnswer(LaterAnswer&&) = default;
    LaterAnswer& operator=(LaterAnswer&&) = delete;
    LaterAnswer(const LaterAnswer&) = delete;
    LaterAnswer& operator=(const LaterAnswer&) = delete;

    void operator()(std::string answer);

  private:
    std::shared_ptr<Mailbox> mailbox_;  // empty once the answer is on its way
    std::uint64_t ticket_;
    wire::ReplyOptions options_;
};

}  // namespace patron::net
