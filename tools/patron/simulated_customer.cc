#include "tools/patron/simulated_customer.h"

#include <algorithm>

#include "tools/patron/seeded_random.h"

namespace patron::tools {
namespace {

using scoring::kDayMs;
using scoring::kHourMs;

constexpr double kWeekMs = 7.0 * static_cast<double>(kDayMs);
constexpr double kAmountMax = 100'000'000;  // minor units

// How often things happen; plausible for a shop, and known to whoever checks a report against them.
constexpr double kProfileShare = 0.3;
constexpr double kReturnProneShare = 0.1;
constexpr double kRefundChance = 0.03;
constexpr double kRefundChanceProne = 0.3;
constexpr double kWholeRefundShare = 0.6;
constexpr double kReviewChance = 0.06;
constexpr double kCsatChance = 0.08;
constexpr double kTicketChance = 0.07;
constexpr double kComplaintChance = 0.02;
constexpr double kReferralChance = 0.02;
constexpr double kTrainingChance = 0.01;
constexpr double kVisitsPerWeekMean = 0.2;
constexpr double kNpsEveryDays = 180;
constexpr double kFollowUpEveryDays = 120;
constexpr double kLingerDays = 14;  // visits go on for so long behind the last purchase

class Life {
  public:
    Life(const WorldOptions& options, std::uint32_t customer, std::vector<SimulatedRecord>& out)
        : options_(options), out_(out), random_(options.seed, customer), customer_(customer) {}

    CustomerTruth run() {
        const double span = static_cast<double>(options_.days) * static_cast<double>(kDayMs);
        const std::int64_t first =
            options_.from().ms + static_cast<std::int64_t>(random_.uniform() * span);
        truth_.rate_per_week = random_.gamma(options_.r) / options_.alpha_weeks;
        truth_.dropout = random_.beta(options_.a, options_.b);
        mean_log_ = scoring::vm::log(options_.amount_mean * 100) +
                    options_.amount_spread_customers * random_.normal();
        mood_ = random_.uniform();
        return_prone_ = random_.chance(kReturnProneShare);
        if (random_.chance(kProfileShare)) {
            const std::uint8_t strategic = pick(5);
            const std::uint8_t influence = pick(101);
            add(SimulatedKind::Profile, first, 0, influence, strategic);
        }
        buy_until_silent(first);
        browse(first);
        survey(first);
        follow_up(first);
        return truth_;
    }

  private:
    std::uint8_t pick(std::uint32_t n) { return static_cast<std::uint8_t>(random_.below(n)); }

    // Unhappy customers (mood near 0) give low grades.
    std::uint8_t grade(int low, int high) {
        const double wobble = std::clamp(mood_ + 0.25 * random_.normal(), 0.0, 0.999);
        return static_cast<std::uint8_t>(low + static_cast<int>(wobble * (high - low + 1)));
    }

    std::int64_t days_after(std::int64_t at, double low, double high) {
        return at +
               static_cast<std::int64_t>(random_.uniform(low, high) * static_cast<double>(kDayMs));
    }

    std::uint32_t add(
        SimulatedKind kind,
        std::int64_t at,
        std::uint32_t amount = 0,
        std::uint8_t grade = 0,
        std::uint8_t variant = 0,
        std::uint32_t order = 0
    ) {
        if (at <= options_.until.ms) {
            out_.push_back({at, customer_, number_, order, amount, kind, grade, variant});
        }
        return number_++;
    }

    // What a customer says of an order some days later. Each number is drawn in a statement of its own:
    // the order in which arguments are evaluated is the compiler's, and the bytes must not be.
    void opinion(
        SimulatedKind kind, std::int64_t at, double low, double high, std::uint32_t variants
    ) {
        const std::uint8_t variant = pick(variants);
        const std::uint8_t given = grade(1, 5);
        const std::int64_t when = days_after(at, low, high);
        add(kind, when, 0, given, variant);
    }

    void deed(SimulatedKind kind, std::int64_t at, std::uint32_t order = 0) {
        const std::uint8_t variant = pick(2);
        const std::int64_t when = days_after(at, 1, 30);
        add(kind, when, 0, 0, variant, order);
    }

    void complaint(std::int64_t at) {
        const auto severity = static_cast<std::uint8_t>(6 - grade(1, 5));
        const std::int64_t when = days_after(at, 1, 15);
        add(SimulatedKind::Complaint, when, 0, severity);
    }

    void buy_until_silent(std::int64_t first) {
        std::int64_t at = first;
        for (;;) {
            ++truth_.orders;
            last_order_ = at;
            order(at);
            if (random_.chance(truth_.dropout)) {
                return;
            }
            const double gap = random_.exponential(kWeekMs) / truth_.rate_per_week;
            if (gap >= static_cast<double>(options_.until.ms - at)) {
                truth_.alive = true;
                return;
            }
            at += static_cast<std::int64_t>(gap);
        }
    }

    void order(std::int64_t at) {
        const double log_amount = mean_log_ + options_.amount_spread_orders * random_.normal();
        const double size = std::clamp(scoring::vm::exp(log_amount), 1.0, kAmountMax);
        const auto amount = static_cast<std::uint32_t>(size);
        const std::uint32_t number = add(SimulatedKind::Order, at, amount, 0, pick(2));
        if (random_.chance(return_prone_ ? kRefundChanceProne : kRefundChance)) {
            const double part = random_.uniform(0.1, 0.9) * size;
            const bool whole = random_.chance(kWholeRefundShare);
            const std::uint32_t back = whole ? 0 : std::max(1U, static_cast<std::uint32_t>(part));
            add(SimulatedKind::Refund, days_after(at, 2, 20), back, 0, 0, number);
        }
        if (random_.chance(kReviewChance)) {
            opinion(SimulatedKind::Review, at, 3, 14, 2);
        }
        if (random_.chance(kCsatChance)) {
            opinion(SimulatedKind::SurveyCsat, at, 1, 7, 3);
        }
        if (random_.chance(kTicketChance)) {
            ticket(days_after(at, 0.5, 10));
        }
        if (random_.chance(kComplaintChance)) {
            complaint(at);
        }
        if (random_.chance(kReferralChance)) {
            deed(SimulatedKind::Referral, at, number);
        }
        if (random_.chance(kTrainingChance)) {
            deed(SimulatedKind::Training, at);
        }
    }

    void ticket(std::int64_t at) {
        const std::uint8_t severity = static_cast<std::uint8_t>(1 + random_.below(5));
        const std::uint32_t opened = add(SimulatedKind::TicketOpened, at, 0, severity);
        const double hours = random_.exponential(8);
        const std::int64_t answered =
            at + static_cast<std::int64_t>(hours * static_cast<double>(kHourMs));
        add(SimulatedKind::TicketFirstResponse, answered, 0, severity, 0, opened);
        if (random_.chance(0.9)) {
            add(SimulatedKind::TicketResolved, days_after(answered, 0.1, 6), 0, severity, 0, opened
            );
        }
    }

    void browse(std::int64_t first) {
        const double mean = kWeekMs / (kVisitsPerWeekMean * random_.gamma(2) / 2);
        const std::int64_t linger = last_order_ + static_cast<std::int64_t>(kLingerDays) * kDayMs;
        const std::int64_t end =
            truth_.alive ? options_.until.ms : std::min(linger, options_.until.ms);
        for (double at = random_.exponential(mean); at < static_cast<double>(end - first);
             at += random_.exponential(mean)) {
            add(SimulatedKind::Visit, first + static_cast<std::int64_t>(at), 0, 0, pick(3));
        }
    }

    void survey(std::int64_t first) {
        std::int64_t at = days_after(first, 20, kNpsEveryDays);
        while (at <= options_.until.ms && (truth_.alive || at <= last_order_)) {
            if (random_.chance(0.25)) {
                add(SimulatedKind::SurveyNps, at, 0, grade(0, 10));
            }
            at = days_after(at, kNpsEveryDays - 10, kNpsEveryDays + 10);
        }
    }

    void follow_up(std::int64_t first) {
        std::int64_t at = days_after(first, 10, kFollowUpEveryDays);
        const std::int64_t end = std::min(options_.until.ms, last_order_ + 365 * kDayMs);
        while (at <= end) {
            if (random_.chance(0.4)) {
                add(SimulatedKind::FollowUp, at, 0, 0, pick(3));
            }
            at = days_after(at, kFollowUpEveryDays - 30, kFollowUpEveryDays + 30);
        }
    }

    const WorldOptions& options_;
    std::vector<SimulatedRecord>& out_;
    SeededRandom random_;
    std::uint32_t customer_;
    std::uint32_t number_ = 0;
    std::int64_t last_order_ = 0;
    double mean_log_ = 0;
    double mood_ = 0;
    bool return_prone_ = false;
    CustomerTruth truth_;
};

}  // namespace

CustomerTruth simulate_customer(
    const WorldOptions& options, std::uint32_t customer, std::vector<SimulatedRecord>& out
) {
    return Life(options, customer, out).run();
}

}  // namespace patron::tools
