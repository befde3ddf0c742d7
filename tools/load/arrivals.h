#pragma once
// When requests are due: fixed before the run by rate, kind and seed, whatever the server does.
//
// Shapes     Arrivals is an endless rising sequence. Of `parts` generators, each takes every parts-th
//            constant arrival, or a Poisson stream of its own at its share of the rate.
//            ArrivalQueue holds those that came due and were not taken yet.
// Units      nanoseconds from the start of the run; arrivals a second.
// Bounds     at most `waiting_max` wait. Those beyond are never sent; they are counted by the millisecond
//            in which they were due, so that their waiting is told all the same.
// Threads    one owner.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tools/patron/seeded_random.h"

namespace patron::tools {

enum class ArrivalKind : std::uint8_t { Constant, Poisson };

struct ArrivalPlan {
    ArrivalKind kind = ArrivalKind::Constant;
    double rate = 0;  // of all parts together
    std::uint64_t seed = 1;
    std::uint32_t part = 0;
    std::uint32_t parts = 1;
};

class Arrivals {
  public:
    explicit Arrivals(const ArrivalPlan& plan);
    std::int64_t next();

  private:
    ArrivalPlan plan_;
    SeededRandom random_;
    std::uint64_t index_;
    double last_ns_ = 0;
};

class ArrivalQueue {
  public:
    static constexpr std::int64_t kNever = INT64_MAX;

    // Arrivals before `counted_from_ns` are not counted when they are given up; none is at `end_ns`.
    ArrivalQueue(
        const ArrivalPlan& plan,
        std::int64_t counted_from_ns,
        std::int64_t end_ns,
        std::size_t waiting_max
    );

    // None is due any more from `end_ns` on; what was let in stays.
    void cut(std::int64_t end_ns);
    // Lets in what came due by `now_ns`.
    void admit(std::int64_t now_ns);
    bool empty() const { return taken_ == admitted_; }
    std::size_t waiting() const { return admitted_ - taken_; }
    // The oldest one; the queue is not empty.
    std::int64_t take();
    // When the next one comes that was not admitted yet.
    std::int64_t next_ns() const { return next_; }

    struct GivenUp {
        std::int64_t due_ns = 0;  // down to the millisecond
        std::uint64_t count = 0;
    };
    std::vector<GivenUp> given_up() const;
    std::uint64_t given_up_total() const { return given_up_total_; }  // counted or not

  private:
    void draw();
    void give_up(std::int64_t due_ns);

    Arrivals arrivals_;
    std::int64_t counted_from_;
    std::int64_t end_;
    std::size_t waiting_max_;
    std::unique_ptr<std::int64_t[]> ring_;  // a page of it is touched only when so many wait
    std::size_t admitted_ = 0;
    std::size_t taken_ = 0;
    std::int64_t next_ = 0;
    std::vector<std::uint64_t> given_up_by_ms_;
    std::uint64_t given_up_total_ = 0;
};

}  // namespace patron::tools
