#include "scoring/compiled_policy.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace patron::scoring {
namespace {

std::int64_t to_ms(double days) {
    return std::llround(days * static_cast<double>(kDayMs));
}

CompiledLimit compile_limit(const SilenceLimit& limit) {
    return {limit.unit, limit.value, to_ms(limit.days)};
}

// Nearer to 0 or 1 the rounding of a risk is too much, as log-odds.
double log_odds_of(double risk) {
    constexpr double kLeast = 1e-6;
    return risk >= kLeast && risk <= 1 - kLeast ? std::log(risk) - std::log1p(-risk)
                                                : std::numeric_limits<double>::quiet_NaN();
}

// Lets `days` reach as far as a feature's whole days still matter to `threshold`.
void stretch(std::int32_t& days, double threshold) {
    days = std::max(days, static_cast<std::int32_t>(std::ceil(std::abs(threshold))) + 1);
}

class Compiler {
  public:
    explicit Compiler(CompiledPolicy& out) : out_(out) {}

    void run() {
        const Policy& p = out_.policy;
        out_.windows = p.window_days.size();
        std::transform(
            p.window_days.begin(),
            p.window_days.end(),
            out_.window_ms.begin(),
            [](int days) { return days * kDayMs; }
        );
        out_.grace_ms = to_ms(p.grace_days);
        out_.new_ms = to_ms(p.lifecycle.new_days);
        out_.won_back_ms = to_ms(p.lifecycle.won_back_days);
        out_.dormant = compile_limit(p.lifecycle.dormant);
        out_.churned = compile_limit(p.lifecycle.churned);
        out_.continuous_rules = p.lifecycle.dormant.unit == LimitUnit::Probability ||
                                p.lifecycle.churned.unit == LimitUnit::Probability;
        const double medium = log_odds_of(p.bands.medium);
        const double high = log_odds_of(p.bands.high);
        out_.band_log_odds = {medium, medium, high, std::numeric_limits<double>::infinity()};
        for (const Tier& tier : p.tiers) {
            look_at(tier.enter);
            if (tier.keep) {
                look_at(*tier.keep);
            }
        }
        for (const Dimension& d : p.dimensions) {
            for (const Breakpoint& b : d.norm) {
                look_at(d.feature, b.at);
            }
        }
    }

  private:
    void look_at(const Rule& rule) {
        for (const Clause& clause : rule) {
            for (const Atom& atom : clause) {
                look_at(atom.feature, atom.threshold);
                for (const double value : atom.allowed) {
                    look_at(atom.feature, value);
                }
            }
        }
    }

    void look_at(Feature feature, double threshold) {
        const FeatureMotion motion = info(feature.kind).motion;
        if (motion == FeatureMotion::Rises || motion == FeatureMotion::Falls) {
            out_.continuous_rules = true;
        } else if (feature.kind == FeatureKind::RecencyWholeDays) {
            stretch(out_.recency_steps_days, threshold);
        } else if (feature.kind == FeatureKind::TenureWholeDays) {
            stretch(out_.tenure_steps_days, threshold);
        } else if (feature.kind == FeatureKind::RfmR && out_.policy.rfm) {
            for (const double cut : out_.policy.rfm->r) {
                stretch(out_.recency_steps_days, cut);
            }
        }
    }

    CompiledPolicy& out_;
};

}  // namespace

std::shared_ptr<const CompiledPolicy> compile(Policy policy, FactSchema schema) {
    auto days = DayClock::make(schema.time_zone);
    if (!days) {
        return nullptr;
    }
    auto out = std::make_shared<CompiledPolicy>();
    out->model = PreparedPurchaseModel::prepare(
        policy.purchase, policy.horizon_days / policy.purchase.unit_days
    );
    out->policy = std::move(policy);
    out->schema = std::move(schema);
    out->days = std::make_shared<const DayClock>(*std::move(days));
    Compiler(*out).run();
    return out;
}

}  // namespace patron::scoring
