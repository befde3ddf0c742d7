#include "store/event_log.h"

namespace patron::store {
namespace {

class MemoryOnlyLog final : public EventLog {
  public:
    std::string_view name() const override { return "none"; }
    bool durable() const override { return false; }
    Result<void> append(const LogBatch&) override { return {}; }
};

}  // namespace

std::unique_ptr<EventLog> make_memory_only_log() {
    return std::make_unique<MemoryOnlyLog>();
}

}  // namespace patron::store
