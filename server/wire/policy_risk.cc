#include <array>
#include <string>

#include "server/wire/nearest_name.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

using scoring::LimitUnit;
using scoring::Policy;

void read_model_type(PolicyReader& reader, JsonIndex at, scoring::PurchaseModel& out) {
    static const std::array<std::string, 2> kTypes{"mbg_nbd", "bg_nbd"};
    const std::optional<std::string> type = reader.string(at);
    if (!type) {
        return;
    }
    if (*type == kTypes[0]) {
        out = scoring::PurchaseModel::MbgNbd;
    } else if (*type == kTypes[1]) {
        out = scoring::PurchaseModel::BgNbd;
    } else {
        reader.mistake(at, "unknown purchase model \"" + *type + "\"" + suggestion(*type, kTypes));
    }
}

void read_purchase_model(PolicyReader& reader, JsonIndex root, Policy& policy) {
    static constexpr std::array<std::string_view, 8> kMembers{
        "type", "unit_days", "r", "alpha", "a", "b", "source", "prior"
    };
    const auto at = reader.required(root, "purchase_model");
    if (!at || !reader.object(*at, kMembers)) {
        return;
    }
    if (const auto type = reader.required(*at, "type")) {
        read_model_type(reader, *type, policy.purchase.model);
    }
    reader.number_into(*at, "unit_days", policy.purchase.unit_days);
    reader.number_into(*at, "r", policy.purchase.r);
    reader.number_into(*at, "alpha", policy.purchase.alpha);
    reader.number_into(*at, "a", policy.purchase.a);
    reader.number_into(*at, "b", policy.purchase.b);
    reader.string_into(*at, "source", policy.purchase_source);
    if (const auto prior = reader.required(*at, "prior")) {
        policy.purchase_is_prior = reader.boolean(*prior).value_or(policy.purchase_is_prior);
    }
}

void read_signals(PolicyReader& reader, JsonIndex root, Policy& policy) {
    std::array<std::string_view, scoring::kSignals> names;
    for (std::size_t i = 0; i < names.size(); ++i) {
        names[i] = scoring::signal_name(static_cast<scoring::Signal>(i));
    }
    const auto at = reader.tree().member(root, "signals");
    if (!at || !reader.object(*at, names)) {
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (const auto weight = reader.tree().member(*at, names[i])) {
            policy.signal_weights[i] = reader.number(*weight).value_or(0);
        }
    }
}

void read_bands(PolicyReader& reader, JsonIndex root, scoring::RiskBands& bands) {
    static constexpr std::array<std::string_view, 3> kMembers{"medium", "high", "hysteresis"};
    const auto at = reader.required(root, "risk_bands");
    if (at && reader.object(*at, kMembers)) {
        reader.number_into(*at, "medium", bands.medium);
        reader.number_into(*at, "high", bands.high);
        reader.number_into(*at, "hysteresis", bands.hysteresis);
    }
}

void read_limit(
    PolicyReader& reader, JsonIndex object, std::string_view name, scoring::SilenceLimit& limit
) {
    static constexpr std::array<std::string_view, 3> kMembers{"days", "intervals", "probability"};
    const auto at = reader.required(object, name);
    if (!at || !reader.object(*at, kMembers)) {
        return;
    }
    const auto intervals = reader.tree().member(*at, "intervals");
    const auto probability = reader.tree().member(*at, "probability");
    if (intervals && probability) {
        reader.mistake(*at, "is told in intervals or as a probability, not as both");
        return;
    }
    reader.number_into(*at, "days", limit.days);
    limit.unit = LimitUnit::Days;
    limit.value = limit.days;
    if (intervals) {
        limit.unit = LimitUnit::Intervals;
        limit.value = reader.number(*intervals).value_or(limit.value);
    } else if (probability) {
        limit.unit = LimitUnit::Probability;
        limit.value = reader.number(*probability).value_or(limit.value);
    }
}

void read_lifecycle(PolicyReader& reader, JsonIndex root, scoring::Lifecycle& lifecycle) {
    static constexpr std::array<std::string_view, 4> kMembers{
        "new_days", "dormant", "churned", "won_back_days"
    };
    const auto at = reader.required(root, "lifecycle");
    if (at && reader.object(*at, kMembers)) {
        reader.number_into(*at, "new_days", lifecycle.new_days);
        read_limit(reader, *at, "dormant", lifecycle.dormant);
        read_limit(reader, *at, "churned", lifecycle.churned);
        reader.number_into(*at, "won_back_days", lifecycle.won_back_days);
    }
}

}  // namespace

void read_risk(PolicyReader& reader, JsonIndex root, Policy& policy) {
    read_purchase_model(reader, root, policy);
    read_signals(reader, root, policy);
    reader.number_into(root, "response_target_hours", policy.response_target_hours);
    read_bands(reader, root, policy.bands);
    read_lifecycle(reader, root, policy.lifecycle);
}

}  // namespace patron::wire
