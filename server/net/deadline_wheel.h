#pragma once
// All connections of one I/O thread and their deadlines, looked at once per tick.
//
// Shapes     an intrusive list; an entry has at most one deadline, in ticks.
// Order      an entry fires at the first tick at which its whole span has passed, never before.
// Threads    one I/O thread.
// Cost       arming is one store; a tick walks the list (10,000 connections: far below a
// millisecond).
//            No timer per message: that would cost more than the message.

#include <chrono>
#include <cstdint>

namespace patron::net {

class DeadlineWheel {
  public:
    class Entry {
      public:
        virtual void on_deadline() = 0;
        // Ends if nothing is under way, otherwise soon, in good order.
        virtual void stop_when_idle() = 0;
        // At once.
        virtual void close() = 0;

      protected:
        Entry() = default;
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        virtual ~Entry() = default;

      private:
        friend class DeadlineWheel;
        Entry* previous_ = nullptr;
        Entry* next_ = nullptr;
        std::uint64_t due_tick_ = 0;  // 0: none
    };

    explicit DeadlineWheel(std::chrono::milliseconds tick) : tick_(tick) {}

    std::chrono::milliseconds tick_length() const { return tick_; }
    bool empty() const { return first_ == nullptr; }

    void add(Entry& entry);
    void remove(Entry& entry);
    // How many ticks a span takes: rounded up, and one more because the present tick is under way.
    std::uint64_t ticks(std::chrono::milliseconds span) const;
    void arm(Entry& entry, std::uint64_t ticks) { entry.due_tick_ = now_tick_ + ticks; }
    static void disarm(Entry& entry) { entry.due_tick_ = 0; }

    // `on_deadline` may remove its own entry, no other.
    void tick();
    // Calls `visit(Entry&)` for all; it may remove the entry it is given.
    template <class Visit>
    void for_each(Visit visit) {
        for (Entry* entry = first_; entry != nullptr;) {
            Entry* next = entry->next_;
            visit(*entry);
            entry = next;
        }
    }

  private:
    std::chrono::milliseconds tick_;
    std::uint64_t now_tick_ = 0;
    Entry* first_ = nullptr;
};

}  // namespace patron::net
