#include "tools/load/arrivals.h"

#include <cmath>

#include "scoring/check.h"

namespace patron::tools {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr std::int64_t kNsPerMs = 1'000'000;

}  // namespace

Arrivals::Arrivals(const ArrivalPlan& plan)
    : plan_(plan), random_(plan.seed, plan.part), index_(plan.part) {
    PATRON_CHECK(plan.rate > 0 && plan.part < plan.parts);
}

std::int64_t Arrivals::next() {
    if (plan_.kind == ArrivalKind::Poisson) {
        last_ns_ += random_.exponential(kNsPerSecond * plan_.parts / plan_.rate);
        return static_cast<std::int64_t>(last_ns_);
    }
    // A double would drift by a nanosecond after a few hours.
    const long double at = static_cast<long double>(index_) * kNsPerSecond / plan_.rate;
    index_ += plan_.parts;
    return std::llroundl(at);
}

ArrivalQueue::ArrivalQueue(
    const ArrivalPlan& plan,
    std::int64_t counted_from_ns,
    std::int64_t end_ns,
    std::size_t waiting_max
)
    : arrivals_(plan)
    , counted_from_(counted_from_ns)
    , end_(end_ns)
    , waiting_max_(waiting_max)
    , ring_(std::make_unique_for_overwrite<std::int64_t[]>(waiting_max)) {
    PATRON_CHECK(waiting_max > 0);
    draw();
}

void ArrivalQueue::draw() {
    const std::int64_t at = arrivals_.next();
    next_ = at < end_ ? at : kNever;
}

void ArrivalQueue::cut(std::int64_t end_ns) {
    end_ = std::min(end_, end_ns);
    next_ = next_ < end_ ? next_ : kNever;
}

void ArrivalQueue::admit(std::int64_t now_ns) {
    while (next_ <= now_ns && next_ != kNever) {
        if (waiting() < waiting_max_) {
            ring_[admitted_++ % waiting_max_] = next_;
        } else {
            give_up(next_);
        }
        draw();
    }
}

std::int64_t ArrivalQueue::take() {
    PATRON_CHECK(!empty());
    return ring_[taken_++ % waiting_max_];
}

void ArrivalQueue::give_up(std::int64_t due_ns) {
    ++given_up_total_;
    if (due_ns < counted_from_) {
        return;
    }
    const auto ms = static_cast<std::size_t>(due_ns / kNsPerMs);
    if (given_up_by_ms_.size() <= ms) {
        given_up_by_ms_.resize(ms + 1);
    }
    ++given_up_by_ms_[ms];
}

std::vector<ArrivalQueue::GivenUp> ArrivalQueue::given_up() const {
    std::vector<GivenUp> out;
    for (std::size_t ms = 0; ms < given_up_by_ms_.size(); ++ms) {
        if (given_up_by_ms_[ms] != 0) {
            out.push_back({static_cast<std::int64_t>(ms) * kNsPerMs, given_up_by_ms_[ms]});
        }
    }
    return out;
}

}  // namespace patron::tools
