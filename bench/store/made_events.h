#pragma once
// Events for benchmarks: orders and visits of random customers, each with an id of its own.
//
// Shapes     customers are "customer-<number>", numbers below `customers`.
// Time       instants lie in the two seconds before `now`.
// Threads    values.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "store/event.h"

namespace patron::store {

inline constexpr Instant kBenchNow{1'710'475'200'000};
inline constexpr std::uint64_t kBenchHashSeed = 20'261'121;

inline bool bench_small() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr;
}

// PATRON_BENCH_CUSTOMERS replaces the usual million.
inline std::size_t bench_customers() {
    const char* asked = std::getenv("PATRON_BENCH_CUSTOMERS");
    return bench_small() ? 2'000 : asked != nullptr ? std::strtoull(asked, nullptr, 10) : 1'000'000;
}

class MadeEvents {
  public:
    explicit MadeEvents(std::size_t customers) : customers_(customers) {}

    // Of random customers.
    EventBatch batch(std::size_t events, Instant now) {
        EventBatch out;
        out.events.reserve(events);
        for (std::size_t i = 0; i < events; ++i) {
            const Instant at{now.ms - static_cast<std::int64_t>(random_() % 2'000)};
            add(out, random_() % customers_, at, random_() % 2 == 0);
        }
        return out;
    }

    // One order each of customers [from, from + events), within the 200 days before `now`.
    EventBatch first_orders(std::size_t from, std::size_t events, Instant now) {
        EventBatch out;
        out.events.reserve(events);
        for (std::size_t i = 0; i < events; ++i) {
            const auto back = static_cast<std::int64_t>(random_() % (200ULL * 86'400'000));
            add(out, from + i, {now.ms - back}, true);
        }
        return out;
    }

    // One visit each at `now`, which moves them out of their past.
    EventBatch visits(std::size_t from, std::size_t events, Instant now) {
        EventBatch out;
        out.events.reserve(events);
        for (std::size_t i = 0; i < events; ++i) {
            add(out, from + i, now, false);
        }
        return out;
    }

  private:
    void add(EventBatch& out, std::size_t customer, Instant at, bool order) {
        char text[32];
        const auto print = [&](const char* format, unsigned long long number) {
            return std::string_view(
                text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, number))
            );
        };
        const std::string_view who = out.keep(print("customer-%08llu", customer));
        const std::string_view id = out.keep(print("event-%llu", next_id_++));
        if (order) {
            const Money amount{static_cast<std::int64_t>(10'00 + random_() % 400'00)};
            out.events.push_back({who, id, at, Order{id, amount, {}, OrderKind::Product}});
        } else {
            out.events.push_back({who, id, at, Visit{}});
        }
    }

    std::size_t customers_;
    std::mt19937_64 random_{7};
    std::uint64_t next_id_ = 0;
};

}  // namespace patron::store
