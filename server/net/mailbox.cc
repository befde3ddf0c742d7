#include "server/net/mailbox.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "store/check.h"

namespace patron::net {

Mailbox::Mailbox(std::size_t letters_max)
    : letters_max_(letters_max), event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (event_fd_ < 0) {
        throw std::system_error(
            errno, std::generic_category(), "cannot create an event descriptor"
        );
    }
}

Mailbox::~Mailbox() {
    ::close(event_fd_);
}

void Mailbox::post(Letter letter) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return;
        }
        PATRON_CHECK(letters_.size() < letters_max_);
        first = letters_.empty() && errands_.empty();
        letters_.push_back(std::move(letter));
    }
    if (first) {
        wake();
    }
}

void Mailbox::post_errand(Errand errand) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return;
        }
        first = letters_.empty() && errands_.empty();
        errands_.push_back(std::move(errand));
    }
    if (first) {
        wake();
    }
}

void Mailbox::tell_of_changes() {
    if (!changes_.exchange(true, std::memory_order_acq_rel)) {
        wake();
    }
}

void Mailbox::ask_to_stop() {
    {
        const std::lock_guard lock(mutex_);
        stop_asked_ = true;
    }
    wake();
}

void Mailbox::take(Mail& mail) {
    PATRON_CHECK(mail.letters.empty() && mail.errands.empty());
    // Cleared before the swap: what falls in between wakes again.
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(event_fd_, &count, sizeof count);
    mail.changes = changes_.exchange(false, std::memory_order_acq_rel);
    const std::lock_guard lock(mutex_);
    mail.letters.swap(letters_);
    mail.errands.swap(errands_);
    mail.stop_asked = stop_asked_;
}

void Mailbox::close() {
    std::vector<Errand> dropped;  // after the lock: they may hold what posts when it goes
    const std::lock_guard lock(mutex_);
    closed_ = true;
    letters_.clear();
    dropped.swap(errands_);
}

void Mailbox::wake() const {
    // Fails only when the counter is full, and then the descriptor is readable already.
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_fd_, &one, sizeof one);
}

}  // namespace patron::net
