#pragma once
// Customers of a given number of orders, and a policy with three tiers, for the benchmarks.
//
// Units      instants near 2024; money in fen.
// Threads    one.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/rollup.h"
#include "scoring/transition.h"

namespace patron::scoring {

inline bool bench_small() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr;
}

inline std::shared_ptr<const CompiledPolicy> bench_policy() {
    Policy p;
    p.purchase = kCdnowMbgNbd;
    p.signal_weights.fill(0.5);
    p.dimensions = {
        {"spend", {FeatureKind::SpendWindow, 2}, 0.6, {{0, 0}, {1'000'00, 60}, {9'000'00, 100}}},
        {"orders", {FeatureKind::OrdersWindow, 2}, 0.4, {{0, 0}, {12, 100}}}
    };
    for (const double asked : {0.0, 1'000'00.0, 5'000'00.0}) {
        const Atom spend{{FeatureKind::SpendWindow, 2}, Comparison::AtLeast, asked, {}};
        p.tiers.push_back({"t", {}, asked > 0 ? Rule{{spend}} : Rule{}, std::nullopt});
    }
    p.service.assign(p.tiers.size() * kStages, {"s", 30, 24, {}, {}});
    return compile(std::move(p), {});
}

// Orders over two years, one in twenty refunded in part, and a complaint.
struct BenchCustomer {
    explicit BenchCustomer(int orders) {
        std::mt19937_64 random(static_cast<std::uint64_t>(orders));
        std::uniform_int_distribution<std::int64_t> offset(0, 2 * 365 * kDayMs);
        const Instant first{1'704'038'400'000};
        for (int i = 0; i < orders; ++i) {
            const Instant at = plus_ms(first, offset(random));
            const auto key = static_cast<std::uint64_t>(i);
            ledger.push_back(make_entry(EntryKind::Order, at, 50'00 + offset(random) % 500'00, key)
            );
            if (i % 20 == 7) {
                ledger.push_back(make_entry(EntryKind::Refund, plus_days(at, 3), 20'00, key));
            }
        }
        ledger.push_back(make_entry(EntryKind::Complaint, plus_days(first, 720), 2));
        std::sort(ledger.begin(), ledger.end());
        now = plus_days(first, 731);
    }
    Facts facts() const { return {ledger, {}, {}, {}}; }

    State state(const CompiledPolicy& policy) const {
        const Facts all = facts();
        return step({policy, all, roll_up(policy, all, now), now}, first_state(now));
    }

    std::vector<LedgerEntry> ledger;
    Instant now;
};

}  // namespace patron::scoring
