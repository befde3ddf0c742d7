#include "store/ingest_queue.h"

#include <algorithm>
#include <iterator>

#include "store/limits.h"

namespace patron::store {
namespace {

// What a waiting event costs beside its strings.
std::size_t bytes_of(const IngestRequest& request) {
    return request.batch.bytes() + request.batch.events.size() * sizeof(Event);
}

}  // namespace

std::optional<Fault> IngestQueue::refusal(bool full) {
    if (stopping_) {
        return Fault{FaultCode::Stopping, "the server is stopping", {}};
    }
    if (full) {
        ++refused_;
        return Fault{FaultCode::QueueFull, "too much is waiting already; try again shortly", {}};
    }
    return std::nullopt;
}

std::optional<Fault> IngestQueue::push(IngestRequest request) {
    const std::scoped_lock lock(mutex_);
    const std::size_t events = request.batch.events.size();
    const bool full = events_ + events > limits::kQueueEventsMax ||
                      bytes_ + bytes_of(request) > limits::kQueueBytesMax;
    if (auto fault = refusal(full)) {
        return fault;
    }
    events_ += events;
    bytes_ += bytes_of(request);
    requests_.push_back(std::move(request));
    wake_.notify_one();
    return std::nullopt;
}

template <class Question>
std::optional<Fault> IngestQueue::push_question(std::vector<Question>& to, Question question) {
    const std::scoped_lock lock(mutex_);
    if (auto fault = refusal(questions_ >= limits::kQueueQuestionsMax)) {
        return fault;
    }
    ++questions_;
    to.push_back(std::move(question));
    wake_.notify_one();
    return std::nullopt;
}

std::optional<Fault> IngestQueue::push(CustomerQuestion question) {
    return push_question(rest_.questions, std::move(question));
}
std::optional<Fault> IngestQueue::push(PictureQuestion question) {
    return push_question(rest_.pictures, std::move(question));
}
std::optional<Fault> IngestQueue::push(CountQuestion question) {
    return push_question(rest_.counts, std::move(question));
}

std::optional<Fault> IngestQueue::push(SeqWait wait) {
    const std::scoped_lock lock(mutex_);
    if (auto fault = refusal(rest_.waits.size() + waits_held_ >= limits::kQueueQuestionsMax)) {
        return fault;
    }
    rest_.waits.push_back(std::move(wait));
    wake_.notify_one();
    return std::nullopt;
}

std::optional<Fault> IngestQueue::push(PendingScan scan) {
    const std::scoped_lock lock(mutex_);
    if (auto fault = refusal(rest_.scans.size() >= limits::kQueueScansMax)) {
        return fault;
    }
    rest_.scans.push_back(std::move(scan));
    wake_.notify_one();
    return std::nullopt;
}

std::optional<Fault> IngestQueue::push(KeepTask task) {
    const std::scoped_lock lock(mutex_);
    if (auto fault = refusal(rest_.keeps.size() >= limits::kQueueKeepTasksMax)) {
        return fault;
    }
    rest_.keeps.push_back(std::move(task));
    wake_.notify_one();
    return std::nullopt;
}

bool IngestQueue::has_work() const {
    return stopping_ || !requests_.empty() || questions_ > 0 || !rest_.waits.empty() ||
           !rest_.scans.empty() || !rest_.keeps.empty();
}

// One at a time, so that the others stay where they are counted; all of them at the stop.
void IngestQueue::hand_over_scans(Taken& taken, bool one_is_held) {
    std::vector<PendingScan> scans = std::move(taken.scans);
    taken.scans.clear();
    const std::size_t most = stopping_ ? scans.size() : one_is_held ? 0 : 1;
    const auto kept = scans.begin() + static_cast<std::ptrdiff_t>(std::min(most, scans.size()));
    std::move(scans.begin(), kept, std::back_inserter(taken.scans));
    std::move(kept, scans.end(), std::back_inserter(rest_.scans));
}

Taken IngestQueue::take(
    bool busy, std::optional<std::chrono::steady_clock::time_point> deadline, Held held
) {
    std::unique_lock lock(mutex_);
    waits_held_ = held.waits;
    if (!busy && deadline) {
        wake_.wait_until(lock, *deadline, [this] { return has_work(); });
    } else if (!busy) {
        wake_.wait(lock, [this] { return has_work(); });
    }
    Taken taken = std::move(rest_);
    rest_ = {};
    questions_ = 0;
    waits_held_ += taken.waits.size();
    hand_over_scans(taken, held.scan);
    taken.stopping = stopping_;
    std::size_t events = 0;
    while (!requests_.empty()) {
        IngestRequest& next = requests_.front();
        if (events > 0 && events + next.batch.events.size() > limits::kBeatEventsMax) {
            break;
        }
        events += next.batch.events.size();
        events_ -= next.batch.events.size();
        bytes_ -= bytes_of(next);
        taken.requests.push_back(std::move(next));
        requests_.pop_front();
    }
    return taken;
}

void IngestQueue::put_back(std::vector<IngestRequest> requests) {
    const std::scoped_lock lock(mutex_);
    while (!requests.empty()) {
        events_ += requests.back().batch.events.size();
        bytes_ += bytes_of(requests.back());
        requests_.push_front(std::move(requests.back()));
        requests.pop_back();
    }
}

void IngestQueue::stop() {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
}

IngestQueue::Sizes IngestQueue::sizes() const {
    const std::scoped_lock lock(mutex_);
    return {events_, bytes_, questions_, refused_};
}

}  // namespace patron::store
