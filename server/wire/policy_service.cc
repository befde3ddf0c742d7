#include <algorithm>
#include <array>

#include "scoring/policy_lint.h"
#include "server/wire/nearest_name.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

using scoring::Policy;
using scoring::ServiceCell;

constexpr std::string_view kDefaultCell = "default";

void read_strings(PolicyReader& reader, JsonIndex at, std::vector<std::string>& out) {
    if (!reader.list(at, 0, scoring::kServiceListMax)) {
        return;
    }
    out.clear();
    for (const JsonIndex child : reader.tree()[at].children) {
        out.push_back(reader.string(child).value_or(""));
    }
}

// Members that are there replace those of `cell`; with `whole` all of them must be there.
void read_cell(PolicyReader& reader, JsonIndex at, bool whole, ServiceCell& cell) {
    static constexpr std::array<std::string_view, 5> kMembers{
        "level", "cadence_days", "response_hours", "channels", "benefits"
    };
    if (!reader.object(at, kMembers)) {
        return;
    }
    const auto has = [&](std::string_view name) {
        return whole || reader.tree().member(at, name);
    };
    if (has("level")) {
        reader.string_into(at, "level", cell.level);
    }
    if (has("cadence_days")) {
        reader.number_into(at, "cadence_days", cell.cadence_days);
    }
    if (has("response_hours")) {
        reader.number_into(at, "response_hours", cell.response_hours);
    }
    for (const auto& [name, list] :
         {std::pair{"channels", &cell.channels}, std::pair{"benefits", &cell.benefits}}) {
        const auto found = has(name) ? reader.required(at, name) : std::nullopt;
        if (found) {
            read_strings(reader, *found, *list);
        }
    }
}

// The seven cells of one tier.
void read_tier_service(PolicyReader& reader, JsonIndex at, std::span<ServiceCell> cells) {
    std::array<std::string_view, scoring::kStages + 1> names;
    names[0] = kDefaultCell;
    for (std::size_t i = 0; i < scoring::kStages; ++i) {
        names[i + 1] = scoring::stage_name(static_cast<scoring::Stage>(i));
    }
    if (!reader.object(at, names)) {
        return;
    }
    ServiceCell usual;
    if (const auto found = reader.required(at, kDefaultCell)) {
        read_cell(reader, *found, true, usual);
    }
    for (std::size_t i = 0; i < scoring::kStages; ++i) {
        cells[i] = usual;
        if (const auto own = reader.tree().member(at, names[i + 1])) {
            read_cell(reader, *own, false, cells[i]);
        }
    }
}

void read_cells(PolicyReader& reader, JsonIndex root, Policy& policy) {
    policy.service.assign(policy.tiers.size() * scoring::kStages, {});
    const auto at = reader.required(root, "service");
    if (!at || !reader.object(*at, {}) || policy.tiers.empty()) {
        return;
    }
    std::vector<std::string> tiers;
    for (const scoring::Tier& tier : policy.tiers) {
        tiers.push_back(tier.name);
    }
    // A tier without a name may be the one that a strange name here belongs to.
    const bool named = std::ranges::none_of(tiers, &std::string::empty);
    for (const JsonIndex child : reader.tree()[*at].children) {
        const std::string& key = reader.tree()[child].key;
        if (named && std::ranges::find(tiers, key) == tiers.end()) {
            reader.name_mistake(child, "unknown tier \"" + key + "\"" + suggestion(key, tiers));
        }
    }
    const std::span<ServiceCell> cells(policy.service);
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
        if (tiers[tier].empty()) {
            continue;  // told where the name is missing
        }
        if (const auto found = reader.required(*at, tiers[tier])) {
            read_tier_service(
                reader, *found, cells.subspan(tier * scoring::kStages, scoring::kStages)
            );
        }
    }
}

void read_follow_up(PolicyReader& reader, JsonIndex root, scoring::FollowUpRules& rules) {
    static constexpr std::array<std::string_view, 2> kMembers{
        "cadence_factor", "contact_pressure_max"
    };
    const auto at = reader.required(root, "follow_up");
    if (!at || !reader.object(*at, kMembers)) {
        return;
    }
    reader.number_into(*at, "contact_pressure_max", rules.contact_pressure_max);
    std::array<std::string_view, scoring::kBands> bands;
    for (std::size_t i = 0; i < bands.size(); ++i) {
        bands[i] = scoring::band_name(static_cast<scoring::Band>(i));
    }
    const auto factors = reader.required(*at, "cadence_factor");
    if (factors && reader.object(*factors, bands)) {
        for (std::size_t i = 0; i < bands.size(); ++i) {
            reader.number_into(*factors, bands[i], rules.cadence_factor[i]);
        }
    }
}

void read_rate(PolicyReader& reader, JsonIndex at, scoring::CurrencyTable& table) {
    const JsonNode& node = reader.tree()[at];
    const auto code = scoring::parse_currency_code(node.key);
    if (!code || !scoring::currency_digits(*code)) {
        reader.name_mistake(at, "unknown currency \"" + node.key + "\"");
        return;
    }
    if (node.kind != JsonKind::Number && node.kind != JsonKind::String) {
        reader.mistake(at, "must be an exchange rate such as \"7.12\"");
        return;
    }
    const std::string text = node.kind == JsonKind::String ? reader.tree().string(at)
                                                           : std::string(reader.tree().raw(at));
    if (const auto rate = scoring::parse_rate(*code, text)) {
        table.rates.push_back(*rate);
    } else {
        reader.mistake(
            at,
            "is no exchange rate: plain digits above 0 with at most 15 of them, such as \"7.12\""
        );
    }
}

void read_currencies(PolicyReader& reader, JsonIndex root, scoring::CurrencyTable& table) {
    if (const auto base = scoring::parse_currency_code(reader.schema().currency)) {
        table.base = *base;
    }
    table.digits = reader.schema().currency_digits;
    const auto at = reader.tree().member(root, "currencies");
    if (at && reader.object(*at, {})) {
        for (const JsonIndex child : reader.tree()[*at].children) {
            if (!reader.tree()[child].repeated) {
                read_rate(reader, child, table);
            }
        }
    }
}

}  // namespace

void read_service(PolicyReader& reader, JsonIndex root, Policy& policy) {
    read_cells(reader, root, policy);
    read_follow_up(reader, root, policy.follow_up);
    read_currencies(reader, root, policy.currencies);
}

}  // namespace patron::wire
