// Facts added up as of an instant: windows to the millisecond, refunds, days, and for how long a
// sum holds.

#include "scoring/rollup.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "scoring/moment.h"
#include "tests/scoring/small_world.h"
#include "tests/support/random_customer.h"
#include "tests/support/reference_scoring.h"
#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

constexpr std::size_t k30Days = 0;
constexpr std::size_t k365Days = 2;

void expect_same_number(double got, double want, const char* what) {
    EXPECT_EQ(std::isnan(got), std::isnan(want)) << what;
    if (!std::isnan(want)) {
        EXPECT_NEAR(got, want, 1e-11 * std::max(1.0, std::fabs(want))) << what;
    }
}

void expect_features(
    const CompiledPolicy& policy, const Facts& facts, const Rollup& rollup, Instant now
) {
    const ReferenceCustomer reference(policy, facts);
    const Moment moment{policy, facts, rollup, now};
    for (const FeatureInfo& entry : feature_table()) {
        const std::size_t windows = entry.windowed ? policy.windows : 1;
        for (std::size_t w = 0; w < windows; ++w) {
            const Feature feature{entry.kind, static_cast<std::uint8_t>(w)};
            const std::string name = feature_name(feature, policy.policy.window_days);
            expect_same_number(
                feature_value(moment, feature), reference.feature(feature, now), name.c_str()
            );
        }
    }
}

TEST(RollUp, EveryFeatureIsTheReferencesForAsLongAsTheRollupHolds) {
    const std::uint64_t seed = test_seed(201);
    CustomerMaker make(seed);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({.continuous = true, .spend_only = false});
        const MadeCustomer made = make.customer(*policy);
        const Facts facts = made.facts();
        const Instant last = plus_days(made.ledger.back().at, 400);
        const Instant at = make.between(plus_days(made.ledger.front().at, -2), last);
        const Rollup rollup = roll_up(*policy, facts, at);
        ASSERT_GT(rollup.valid_until, at);
        expect_features(*policy, facts, rollup, at);
        const Instant eve{std::min(rollup.valid_until, plus_days(at, 400)).ms - 1};
        expect_features(*policy, facts, rollup, eve);
        expect_features(*policy, facts, rollup, make.between(at, eve));
    }
}

// ---- Large ledgers ----------------------------------------------------------------------------

// Hundreds of entries of every kind: many customers' lives in one, each with order ids of its own.
MadeCustomer crowded_customer(CustomerMaker& make, const CompiledPolicy& policy) {
    MadeCustomer all = make.customer(policy);
    const auto lives = static_cast<std::uint64_t>(make.whole(10, 30));
    for (std::uint64_t life = 1; life < lives; ++life) {
        for (LedgerEntry entry : make.customer(policy).log) {
            entry.tag += life << 8;
            all.log.push_back(entry);
        }
    }
    all.sort_ledger();
    return all;
}

// An instant at which some entry is, or has just been, or is about to be, or is leaving a window.
Instant coincidence(CustomerMaker& make, const CompiledPolicy& policy, Ledger ledger) {
    const auto any = [&](std::size_t size) {
        return static_cast<std::size_t>(make.whole(0, static_cast<std::int64_t>(size) - 1));
    };
    const Instant at = ledger[any(ledger.size())].at;
    const std::int64_t since = make.chance(0.7) ? policy.window_ms[any(policy.windows)] : 0;
    return plus_ms(at, since + make.whole(-1, 1));
}

TEST(RollUp, EveryFeatureOfALargeLedgerIsTheReferences) {
    const std::uint64_t seed = test_seed(203);
    CustomerMaker make(seed);
    for (int i = 0; i < 30 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({.continuous = true, .spend_only = false});
        const MadeCustomer made = crowded_customer(make, *policy);
        const Facts facts = made.facts();
        for (int ask = 0; ask < 4; ++ask) {
            const Instant at = coincidence(make, *policy, facts.ledger);
            const Rollup rollup = roll_up(*policy, facts, at);
            ASSERT_GT(rollup.valid_until, at);
            expect_features(*policy, facts, rollup, at);
            const Instant eve{std::min(rollup.valid_until, plus_days(at, 400)).ms - 1};
            expect_features(*policy, facts, rollup, eve);
        }
    }
}

// A busy buyer: many orders on one day, at one instant, on midnights, across clock changes; with some
// refunds, or none.
std::vector<LedgerEntry> busy_ledger(CustomerMaker& make, const CompiledPolicy& policy) {
    const double refunds = make.chance(0.5) ? 0 : make.real(0, 0.3);
    const double confirmations = make.chance(0.5) ? 0 : 0.02;
    std::vector<LedgerEntry> out;
    Instant at{make.whole(946'684'800'000, 1'500'000'000'000)};
    for (std::int64_t i = make.whole(200, 600); i > 0; --i) {
        const auto key = static_cast<std::uint64_t>(i);
        const std::int64_t value = make.whole(0, 5) * 10'00;
        out.push_back(make_entry(EntryKind::Order, at, value, key));
        if (make.chance(refunds)) {
            const auto kind = make.chance(0.2) ? EntryKind::RefundRest : EntryKind::Refund;
            const Instant back = plus_ms(at, make.whole(0, 40) * kDayMs);
            const std::int64_t amount = kind == EntryKind::Refund ? make.whole(1, 60'00) : 0;
            out.push_back(make_entry(kind, back, amount, make.chance(0.2) ? key + 10'000 : key));
        }
        if (make.chance(confirmations)) {
            out.push_back(make_entry(EntryKind::ChurnConfirmed, plus_ms(at, make.whole(0, 1)), 0));
        }
        switch (make.whole(0, 5)) {
            case 0:
                at = policy.days->next_midnight(at);
                break;
            case 1:
                at = Instant{policy.days->next_midnight(at).ms - 1};
                break;
            case 2:
                at = plus_ms(at, make.chance(0.1) ? policy.churned.days_ms - make.whole(0, 1) : 0);
                break;
            case 3:
                at = plus_ms(at, make.whole(0, 10 * kDayMs));
                break;
            default:
                at = plus_ms(at, make.whole(0, kHourMs));
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

// The orders of a ledger added up entry by entry, window by window, from the words of rollup.h.
class PlainSums {
  public:
    PlainSums(const CompiledPolicy& policy, Ledger ledger, Instant now)
        : policy_(policy), ledger_(ledger), now_(now) {
        for (const LedgerEntry& entry : ledger) {
            if (entry.at > now) {
                break;
            }
            if (entry.kind() == EntryKind::Refund) {
                refunds_[entry.key()] += entry.value;
            } else if (entry.kind() == EntryKind::RefundRest) {
                rest_.insert(entry.key());
            } else if (entry.kind() == EntryKind::ChurnConfirmed) {
                confirmed_ = entry.at;
            } else if (entry.kind() == EntryKind::Order) {
                orders_.insert(entry.key());
            }
        }
    }

    SpendSums since(Instant begin) const {
        SpendSums sums;
        for (const LedgerEntry& entry : ledger_) {
            if (entry.at > now_ || entry.at <= begin) {
                continue;
            }
            if (entry.kind() == EntryKind::Order) {
                sums.gross.minor += entry.value;
                sums.refunded.minor += refunded(entry);
                sums.orders += counts(entry) ? 1 : 0;
            } else if (entry.kind() == EntryKind::Refund && !orders_.contains(entry.key())) {
                sums.refunded.minor += entry.value;
            }
        }
        sums.spend = sums.gross - sums.refunded;
        return sums;
    }

    std::vector<Instant> purchases() const {
        std::vector<Instant> out;
        for (const LedgerEntry& entry : ledger_) {
            if (entry.at <= now_ && entry.kind() == EntryKind::Order && counts(entry)) {
                out.push_back(entry.at);
            }
        }
        return out;
    }

    Instant comeback() const {
        Instant out = kLongAgo;
        const auto bought = purchases();
        for (std::size_t i = 1; i < bought.size(); ++i) {
            const bool silent = bought[i].ms - bought[i - 1].ms >= policy_.churned.days_ms;
            if (silent || (confirmed_ >= bought[i - 1] && confirmed_ < bought[i])) {
                out = bought[i];
            }
        }
        return out;
    }

    // The next instant at which an entry takes effect or what counts in a window leaves it.
    Instant next_step() const {
        Instant out = kNever;
        for (const LedgerEntry& entry : ledger_) {
            if (entry.at > now_) {
                out = std::min(out, entry.at);
                continue;
            }
            const bool orphan = entry.kind() == EntryKind::Refund && !orders_.contains(entry.key());
            for (std::size_t w = 0; w < policy_.windows; ++w) {
                const Instant leaves = plus_ms(entry.at, policy_.window_ms[w]);
                if (leaves > now_ && (orphan || entry.kind() == EntryKind::Order)) {
                    out = std::min(out, leaves);
                }
            }
        }
        return out;
    }

  private:
    std::int64_t refunded(const LedgerEntry& order) const {
        const auto found = refunds_.find(order.key());
        if (rest_.contains(order.key())) {
            return order.value;
        }
        return found == refunds_.end() ? 0 : std::min(order.value, found->second);
    }
    bool counts(const LedgerEntry& order) const {
        return order.value == 0 || refunded(order) < order.value;
    }

    const CompiledPolicy& policy_;
    const Ledger ledger_;
    const Instant now_;
    std::map<std::uint64_t, std::int64_t> refunds_;
    std::set<std::uint64_t> rest_;
    std::set<std::uint64_t> orders_;
    Instant confirmed_ = kLongAgo;
};

void expect_sums(const SpendSums& got, const SpendSums& want) {
    EXPECT_EQ(got.spend.minor, want.spend.minor);
    EXPECT_EQ(got.gross.minor, want.gross.minor);
    EXPECT_EQ(got.refunded.minor, want.refunded.minor);
    EXPECT_EQ(got.orders, want.orders);
}

void expect_plain(const CompiledPolicy& policy, Ledger ledger, const Rollup& got, Instant now) {
    const PlainSums plain(policy, ledger, now);
    expect_sums(got.lifetime, plain.since(kLongAgo));
    for (std::size_t w = 0; w < policy.windows; ++w) {
        expect_sums(got.window[w], plain.since(Instant{now.ms - policy.window_ms[w]}));
    }
    const auto bought = plain.purchases();
    std::set<Day> days;
    for (const Instant at : bought) {
        days.insert(policy.days->day_of(at));
    }
    ASSERT_EQ(got.purchase_days, days.size());
    ASSERT_EQ(got.has_purchase(), !bought.empty());
    if (!bought.empty()) {
        EXPECT_EQ(got.first_day, *days.begin());
        EXPECT_EQ(got.last_day, *days.rbegin());
        EXPECT_EQ(got.first_midnight, policy.days->start_of(*days.begin()));
        EXPECT_EQ(got.first_purchase, bought.front());
        EXPECT_EQ(got.last_purchase, bought.back());
    }
    EXPECT_EQ(got.comeback, plain.comeback());
    const bool steps_daily = policy.recency_steps_days > 0 || policy.tenure_steps_days > 0;
    if (!steps_daily) {
        EXPECT_EQ(got.valid_until, plain.next_step());
    }
}

TEST(RollUp, TheSumsOfABusyBuyerAreThePlainOnesToTheLastBit) {
    const std::uint64_t seed = test_seed(204);
    CustomerMaker make(seed);
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({.continuous = false, .spend_only = make.chance(0.5)});
        const auto ledger = busy_ledger(make, *policy);
        for (int ask = 0; ask < 8 && !HasFailure(); ++ask) {
            const Instant at = coincidence(make, *policy, ledger);
            SCOPED_TRACE(::testing::Message() << "at " << at.ms);
            expect_plain(*policy, ledger, roll_up(*policy, {ledger, {}, {}, {}}, at), at);
        }
    }
}

TEST(RollUp, AnOrderIsInTheWindowUntilItsLastMillisecond) {
    SmallWorld world;
    const Instant at = world.noon(0);
    world.order(at, 100'00, 1);
    const Instant out = plus_days(at, 30);
    EXPECT_EQ(world.rollup(at).window[k30Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(Instant{out.ms - 1}).window[k30Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(Instant{out.ms - 1}).valid_until, out);
    EXPECT_EQ(world.rollup(out).window[k30Days].spend.minor, 0);
    EXPECT_EQ(world.rollup(out).window[k30Days].orders, 0u);
    EXPECT_EQ(world.rollup(out).window[k365Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(out).lifetime.spend.minor, 100'00);
}

TEST(RollUp, AnEntryIsNotSeenBeforeItsInstant) {
    SmallWorld world;
    world.order(world.noon(5), 100'00, 1);
    const Rollup before = world.rollup(Instant{world.noon(5).ms - 1});
    EXPECT_FALSE(before.has_purchase());
    EXPECT_EQ(before.valid_until, world.noon(5));
    EXPECT_TRUE(world.rollup(world.noon(5)).has_purchase());
}

TEST(RollUp, AnOrderOfNothingIsAPurchase) {
    SmallWorld world;
    world.order(world.noon(0), 0, 1);
    const Rollup r = world.rollup(world.noon(1));
    EXPECT_EQ(r.purchase_days, 1u);
    EXPECT_EQ(r.lifetime.orders, 1u);
    EXPECT_EQ(r.lifetime.spend.minor, 0);
    EXPECT_TRUE(std::isnan(r.lifetime.return_rate()));
}

TEST(RollUp, AFullRefundRemovesThePurchaseFromTheInstantOfTheRefund) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.order(world.noon(3), 40'00, 2);
    world.refund(world.noon(5), 25'00, 2);
    world.refund(world.noon(6), 15'00, 2);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 2u);
    const Rollup r = world.rollup(world.noon(6));
    EXPECT_EQ(r.purchase_days, 1u);
    EXPECT_EQ(r.last_purchase, world.noon(0));
    EXPECT_EQ(r.lifetime.orders, 1u);
    EXPECT_EQ(r.lifetime.spend.minor, 100'00);
    EXPECT_EQ(r.lifetime.refunded.minor, 40'00);
}

TEST(RollUp, ARefundOfTheRestLeavesNothingOfTheOrder) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.refund(world.noon(1), 30'00, 1);
    world.refund_rest(world.noon(2), 1);
    const Rollup r = world.rollup(world.noon(2));
    EXPECT_FALSE(r.has_purchase());
    EXPECT_EQ(r.lifetime.spend.minor, 0);
    EXPECT_EQ(r.lifetime.return_rate(), 1);
}

TEST(RollUp, ARefundAboveItsOrderIsCutToIt) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.refund(world.noon(1), 250'00, 1);
    EXPECT_EQ(world.rollup(world.noon(1)).lifetime.spend.minor, 0);
    EXPECT_EQ(world.rollup(world.noon(1)).lifetime.refunded.minor, 100'00);
}

TEST(RollUp, ARefundOfAnUnknownOrderMayTakeSpendBelowZero) {
    SmallWorld world;
    world.refund(world.noon(0), 80'00, 9);
    const Rollup r = world.rollup(world.noon(1));
    EXPECT_EQ(r.window[k30Days].spend.minor, -80'00);
    EXPECT_EQ(r.lifetime.spend.minor, -80'00);
    EXPECT_FALSE(r.has_purchase());
    EXPECT_EQ(world.rollup(plus_days(world.noon(0), 30)).window[k30Days].spend.minor, 0);
}

TEST(RollUp, ARefundMovesToItsOrdersTimeOnceTheOrderIsKnown) {
    SmallWorld world;
    world.refund(world.noon(40), 30'00, 1);
    EXPECT_EQ(world.rollup(world.noon(40)).window[k30Days].spend.minor, -30'00);
    world.order(world.noon(0), 100'00, 1);
    EXPECT_EQ(world.rollup(world.noon(40)).window[k30Days].spend.minor, 0);
    EXPECT_EQ(world.rollup(world.noon(40)).lifetime.spend.minor, 70'00);
}

TEST(RollUp, ALateOrderBeforeTheFirstMovesTheFirstDay) {
    SmallWorld world;
    world.order(world.noon(10), 10'00, 1);
    EXPECT_EQ(world.rollup(world.noon(20)).x(), 0u);
    world.order(world.noon(4), 10'00, 2);
    const Rollup r = world.rollup(world.noon(20));
    EXPECT_EQ(r.x(), 1u);
    EXPECT_EQ(r.t_x_days(), 6);
    EXPECT_EQ(r.first_purchase, world.noon(4));
    EXPECT_EQ(r.first_midnight, world.midnight(4));
}

TEST(RollUp, PurchasesOfOneCalendarDayCountOnce) {
    SmallWorld world;
    world.order(world.midnight(3), 10'00, 1);
    world.order(Instant{world.midnight(4).ms - 1}, 10'00, 2);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 1u);
    world.order(world.midnight(4), 10'00, 3);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 2u);
}

TEST(RollUp, ALeapDayIsADayLikeAnother) {
    SmallWorld world;
    const Instant leap_noon{1'709'179'200'000};  // 2024-02-29 12:00 in Shanghai
    world.order(plus_days(leap_noon, -1), 10'00, 1);
    world.order(leap_noon, 10'00, 2);
    world.order(plus_days(leap_noon, 1), 10'00, 3);
    const Rollup r = world.rollup(plus_days(leap_noon, 2));
    EXPECT_EQ(r.purchase_days, 3u);
    EXPECT_EQ(r.t_x_days(), 2);
}

TEST(RollUp, DecayedCountsStepAtMidnightAndHalveInTheirHalfLife) {
    SmallWorld world;
    world.add(make_entry(EntryKind::Complaint, world.noon(0), 5));
    EXPECT_EQ(world.rollup(world.noon(0)).complaint_load, 1);
    EXPECT_EQ(world.rollup(world.noon(0)).valid_until, world.midnight(1));
    EXPECT_EQ(world.rollup(Instant{world.midnight(1).ms - 1}).complaint_load, 1);
    EXPECT_LT(world.rollup(world.midnight(1)).complaint_load, 1);
    EXPECT_NEAR(world.rollup(world.noon(30)).complaint_load, 0.5, 1e-15);
    EXPECT_EQ(world.rollup(world.noon(181)).complaint_load, 0);
}

TEST(RollUp, TheFirstResponseAfterTheOpeningIsTheOneThatCounts) {
    SmallWorld world;
    const auto hours = [&](int h) {
        return plus_ms(world.noon(0), h * kHourMs);
    };
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(-1), 0, 7));
    world.add(make_entry(EntryKind::TicketOpened, hours(0), 3, 7));
    EXPECT_TRUE(std::isnan(world.rollup(hours(1)).first_response_hours));
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(6), 0, 7));
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(9), 0, 7));
    EXPECT_EQ(world.rollup(hours(10)).first_response_hours, 6);
    EXPECT_EQ(world.rollup(hours(10)).open_tickets, 1u);
    world.add(make_entry(EntryKind::TicketResolved, hours(11), 0, 7));
    EXPECT_EQ(world.rollup(hours(11)).open_tickets, 0u);
}

// A confirmation of the same millisecond as a purchase stands after it, and ends with the next one.
TEST(RollUp, APurchaseAfterAConfirmedLeavingIsAComeback) {
    for (const Instant confirmed : {SmallWorld::noon_of(2), SmallWorld::noon_of(3)}) {
        SmallWorld world;
        world.order(world.noon(2), 10'00, 1);
        world.add(make_entry(EntryKind::ChurnConfirmed, confirmed, 0));
        EXPECT_TRUE(world.rollup(world.noon(4)).churn_confirmed);
        world.order(world.noon(5), 10'00, 2);
        const Rollup r = world.rollup(world.noon(5));
        EXPECT_FALSE(r.churn_confirmed);
        EXPECT_EQ(r.comeback, world.noon(5));
    }
}

TEST(RollUp, ASilenceOfExactlyTheLimitWasAChurnedOne) {
    for (const std::int64_t early : {0, 1}) {
        SmallWorld world;
        world.order(world.noon(0), 10'00, 1);
        const Instant back{world.noon(365).ms - early};
        world.order(back, 10'00, 2);
        EXPECT_EQ(world.rollup(back).comeback, early == 0 ? back : kLongAgo);
    }
}

}  // namespace
}  // namespace patron::scoring
