#pragma once
// What customers will cross if nothing happens, counted by kind and by day.
//
// Shapes     one `add` per customer, each customer to one of the counts that are merged.
// Units      days of the calendar given; money exact.
// Order      kinds and days ascending, whatever the order of the rows.
// Bounds     a cell per kind and day that occurs: at most tiers^2 x 2 + 106 kinds, a year of days.
// Threads    one owner at a time.

#include <cstdint>
#include <map>
#include <utility>

#include "scoring/day_clock.h"
#include "server/wire/crossing.h"
#include "server/wire/money_text.h"
#include "store/store.h"

namespace patron::wire {

class ForecastCounts {
  public:
    struct Cell {
        std::uint64_t crossings = 0;
        std::uint64_t customers = 0;  // who cross, each once
        MoneySum spend;               // theirs, of the longest window

        // `customer` is a number of its own, never 0.
        void add(std::uint64_t customer, scoring::Money spent);
        void add(const Cell& other);

      private:
        std::uint64_t last_ = 0;  // the customer counted last
    };
    using Kinds = std::map<Crossing, Cell>;
    using Days = std::map<std::pair<Crossing, scoring::Day>, Cell>;

    // `days` outlives it.
    explicit ForecastCounts(const scoring::DayClock& days) : clock_(&days) {}

    void add(const store::ScanRow& row);
    void add(const ForecastCounts& other);

    std::uint64_t customers() const { return customers_; }
    std::uint64_t crossings() const { return crossings_; }
    const Kinds& kinds() const { return kinds_; }
    const Days& days() const { return days_; }

  private:
    const scoring::DayClock* clock_;
    std::uint64_t customers_ = 0;
    std::uint64_t crossings_ = 0;
    Kinds kinds_;
    Days days_;
};

}  // namespace patron::wire
