#include "tests/support/random_customer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

// Prices and thresholds are multiples of this, so that sums meet thresholds exactly.
constexpr std::int64_t kPrice = 50'00;

// Shanghai has no clock changes; in Sao Paulo they fall on midnight, in St. John's they fell on one
// minute past it, Lord Howe's are of half an hour, Apia left a day out.
constexpr std::array<const char*, 6> kZones{
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia"
};

// 2006-01-01, 2010-09-01, 2011-09-01 (Apia's short year), 2023-09-01 (a leap day ahead).
constexpr std::array<std::int64_t, 4> kStarts{
    1'136'073'600'000, 1'283'299'200'000, 1'314'835'200'000, 1'693'526'400'000
};

Feature windowed(FeatureKind kind, std::size_t window) {
    return {kind, static_cast<std::uint8_t>(window)};
}

}  // namespace

void MadeCustomer::sort_ledger() {
    ledger = log;
    std::sort(ledger.begin(), ledger.end());
}

std::int64_t CustomerMaker::whole(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
}

double CustomerMaker::real(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
}

Instant CustomerMaker::between(Instant from, Instant to) {
    return Instant{whole(from.ms, std::max(from.ms, to.ms))};
}

double CustomerMaker::pick(std::span<const double> values) {
    return values[static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(values.size()) - 1))];
}

// ---- Policies ---------------------------------------------------------------------------------

Atom CustomerMaker::atom(const Policy& p, PolicyWishes wishes) {
    using enum FeatureKind;
    const auto window =
        static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(p.window_days.size()) - 1));
    const auto price = static_cast<double>(whole(1, 12) * kPrice);
    if (wishes.spend_only) {
        return {windowed(SpendWindow, window), Comparison::AtLeast, price, {}};
    }
    const std::int64_t kind = whole(0, wishes.continuous ? 17 : 12);
    switch (kind) {
        case 0:
        case 1:
        case 2:
            return {windowed(SpendWindow, window), Comparison::AtLeast, price, {}};
        case 3:
        case 4:
            return {windowed(OrdersWindow, window), Comparison::AtLeast, real(0, 4), {}};
        case 5:
            return {{SpendLifetime, 0}, Comparison::AtLeast, 2 * price, {}};
        case 6:
            return {windowed(ReturnRateWindow, window), Comparison::AtMost, real(0, 0.6), {}};
        case 7:
            return {{RecencyWholeDays, 0}, Comparison::AtMost, real(1, 90), {}};
        case 8:
            return {{NpsLast, 0}, Comparison::In, 0, {8, 9, 10}};
        case 9:
            return {{PurchaseDays, 0}, Comparison::Equal, 2, {}};
        case 10:
            return {{ComplaintLoad, 0}, Comparison::AtMost, real(0.1, 1.2), {}};
        case 11:
            return {{ValueIndex, 0}, Comparison::AtLeast, real(10, 70), {}};
        case 12:
            return {{RfmR, 0}, Comparison::AtLeast, 3, {}};
        case 13:
            return {{RecencyDays, 0}, Comparison::AtMost, real(1, 120), {}};
        case 14:
            return {{TenureDays, 0}, Comparison::AtLeast, static_cast<double>(whole(1, 200)), {}};
        case 15:
            return {{PAlive, 0}, Comparison::AtLeast, real(0.2, 0.8), {}};
        case 16:
            return {{OldestOpenHours, 0}, Comparison::AtMost, real(1, 300), {}};
        default:
            return {{PurchaseProbability, 0}, Comparison::AtLeast, real(0.1, 0.6), {}};
    }
}

Rule CustomerMaker::rule(const Policy& p, PolicyWishes wishes) {
    Rule out;
    const std::int64_t clauses = wishes.spend_only ? 1 : whole(1, 2);
    for (std::int64_t c = 0; c < clauses; ++c) {
        Clause clause;
        const std::int64_t atoms = wishes.spend_only ? 1 : whole(1, 2);
        for (std::int64_t a = 0; a < atoms; ++a) {
            clause.push_back(atom(p, wishes));
        }
        out.push_back(std::move(clause));
    }
    return out;
}

void CustomerMaker::add_tiers(Policy& p, PolicyWishes wishes) {
    p.tiers.push_back({"t0", {}, {}, std::nullopt});
    const std::int64_t more = whole(1, 3);
    for (std::int64_t t = 1; t <= more; ++t) {
        Tier tier{"t" + std::to_string(t), {}, rule(p, wishes), std::nullopt};
        if (chance(0.5)) {
            tier.keep = rule(p, wishes);
        }
        p.tiers.push_back(std::move(tier));
    }
    constexpr std::array<double, 5> kGraces{0, 1, 1.5, 30, 90};
    p.grace_days = pick(kGraces);
    p.max_step = static_cast<int>(whole(1, 3));
}

void CustomerMaker::add_dimensions(Policy& p) {
    using enum FeatureKind;
    const auto last = p.window_days.size() - 1;
    const std::array<Dimension, 4> choice{
        {{"spend", windowed(SpendWindow, last), 0, {{0, 0}, {200'00, 60}, {600'00, 100}}},
         {"fresh", {RecencyWholeDays, 0}, 0, {{0, 100}, {30, 50}, {90, 0}}},
         {"known", {TenureWholeDays, 0}, 0, {{10, 0}, {100, 100}}},
         {"said", {ExpertScore, 0}, 0, {{0, 10}, {100, 100}}}}
    };
    const auto used = static_cast<std::size_t>(whole(0, 4));
    for (std::size_t d = 0; d < used; ++d) {
        p.dimensions.push_back(choice[d]);
        p.dimensions.back().weight = 1.0 / static_cast<double>(used);
    }
    if (chance(0.7)) {
        p.rfm = RfmCutPoints{{-120, -60, -30, -7}, {1, 2, 4, 8}, {50'00, 100'00, 300'00, 900'00}};
    }
}

void CustomerMaker::add_service(Policy& p) {
    constexpr std::array<double, 5> kCadences{0, 7, 14.5, 30, 60};
    for (std::size_t cell = 0; cell < p.tiers.size() * kStages; ++cell) {
        p.service.push_back({"s", pick(kCadences), 24, {}, {}});
    }
    p.follow_up.contact_pressure_max = real(0.7, 2.5);
}

SilenceLimit CustomerMaker::limit(double days, double probability, PolicyWishes wishes) {
    if (wishes.continuous && chance(0.4)) {
        return {LimitUnit::Probability, probability, days};
    }
    return chance(0.5) ? SilenceLimit{LimitUnit::Intervals, days / 30, days}
                       : SilenceLimit{LimitUnit::Days, days, days};
}

std::shared_ptr<const CompiledPolicy> CustomerMaker::policy(PolicyWishes wishes) {
    constexpr std::array<std::array<int, 4>, 4> kWindows{
        {{30, 90, 365, 0}, {7, 30, 90, 180}, {30, 60, 0, 0}, {90, 0, 0, 0}}
    };
    Policy p;
    p.window_days.clear();
    for (const int days : kWindows[static_cast<std::size_t>(whole(0, 3))]) {
        if (days > 0) {
            p.window_days.push_back(days);
        }
    }
    p.horizon_days = chance(0.5) ? 90 : real(10, 200);
    p.purchase = chance(0.7) ? kCdnowMbgNbd : kCdnowBgNbd;
    for (double& weight : p.signal_weights) {
        weight = chance(0.3) ? 0 : real(0, 1.5);
    }
    p.bands = {real(0.3, 0.6), real(0.65, 0.9), chance(0.3) ? 0 : real(0, 0.1)};
    p.lifecycle = {
        static_cast<double>(whole(1, 40)),
        limit(60, 0.25, wishes),
        limit(120, 0.08, wishes),
        static_cast<double>(whole(1, 60))
    };
    add_dimensions(p);
    add_tiers(p, wishes);
    add_service(p);
    FactSchema schema;
    schema.time_zone = kZones[static_cast<std::size_t>(whole(0, std::ssize(kZones) - 1))];
    schema.activity_half_life_days = 13.37;
    schema.complaint_half_life_days = 29.71;
    schema.contact_half_life_days = 14.13;
    auto made = compile(std::move(p), std::move(schema));
    PATRON_CHECK(made != nullptr);
    return made;
}

// ---- Customers --------------------------------------------------------------------------------

Instant CustomerMaker::next_instant(const CompiledPolicy& p, Instant before, Instant first) {
    switch (whole(0, 9)) {
        case 0:
            return before;
        case 1:
            return p.days->next_midnight(before);
        case 2:
            return Instant{p.days->next_midnight(before).ms - 1};
        case 3: {
            const auto window =
                static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(p.windows) - 1));
            return plus_ms(before, std::min(p.window_ms[window], 90 * kDayMs));
        }
        case 4:
            return between(first, before);  // late
        default:
            return plus_ms(before, whole(0, 25 * kDayMs));
    }
}

LedgerEntry CustomerMaker::voice(Instant at) {
    const auto key = static_cast<std::uint64_t>(whole(0, 3));
    const auto score = [](double value) {
        return std::bit_cast<std::int64_t>(value);
    };
    switch (whole(0, 11)) {
        case 0:
            return make_entry(EntryKind::TicketOpened, at, 3, key);
        case 1:
            return make_entry(EntryKind::TicketFirstResponse, at, 0, key);
        case 2:
            return make_entry(EntryKind::TicketResolved, at, 0, key);
        case 3:
            return make_entry(EntryKind::Complaint, at, whole(1, 5));
        case 4:
            return make_entry(EntryKind::Review, at, whole(1, 5));
        case 5:
            return make_entry(EntryKind::Nps, at, score(static_cast<double>(whole(0, 10))), key);
        case 6:
            return make_entry(EntryKind::Csat, at, score(static_cast<double>(whole(1, 5))), key);
        case 7:
            return make_entry(EntryKind::Feedback, at, score(real(-1, 1)), key);
        case 8:
            return make_entry(EntryKind::ReferralMade, at, 1);
        case 9:
            return make_entry(EntryKind::TrainingStarted, at, 1);
        case 10:
            return make_entry(EntryKind::TrainingCompleted, at, 1);
        default:
            return make_entry(EntryKind::ReferralConverted, at, 1);
    }
}

// Orders and refunds share few keys, so that refunds meet their orders, before and after them.
LedgerEntry CustomerMaker::event(Instant at) {
    const auto key = static_cast<std::uint64_t>(whole(1, 12));
    switch (whole(0, 15)) {
        case 0:
            return make_entry(EntryKind::Refund, at, whole(1, 6) * kPrice / 2, key);
        case 1:
            return make_entry(EntryKind::RefundRest, at, 0, key);
        case 2:
            return make_entry(EntryKind::FollowUp, at, 1);
        case 3:
            return make_entry(EntryKind::FollowUp, at, 1, 7);
        case 4:
            return chance(0.3) ? make_entry(EntryKind::ChurnConfirmed, at, 0)
                               : make_entry(EntryKind::Margin, at, whole(-5000, 5000), key);
        case 5:
            return make_entry(EntryKind::Cost, at, whole(0, 5000));
        case 6:
        case 7:
        case 8:
            return voice(at);
        case 9:
            return make_entry(EntryKind::Order, at, 0, key);
        default:
            return make_entry(EntryKind::Order, at, whole(1, 6) * kPrice, key);
    }
}

void CustomerMaker::add_override(const CompiledPolicy& p, MadeCustomer& made) {
    const auto last_tier = static_cast<std::int64_t>(p.policy.tiers.size()) - 1;
    const Instant at = made.log[made.log.size() / 2].at;
    made.tier_override = {
        static_cast<OverrideKind>(whole(1, 3)),
        static_cast<std::uint8_t>(whole(0, last_tier)),
        at,
        chance(0.2) ? kNever : plus_ms(at, chance(0.5) ? p.grace_ms + 1 : whole(1, 90 * kDayMs))
    };
}

MadeCustomer CustomerMaker::customer(const CompiledPolicy& p) {
    MadeCustomer made;
    const Instant first{kStarts[static_cast<std::size_t>(whole(0, 3))] + whole(0, 90 * kDayMs)};
    Instant at = first;
    const std::int64_t entries = whole(1, 24);
    for (std::int64_t i = 0; i < entries; ++i) {
        made.log.push_back(event(at));
        at = next_instant(p, at, first);
    }
    if (chance(0.4)) {
        made.activity = {real(0, 6), p.days->day_of(made.log.back().at)};
    }
    if (chance(0.4)) {
        add_override(p, made);
    }
    made.profile.do_not_contact = chance(0.1);
    made.profile.expert_score = chance(0.5) ? static_cast<double>(whole(0, 100)) : kUnknown;
    made.sort_ledger();
    return made;
}

}  // namespace patron::scoring
