#include <cmath>
#include <cstdint>

#include "scoring/policy_issues.h"
#include "server/wire/json_string.h"
#include "server/wire/money_text.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_reader.h"

namespace patron::wire {
namespace {

using namespace scoring;

std::string joined(const std::vector<std::string>& items, char open, char close) {
    std::string text(1, open);
    for (std::size_t i = 0; i < items.size(); ++i) {
        text += (i == 0 ? "" : ", ") + items[i];
    }
    return text + close;
}

std::string member(std::string_view name, const std::string& value) {
    return json_string(name) + ": " + value;
}

std::string inline_object(const std::vector<std::string>& members) {
    return joined(members, '{', '}');
}
std::string inline_list(const std::vector<std::string>& items) {
    return joined(items, '[', ']');
}

// One item a line, at `depth` levels of indentation.
std::string tall(const std::vector<std::string>& items, int depth, char open, char close) {
    if (items.empty()) {
        return {open, close};
    }
    const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
    std::string text(1, open);
    for (std::size_t i = 0; i < items.size(); ++i) {
        text += (i == 0 ? "\n  " : ",\n  ") + indent + items[i];
    }
    return text + "\n" + indent + close;
}

std::string label_text(const Label& label) {
    return inline_object({member("en", json_string(label.en)), member("zh", json_string(label.zh))}
    );
}

std::string list_text(const std::vector<std::string>& list) {
    std::vector<std::string> items;
    for (const std::string& item : list) {
        items.push_back(json_string(item));
    }
    return inline_list(items);
}

std::string rate_text(const ExchangeRate& rate) {
    std::string digits = std::to_string(rate.numerator);
    const auto scale = static_cast<std::size_t>(rate.scale);
    if (scale > 0) {
        if (digits.size() <= scale) {
            digits.insert(0, scale + 1 - digits.size(), '0');
        }
        digits.insert(digits.size() - scale, ".");
    }
    return json_string(digits);
}

class PolicyWriter {
  public:
    PolicyWriter(const Policy& policy, const FactSchema& schema)
        : policy_(policy), schema_(schema) {}

    std::string run() const {
        std::vector<std::string> members;
        add_frame(members);
        add_risk(members);
        if (!policy_.dimensions.empty()) {
            members.push_back(member("value_index", value_index()));
        }
        if (policy_.rfm) {
            members.push_back(member("rfm", rfm()));
        }
        members.push_back(member("tiers", tiers()));
        members.push_back(member("grace_days", number_text(policy_.grace_days)));
        members.push_back(member("max_step", std::to_string(policy_.max_step)));
        members.push_back(member("service", service()));
        if (!policy_.currencies.rates.empty()) {
            members.push_back(member("currencies", currencies()));
        }
        return tall(members, 0, '{', '}') + "\n";
    }

  private:
    std::string value(Feature feature, double value) const {
        if (info(feature.kind).unit == FeatureUnit::Money) {
            ByteWriter text;
            append_money(text, {std::llround(value)}, schema_.currency_digits);
            return std::string(text.view());
        }
        const auto names = strategic_names();
        const auto index = static_cast<std::size_t>(value >= 0 ? value : 0);
        if (feature.kind == FeatureKind::Strategic && index < names.size() &&
            static_cast<double>(index) == value) {
            return json_string(names[index]);
        }
        return number_text(value);
    }

    void add_frame(std::vector<std::string>& members) const {
        members.push_back(member("name", json_string(policy_.name)));
        members.push_back(member("revision", std::to_string(policy_.revision)));
        if (!policy_.label.en.empty() || !policy_.label.zh.empty()) {
            members.push_back(member("label", label_text(policy_.label)));
        }
        std::vector<std::string> windows;
        for (const int days : policy_.window_days) {
            windows.push_back(std::to_string(days));
        }
        members.push_back(member("windows_days", inline_list(windows)));
        members.push_back(member("horizon_days", number_text(policy_.horizon_days)));
    }

    void add_risk(std::vector<std::string>& members) const {
        members.push_back(member("purchase_model", purchase_model()));
        members.push_back(member("signals", signals()));
        members.push_back(
            member("response_target_hours", number_text(policy_.response_target_hours))
        );
        members.push_back(member(
            "risk_bands",
            inline_object(
                {member("medium", number_text(policy_.bands.medium)),
                 member("high", number_text(policy_.bands.high)),
                 member("hysteresis", number_text(policy_.bands.hysteresis))}
            )
        ));
        members.push_back(member("lifecycle", lifecycle()));
        members.push_back(member("follow_up", follow_up()));
    }

    std::string purchase_model() const {
        const PurchaseParams& params = policy_.purchase;
        const char* type = params.model == PurchaseModel::MbgNbd ? "mbg_nbd" : "bg_nbd";
        return tall(
            {member("type", json_string(type)),
             member("unit_days", number_text(params.unit_days)),
             member("r", number_text(params.r)),
             member("alpha", number_text(params.alpha)),
             member("a", number_text(params.a)),
             member("b", number_text(params.b)),
             member("source", json_string(policy_.purchase_source)),
             member("prior", policy_.purchase_is_prior ? "true" : "false")},
            1,
            '{',
            '}'
        );
    }

    std::string signals() const {
        std::vector<std::string> members;
        for (std::size_t i = 0; i < kSignals; ++i) {
            const std::string_view name = signal_name(static_cast<Signal>(i));
            members.push_back(member(name, number_text(policy_.signal_weights[i])));
        }
        return tall(members, 1, '{', '}');
    }

    static std::string limit(const SilenceLimit& limit) {
        const std::string days = member("days", number_text(limit.days));
        switch (limit.unit) {
            case LimitUnit::Days:
                return inline_object({days});
            case LimitUnit::Intervals:
                return inline_object({member("intervals", number_text(limit.value)), days});
            case LimitUnit::Probability:
                return inline_object({member("probability", number_text(limit.value)), days});
        }
        return inline_object({days});
    }

    std::string lifecycle() const {
        const Lifecycle& stages = policy_.lifecycle;
        return tall(
            {member("new_days", number_text(stages.new_days)),
             member("dormant", limit(stages.dormant)),
             member("churned", limit(stages.churned)),
             member("won_back_days", number_text(stages.won_back_days))},
            1,
            '{',
            '}'
        );
    }

    std::string follow_up() const {
        const FollowUpRules& rules = policy_.follow_up;
        std::vector<std::string> factors;
        for (std::size_t i = 0; i < kBands; ++i) {
            const std::string_view name = band_name(static_cast<Band>(i));
            factors.push_back(member(name, number_text(rules.cadence_factor[i])));
        }
        return tall(
            {member("cadence_factor", inline_object(factors)),
             member("contact_pressure_max", number_text(rules.contact_pressure_max))},
            1,
            '{',
            '}'
        );
    }

    std::string value_index() const {
        std::vector<std::string> items;
        for (const Dimension& dimension : policy_.dimensions) {
            std::vector<std::string> points;
            for (const Breakpoint& point : dimension.norm) {
                points.push_back(
                    inline_list({value(dimension.feature, point.at), number_text(point.points)})
                );
            }
            const std::string feature = feature_name(dimension.feature, policy_.window_days);
            items.push_back(tall(
                {member("name", json_string(dimension.name)),
                 member("feature", json_string(feature)),
                 member("weight", number_text(dimension.weight)),
                 member("breakpoints", inline_list(points))},
                2,
                '{',
                '}'
            ));
        }
        return tall(items, 1, '[', ']');
    }

    std::string rfm() const {
        std::vector<std::string> r;
        std::vector<std::string> f;
        std::vector<std::string> m;
        for (std::size_t i = 0; i < 4; ++i) {
            r.push_back(number_text(-policy_.rfm->r[i]));
            f.push_back(number_text(policy_.rfm->f[i]));
            m.push_back(value({FeatureKind::SpendLifetime, 0}, policy_.rfm->m[i]));
        }
        return tall(
            {member("r", inline_list(r)), member("f", inline_list(f)), member("m", inline_list(m))},
            1,
            '{',
            '}'
        );
    }

    std::string comparison(const Atom& atom) const {
        switch (atom.comparison) {
            case Comparison::AtLeast:
                return member(">=", value(atom.feature, atom.threshold));
            case Comparison::AtMost:
                return member("<=", value(atom.feature, atom.threshold));
            case Comparison::Equal:
                return member("==", value(atom.feature, atom.threshold));
            case Comparison::In:
                break;
        }
        std::vector<std::string> values;
        for (const double allowed : atom.allowed) {
            values.push_back(value(atom.feature, allowed));
        }
        return member("in", inline_list(values));
    }

    std::string clause(const Clause& atoms) const {
        std::vector<Feature> order;
        std::vector<std::vector<std::string>> comparisons;
        for (const Atom& atom : atoms) {
            std::size_t i = 0;
            while (i < order.size() && order[i] != atom.feature) {
                ++i;
            }
            if (i == order.size()) {
                order.push_back(atom.feature);
                comparisons.emplace_back();
            }
            comparisons[i].push_back(comparison(atom));
        }
        std::vector<std::string> members;
        for (std::size_t i = 0; i < order.size(); ++i) {
            members.push_back(
                member(feature_name(order[i], policy_.window_days), inline_object(comparisons[i]))
            );
        }
        return inline_object(members);
    }

    std::string rule(const Rule& clauses) const {
        std::vector<std::string> items;
        for (const Clause& atoms : clauses) {
            items.push_back(clause(atoms));
        }
        return items.size() > 1 ? tall(items, 3, '[', ']') : inline_list(items);
    }

    std::string tiers() const {
        std::vector<std::string> items;
        for (const Tier& tier : policy_.tiers) {
            std::vector<std::string> members{member("name", json_string(tier.name))};
            if (!tier.label.en.empty() || !tier.label.zh.empty()) {
                members.push_back(member("label", label_text(tier.label)));
            }
            if (!tier.enter.empty()) {
                members.push_back(member("enter", rule(tier.enter)));
            }
            if (tier.keep) {
                members.push_back(member("keep", rule(*tier.keep)));
            }
            items.push_back(tall(members, 2, '{', '}'));
        }
        return tall(items, 1, '[', ']');
    }

    // The members in which `cell` differs from `usual`; all of them without one.
    static std::vector<std::string> cell_members(
        const ServiceCell& cell, const ServiceCell* usual
    ) {
        std::vector<std::string> members;
        const auto add = [&](const char* name, bool differs, const std::string& text) {
            if (usual == nullptr || differs) {
                members.push_back(member(name, text));
            }
        };
        const ServiceCell& base = usual == nullptr ? cell : *usual;
        add("level", cell.level != base.level, json_string(cell.level));
        add("cadence_days", cell.cadence_days != base.cadence_days, number_text(cell.cadence_days));
        add("response_hours",
            cell.response_hours != base.response_hours,
            number_text(cell.response_hours));
        add("channels", cell.channels != base.channels, list_text(cell.channels));
        add("benefits", cell.benefits != base.benefits, list_text(cell.benefits));
        return members;
    }

    std::string service() const {
        std::vector<std::string> items;
        for (std::size_t tier = 0; tier < policy_.tiers.size(); ++tier) {
            const ServiceCell& usual = policy_.service_for(tier, Stage::Active);
            std::vector<std::string> cells{
                member("default", inline_object(cell_members(usual, nullptr)))
            };
            for (std::size_t i = 0; i < kStages; ++i) {
                const auto stage = static_cast<Stage>(i);
                const auto members = cell_members(policy_.service_for(tier, stage), &usual);
                if (!members.empty()) {
                    cells.push_back(member(stage_name(stage), inline_object(members)));
                }
            }
            items.push_back(member(policy_.tiers[tier].name, tall(cells, 2, '{', '}')));
        }
        return tall(items, 1, '{', '}');
    }

    std::string currencies() const {
        std::vector<std::string> members;
        for (const ExchangeRate& rate : policy_.currencies.rates) {
            members.push_back(member(currency_text(rate.currency), rate_text(rate)));
        }
        return inline_object(members);
    }

    const Policy& policy_;
    const FactSchema& schema_;
};

}  // namespace

std::string write_policy(const Policy& policy, const FactSchema& schema) {
    return PolicyWriter(policy, schema).run();
}

}  // namespace patron::wire
