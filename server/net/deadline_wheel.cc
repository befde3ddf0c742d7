#include "server/net/deadline_wheel.h"

namespace patron::net {

void DeadlineWheel::add(Entry& entry) {
    entry.next_ = first_;
    entry.previous_ = nullptr;
    if (first_ != nullptr) {
        first_->previous_ = &entry;
    }
    first_ = &entry;
}

void DeadlineWheel::remove(Entry& entry) {
    (entry.previous_ != nullptr ? entry.previous_->next_ : first_) = entry.next_;
    if (entry.next_ != nullptr) {
        entry.next_->previous_ = entry.previous_;
    }
}

std::uint64_t DeadlineWheel::ticks(std::chrono::milliseconds span) const {
    return static_cast<std::uint64_t>((span.count() + tick_.count() - 1) / tick_.count() + 1);
}

void DeadlineWheel::tick() {
    ++now_tick_;
    for_each([this](Entry& entry) {
        if (entry.due_tick_ != 0 && entry.due_tick_ <= now_tick_) {
            entry.due_tick_ = 0;
            entry.on_deadline();
        }
    });
}

}  // namespace patron::net
