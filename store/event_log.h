#pragma once
// Where accepted events are kept beyond memory: an engine behind one small interface.
//
// Order      batches are appended in the order in which they are applied; append returns before apply.
// Errors     a failed append refuses the batch; nothing of it is applied.
// Blocking   append may wait for the disk.
// Threads    the apply thread alone appends; `name` and `durable` from any thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "store/event.h"
#include "store/result.h"

namespace patron::store {

struct LogBatch {
    std::uint64_t first_seq = 0;
    Instant accepted_at;
    std::uint32_t policy_revision = 0;
    std::span<const Event* const> events;
};

class EventLog {
  public:
    virtual ~EventLog() = default;
    virtual std::string_view name() const = 0;
    // Whether what `append` accepted survives the process.
    virtual bool durable() const = 0;
    virtual Result<void> append(const LogBatch& batch) = 0;
};

// Keeps nothing: what is acknowledged lives as long as the process.
std::unique_ptr<EventLog> make_memory_only_log();

}  // namespace patron::store
