// Ledgers of hundreds of entries, rich in coincidences: added up in one pass, and moved on, they give the
// plain sums to the last bit.

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/rollup.h"
#include "tests/scoring/expect_features.h"
#include "tests/support/random_customer.h"
#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

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

TEST(RollUpOfMany, EveryFeatureOfALargeLedgerIsTheReferences) {
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

TEST(RollUpOfMany, TheSumsOfABusyBuyerAreThePlainOnesToTheLastBit) {
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

// Every number of a rollup, floating ones as their bits.
std::vector<std::int64_t> numbers_of(const Rollup& r) {
    std::vector<std::int64_t> out{
        r.at.ms,
        r.valid_until.ms,
        r.purchase_days,
        r.first_day,
        r.last_day,
        r.first_midnight.ms,
        r.first_purchase.ms,
        r.last_purchase.ms,
        r.comeback.ms,
        r.churn_confirmed,
        r.only_orders,
        r.margin_365d.minor,
        r.cost_365d.minor,
        r.margin_known,
        r.cost_known,
        r.open_tickets,
        r.oldest_open.ms,
        r.referrals_made,
        r.referrals_converted,
        r.trainings_started,
        r.trainings_completed,
        r.tickets_known,
        r.last_follow_up.ms
    };
    for (const SpendSums& s : {r.window[0], r.window[1], r.window[2], r.window[3], r.lifetime}) {
        out.insert(out.end(), {s.spend.minor, s.gross.minor, s.refunded.minor, s.orders});
    }
    for (const double number :
         {r.nps_last,
          r.csat_last,
          r.csat_ewma,
          r.review_score,
          r.feedback_sentiment,
          r.first_response_hours,
          r.activity,
          r.activity_peak,
          r.complaint_load,
          r.contact_pressure}) {
        out.push_back(std::bit_cast<std::int64_t>(number));
    }
    return out;
}

TEST(RollUpOfMany, MovedOnItIsWhatRollUpGives) {
    const std::uint64_t seed = test_seed(205);
    CustomerMaker make(seed);
    for (int i = 0; i < 120 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({.continuous = false, .spend_only = make.chance(0.5)});
        auto ledger = busy_ledger(make, *policy);
        ledger.resize(static_cast<std::size_t>(make.chance(0.3) ? make.whole(1, 4) : 150));
        const Facts facts{ledger, {make.real(0, 9), policy->days->day_of(ledger[0].at)}, {}, {}};
        const Instant first =
            make.chance(0.5) ? ledger.back().at : coincidence(make, *policy, ledger);
        Rollup moved = roll_up(*policy, facts, first);
        for (int step = 0; step < 40 && !HasFailure(); ++step) {
            Instant to = std::min(moved.valid_until, plus_days(moved.at, 500));
            if (make.chance(0.3)) {
                to = std::max(moved.at, coincidence(make, *policy, ledger));
            }
            roll_on(*policy, facts, moved, to);
            EXPECT_EQ(numbers_of(moved), numbers_of(roll_up(*policy, facts, to)));
        }
    }
}

}  // namespace
}  // namespace patron::scoring
