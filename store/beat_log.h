#pragma once
// What one beat hands to the log: the events that count, and what operators did among them.
//
// Threads    one beat's.

#include <cstdint>
#include <span>
#include <vector>

#include "store/event_log.h"

namespace patron::store {

class BeatLog {
  public:
    BeatLog(std::uint64_t first_seq, Instant accepted_at, std::uint32_t policy)
        : first_seq_(first_seq), accepted_at_(accepted_at), policy_(policy) {}

    // In the order of their sequence numbers; the event must outlive `batch`.
    void add(const Event& event, std::uint64_t customer_hash);
    bool empty() const { return events_.empty(); }
    // A view of what was added.
    LogBatch batch(std::span<const KeptAnswer> answers) const {
        return {first_seq_, accepted_at_, policy_, events_, answers, audit_, erasures_, {}};
    }

  private:
    std::uint64_t first_seq_;
    Instant accepted_at_;
    std::uint32_t policy_;
    std::vector<const Event*> events_;
    std::vector<AuditEntry> audit_;
    std::vector<Erasure> erasures_;
};

}  // namespace patron::store
