#pragma once
// A callback that hands what it is given to an I/O thread.
//
// Errors     dropped without being called, it says so there: nullopt.
// Threads    called or destroyed on any thread, once; `then` runs on the mailbox's I/O thread, or not at all
//            if that has ended, and captures nothing that must not be destroyed elsewhere.

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/net/mailbox.h"

namespace patron::net {

template <class Value>
class MailBack {
  public:
    using Then = std::function<void(std::optional<Value>)>;

    MailBack(std::shared_ptr<Mailbox> mailbox, Then then)
        : mailbox_(std::move(mailbox)), then_(std::move(then)) {}
    ~MailBack() { send(std::nullopt); }
    MailBack(MailBack&&) = default;
    MailBack& operator=(MailBack&&) = delete;
    MailBack(const MailBack&) = delete;
    MailBack& operator=(const MailBack&) = delete;

    void operator()(Value value) { send(std::move(value)); }

  private:
    void send(std::optional<Value> value) {
        if (const auto mailbox = std::exchange(mailbox_, nullptr)) {
            mailbox->post_errand([then = std::move(then_), value = std::move(value)]() mutable {
                then(std::move(value));
            });
        }
    }

    std::shared_ptr<Mailbox> mailbox_;  // empty once it is sent
    Then then_;
};

}  // namespace patron::net
