#include "tools/patron/event_sender.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "server/start_error.h"
#include "tools/patron/event_batch.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;
using std::chrono::milliseconds;

constexpr std::string_view kTarget = "/v1/events?on_error=skip";
constexpr std::string_view kContentType = "application/x-ndjson";
constexpr std::size_t kWaitingBatchesMax = 2;
constexpr int kLostConnectionsMax = 5;  // one after the other for one batch
constexpr int kBusyAnswersMax = 120;    // likewise
constexpr milliseconds kPauseMin{100};
constexpr milliseconds kPauseMax{5'000};

bool is_busy(unsigned status) {
    return status == 503 || status == 429 || status == 425;
}

}  // namespace

struct EventSender::Shared {
    SenderOptions options;
    OnRefused on_refused;
    std::vector<std::unique_ptr<Lane>> lanes;

    std::mutex mutex;  // guards what follows
    std::condition_variable stopping;
    SendTotals totals;
    std::exception_ptr failure;  // the first one; ends everything
    bool stopped = false;

    void fail(std::exception_ptr why) {
        const std::lock_guard lock(mutex);
        if (!failure) {
            failure = std::move(why);
        }
        stopped = true;
        stopping.notify_all();
    }
    // False: there is no point in waiting on.
    bool pause(milliseconds time) {
        std::unique_lock lock(mutex);
        ++totals.waits;
        return !stopping.wait_for(lock, time, [&] { return stopped; });
    }
    bool is_stopped() {
        const std::lock_guard lock(mutex);
        return stopped;
    }
};

// One connection: the thread that owns it, and the batches on their way to it.
class EventSender::Lane {
  public:
    explicit Lane(Shared& shared)
        : shared_(shared), client_(shared.options.url), thread_([this] { run(); }) {}
    ~Lane() { join(); }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    void add(std::string_view line, std::uint64_t place) {
        const SenderOptions& options = shared_.options;
        if (!filling_.places.empty() &&
            (filling_.body.size() + line.size() > options.batch_bytes_max ||
             filling_.places.size() >= options.batch_events_max)) {
            hand_over();
        }
        filling_.starts.push_back(filling_.body.size());
        filling_.places.push_back(place);
        filling_.body += line;
    }

    void hand_over() {
        if (filling_.places.empty()) {
            return;
        }
        std::unique_lock lock(mutex_);
        moved_.wait(lock, [&] { return waiting_.size() < kWaitingBatchesMax || ended_; });
        waiting_.push_back(std::exchange(filling_, SentBatch()));
        moved_.notify_all();
    }

    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        moved_.notify_all();
    }

    void join() {
        close();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

  private:
    std::optional<SentBatch> next() {
        std::unique_lock lock(mutex_);
        moved_.wait(lock, [&] { return !waiting_.empty() || closed_; });
        if (waiting_.empty()) {
            return std::nullopt;
        }
        SentBatch batch = std::move(waiting_.front());
        waiting_.pop_front();
        moved_.notify_all();
        return batch;
    }

    void run() {
        try {
            while (auto batch = next()) {
                if (shared_.is_stopped()) {
                    break;
                }
                deliver(*batch);
            }
        } catch (...) {
            shared_.fail(std::current_exception());
        }
        const std::lock_guard lock(mutex_);
        ended_ = true;
        moved_.notify_all();
    }

    // Until the server has taken the batch.
    void deliver(const SentBatch& batch) {
        int lost = 0;
        int busy = 0;
        milliseconds pause = kPauseMin;
        for (;;) {
            const auto answer = client_.post(kTarget, kContentType, batch.body);
            if (answer && answer->status == 200) {
                return settle(batch, answer->body);
            }
            if (answer && !is_busy(answer->status)) {
                throw StartError(
                    ExitCode::Protocol,
                    "the server answered " + std::to_string(answer->status) + ": " +
                        problem_detail(answer->body)
                );
            }
            if (!answer && ++lost > kLostConnectionsMax) {
                throw StartError(
                    ExitCode::Unavailable,
                    answer.error() + "; is a server running there? (patron serve)"
                );
            }
            if (answer && ++busy > kBusyAnswersMax) {
                throw StartError(ExitCode::Unavailable, "the server stays busy; try again later");
            }
            const milliseconds asked = answer && answer->retry_after ? *answer->retry_after : pause;
            if (!shared_.pause(std::clamp(asked, kPauseMin, kPauseMax))) {
                return;
            }
            pause = std::min(pause * 2, kPauseMax);
        }
    }

    void settle(const SentBatch& batch, std::string_view body) {
        const auto answer = read_ingest_answer(body);
        if (!answer) {
            throw StartError(ExitCode::Protocol, answer.error());
        }
        const std::uint64_t taken = answer->accepted + answer->duplicates;
        if (taken > batch.places.size()) {
            throw StartError(ExitCode::Protocol, "the server counts more events than it was sent");
        }
        const std::lock_guard lock(shared_.mutex);
        shared_.totals.sent += batch.places.size();
        shared_.totals.accepted += answer->accepted;
        shared_.totals.duplicates += answer->duplicates;
        shared_.totals.refused += batch.places.size() - taken;
        ++shared_.totals.requests;
        for (const RejectedItem& item : answer->rejected) {
            if (item.index < batch.places.size() && shared_.on_refused) {
                shared_.on_refused({batch.places[item.index], batch.line(item.index), item.refusal}
                );
            }
        }
    }

    Shared& shared_;
    HttpClient client_;
    SentBatch filling_;  // of the sending thread

    std::mutex mutex_;  // guards what follows
    std::condition_variable moved_;
    std::deque<SentBatch> waiting_;
    bool closed_ = false;
    bool ended_ = false;
    std::thread thread_;  // last: it uses the others
};

EventSender::EventSender(SenderOptions options, OnRefused on_refused)
    : shared_(new Shared{std::move(options), std::move(on_refused), {}, {}, {}, {}, {}, false}) {
    for (std::size_t i = 0; i < std::max<std::size_t>(shared_->options.connections, 1); ++i) {
        shared_->lanes.push_back(std::make_unique<Lane>(*shared_));
    }
}

EventSender::~EventSender() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopped = true;
        shared_->stopping.notify_all();
    }
    shared_->lanes.clear();
}

void EventSender::send(std::string_view customer, std::string_view line, std::uint64_t place) {
    const std::size_t lane = std::hash<std::string_view>()(customer) % shared_->lanes.size();
    if (shared_->is_stopped()) {
        std::rethrow_exception(shared_->failure);
    }
    shared_->lanes[lane]->add(line, place);
}

SendTotals EventSender::finish() {
    for (const auto& lane : shared_->lanes) {
        lane->hand_over();
    }
    for (const auto& lane : shared_->lanes) {
        lane->join();
    }
    const std::lock_guard lock(shared_->mutex);
    if (shared_->failure) {
        std::rethrow_exception(shared_->failure);
    }
    return shared_->totals;
}

}  // namespace patron::tools
