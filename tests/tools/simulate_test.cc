#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <xxhash.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "scoring/units.h"
#include "tools/patron/seeded_random.h"
#include "tools/patron/simulated_world.h"

namespace patron::tools {
namespace {

constexpr scoring::Instant kUntil{1'795'000'000'000};

WorldOptions small_world() {
    WorldOptions options;
    options.customers = 500;
    options.days = 365;
    options.until = kUntil;
    return options;
}

std::uint64_t hash_of(const WorldOptions& options, std::uint64_t at_once = kRecordsAtOnce) {
    std::string all;
    simulate_world(options, [&](std::string_view, std::string_view line) { all += line; }, at_once);
    return XXH3_64bits(all.data(), all.size());
}

TEST(SimulatedWorld, IsTheSameForTheSameSeed) {
    WorldOptions options = small_world();
    const std::uint64_t hash = hash_of(options);
    EXPECT_EQ(hash_of(options), hash);
    options.seed = 2;
    EXPECT_NE(hash_of(options), hash);
}

TEST(SimulatedWorld, IsTheSameOnEveryMachine) {
    // Taken once, from these samplers on x86-64; whoever changes what is simulated takes it anew.
    EXPECT_EQ(hash_of(small_world()), 7'649'788'761'385'334'926U);
}

TEST(SimulatedWorld, DoesNotDependOnHowItIsCut) {
    const WorldOptions options = small_world();
    for (const std::uint64_t at_once : {1'000U, 3'001U}) {
        EXPECT_EQ(hash_of(options, at_once), hash_of(options)) << at_once;
    }
}

TEST(SimulatedWorld, TellsEventsInTheOrderOfTime) {
    const WorldOptions options = small_world();
    std::string before;
    std::uint64_t events = 0;
    const WorldTruth truth =
        simulate_world(options, [&](std::string_view customer, std::string_view line) {
            const auto event = boost::json::parse(line).as_object();
            EXPECT_EQ(event.at("customer").as_string(), customer);
            // Whole seconds are printed without a fraction, so the texts are compared without their
            // ends.
            const std::string at(event.at("at").as_string().subview(0, 19));
            EXPECT_LE(before, at);
            before = at;
            ++events;
        });
    EXPECT_EQ(events, truth.events);
    EXPECT_GT(truth.by_kind[static_cast<std::size_t>(SimulatedKind::Refund)], 0U);
}

TEST(SimulatedWorld, HasNoEventOutsideItsTime) {
    const WorldOptions options = small_world();
    std::vector<SimulatedRecord> records;
    for (std::uint32_t customer = 0; customer < options.customers; ++customer) {
        simulate_customer(options, customer, records);
    }
    for (const SimulatedRecord& record : records) {
        EXPECT_LE(record.at_ms, options.until.ms);
        EXPECT_GE(record.at_ms, options.from().ms);
    }
}

// Expected repeat purchases of a customer who came `weeks` ago, by integrating over the rate and
// the dropout in plain steps: given both, purchases form a Poisson process killed with probability
// p at each, the first included, so E = (1-p) (1 - exp(-p lambda t)) / p.
double expected_repeats(const WorldOptions& world, double weeks) {
    SeededRandom random(99, 7);
    constexpr int kDraws = 200'000;
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double rate = random.gamma(world.r) / world.alpha_weeks;
        const double p = random.beta(world.a, world.b);
        const double age = weeks * random.uniform();
        sum += p > 1e-12 ? (1 - p) * -std::expm1(-p * rate * age) / p : rate * age;
    }
    return sum / kDraws;
}

TEST(SimulatedWorld, BuysAsOftenAsTheModelSays) {
    WorldOptions options = small_world();
    options.customers = 40'000;
    options.days = 700;
    std::vector<SimulatedRecord> records;
    double repeats = 0;
    double squares = 0;
    for (std::uint32_t customer = 0; customer < options.customers; ++customer) {
        records.clear();
        const double x = simulate_customer(options, customer, records).orders - 1.0;
        repeats += x;
        squares += x * x;
    }
    const double n = options.customers;
    const double mean = repeats / n;
    const double error = std::sqrt((squares / n - mean * mean) / n);
    EXPECT_NEAR(mean, expected_repeats(options, 100), 5 * error);
}

// Mean and variance of 200,000 draws, within five standard errors of the mean.
template <class Draw>
void expect_moments(double mean, double variance, Draw draw) {
    constexpr int kDraws = 200'000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double x = draw();
        sum += x;
        squares += x * x;
    }
    const double seen = sum / kDraws;
    EXPECT_NEAR(seen, mean, 5 * std::sqrt(variance / kDraws));
    EXPECT_NEAR(squares / kDraws - seen * seen, variance, 0.05 * variance);
}

TEST(SeededRandom, SamplersHaveTheirMoments) {
    SeededRandom random(3, 1);
    expect_moments(0.5, 1.0 / 12, [&] { return random.uniform(); });
    expect_moments(0, 1, [&] { return random.normal(); });
    expect_moments(2, 4, [&] { return random.exponential(2); });
    expect_moments(0.4, 0.4, [&] { return random.gamma(0.4); });
    expect_moments(7, 7, [&] { return random.gamma(7); });
    expect_moments(0.25, 0.25 * 0.75 / 5, [&] { return random.beta(1, 3); });
}

TEST(SeededRandom, StreamsDiffer) {
    EXPECT_NE(SeededRandom(1, 1).bits(), SeededRandom(1, 2).bits());
    EXPECT_NE(SeededRandom(1, 1).bits(), SeededRandom(2, 1).bits());
    // The same on every machine.
    EXPECT_EQ(SeededRandom(1, 1).bits(), SeededRandom(1, 1).bits());
}

}  // namespace
}  // namespace patron::tools
