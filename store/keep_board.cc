#include "store/keep_board.h"

namespace patron::store {

void KeepBoard::end_recovery(Result<RecoveryReport> report) {
    const bool good = report.has_value();
    phase_.store(
        good ? RecoveryProgress::Phase::Ready : RecoveryProgress::Phase::Failed,
        std::memory_order_relaxed
    );
    {
        const std::lock_guard guard(mutex_);
        report_ = std::move(report);
    }
    ready_.store(good, std::memory_order_release);
    ended_.notify_all();
}

Result<RecoveryReport> KeepBoard::wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return report_.has_value(); });
    return *report_;
}

}  // namespace patron::store
