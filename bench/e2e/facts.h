#pragma once
// The facts that a load tells a server: what happened, not how it is written down.
//
// Shapes     a fact at an even place of a batch is an order, at an odd one a visit when there are
//            visits at all: so that a batch's text keeps its shape and only digits change.
// Units      at_ms Unix milliseconds; amount_minor in [10000, 99999] (three digits before the
// point). Bounds     serials are 14 digits from the clock: every process of a run says new ones.
// Threads    one owner.

#include <cstdint>

#include "bench/e2e/random.h"

namespace patron::bench {

struct Fact {
    std::uint32_t customer = 0;
    std::uint32_t amount_minor = 0;
    std::uint64_t serial = 0;
    std::int64_t at_ms = 0;
};

class Facts {
  public:
    virtual ~Facts() = default;
    virtual bool has_visits() const = 0;
    // How many facts the next batch has, at most `wanted`; 0 at the end.
    virtual std::uint32_t begin_batch(std::uint32_t wanted) = 0;
    virtual Fact next() = 0;
};

// What happens now: orders and visits in turn, by customers at random, without an end.
class LiveFacts final : public Facts {
  public:
    LiveFacts(std::uint32_t customers, std::uint64_t seed);
    bool has_visits() const override { return true; }
    std::uint32_t begin_batch(std::uint32_t wanted) override;
    Fact next() override;

  private:
    std::uint32_t customers_;
    Random random_;
    std::uint64_t serial_;
    std::int64_t now_ms_ = 0;
};

// What happened before: one to five orders of every customer, or as many as `orders_each` says, over
// the last 400 days. As many passes as a customer has orders at most, each in another order of
// customers and later than the one before, as orders would have come in.
class PastFacts final : public Facts {
  public:
    PastFacts(std::uint32_t customers, std::uint32_t orders_each, std::uint64_t seed);
    bool has_visits() const override { return false; }
    std::uint32_t begin_batch(std::uint32_t wanted) override;
    Fact next() override;

  private:
    std::uint64_t orders_of_all() const;
    std::uint32_t orders_by(std::uint32_t customer) const;
    std::uint32_t customer_here() const;
    void step_to_an_order();

    std::uint32_t customers_;
    std::uint32_t orders_each_;  // 0: one to five
    std::uint32_t passes_;
    std::uint32_t pass_s_;
    Random random_;
    std::uint64_t serial_;
    std::int64_t now_ms_;
    std::uint64_t stride_;  // prime to `customers_`
    std::uint64_t left_;
    std::uint32_t pass_ = 0;
    std::uint32_t place_ = 0;  // in the order of this pass
};

}  // namespace patron::bench
