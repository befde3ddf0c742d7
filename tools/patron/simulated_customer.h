#pragma once
// The life of one simulated customer: when it comes, buys, complains and falls silent.
//
// Shapes     purchases follow MBG/NBD: rate ~ Gamma(r, alpha), after each purchase the customer
// stays
//            away for ever with probability p ~ Beta(a, b). Amounts are log-normal around the
//            customer's own mean. Visits, tickets, surveys and the rest hang on purchases and on
//            being alive.
// Units      alpha in weeks; amounts in minor units; a Record's number counts the customer's events
// from
//            0, `order` is the number of the order it belongs to.
// Order      records come as they are made, not by time.
// Threads    pure: the same options and customer give the same records on any machine.
// Source     Batislam, Denizel, Filiztekin (2007).

#include <cstdint>
#include <vector>

#include "scoring/units.h"

namespace patron::tools {

struct WorldOptions {
    std::uint64_t seed = 1;
    std::uint32_t customers = 10'000;
    std::uint32_t days = 730;
    scoring::Instant until;
    double r = 0.8;
    double alpha_weeks = 8;
    double a = 0.7;
    double b = 3.5;
    double amount_mean = 120;  // of the median customer's median order, in major units
    double amount_spread_customers = 0.6;
    double amount_spread_orders = 0.5;

    scoring::Instant from() const { return scoring::plus_days(until, -std::int64_t{days}); }
};

enum class SimulatedKind : std::uint8_t {
    Profile,
    Order,
    Refund,  // amount 0: of the whole order
    Visit,
    TicketOpened,
    TicketFirstResponse,
    TicketResolved,
    Complaint,
    Review,
    SurveyNps,
    SurveyCsat,
    Referral,
    FollowUp,
    Training,
};
inline constexpr std::size_t kSimulatedKinds = 14;

struct SimulatedRecord {
    std::int64_t at_ms = 0;
    std::uint32_t customer = 0;
    std::uint32_t number = 0;
    std::uint32_t order = 0;
    std::uint32_t amount = 0;
    SimulatedKind kind = SimulatedKind::Visit;
    std::uint8_t grade = 0;    // severity, rating, score
    std::uint8_t variant = 0;  // channel, region, ...
};

struct CustomerTruth {
    bool alive = false;
    std::uint32_t orders = 0;
    double rate_per_week = 0;
    double dropout = 0;
};

// Adds everything that happens up to `options.until`.
CustomerTruth simulate_customer(
    const WorldOptions& options, std::uint32_t customer, std::vector<SimulatedRecord>& out
);

}  // namespace patron::tools
