#include "server/wire/forecast_counts.h"

namespace patron::wire {

void ForecastCounts::Cell::add(std::uint64_t customer, scoring::Money spent) {
    ++crossings;
    if (last_ != customer) {
        last_ = customer;
        ++customers;
        spend.add(spent);
    }
}

void ForecastCounts::Cell::add(const Cell& other) {
    crossings += other.crossings;
    customers += other.customers;
    spend.add(other.spend);
}

void ForecastCounts::add(const store::ScanRow& row) {
    const std::uint64_t before = crossings_;
    const std::uint64_t customer = customers_ + 1;
    for (const store::FutureTransition& transition : row.transitions) {
        const scoring::Day day = clock_->day_of(transition.at);
        each_crossing(transition.from, transition.to, [&](Crossing crossing) {
            ++crossings_;
            kinds_[crossing].add(customer, row.spend_longest_window);
            days_[{crossing, day}].add(customer, row.spend_longest_window);
        });
    }
    customers_ += crossings_ > before ? 1 : 0;
}

void ForecastCounts::add(const ForecastCounts& other) {
    customers_ += other.customers_;
    crossings_ += other.crossings_;
    for (const auto& [crossing, cell] : other.kinds_) {
        kinds_[crossing].add(cell);
    }
    for (const auto& [key, cell] : other.days_) {
        days_[key].add(cell);
    }
}

}  // namespace patron::wire
