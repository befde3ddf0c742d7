#include "server/wire/crossing.h"

#include <array>

#include "server/wire/state_names.h"

namespace patron::wire {
namespace {

constexpr std::array<std::string_view, kAspects> kAspectNames{
    "tier", "tier_by_rules", "risk_band", "lifecycle", "follow_up", "override"
};

void append_code(ByteWriter& out, const PolicyTexts& texts, Aspect what, std::uint8_t code) {
    const bool is_tier = what == Aspect::Tier || what == Aspect::TierByRules;
    const bool none_is_null = what == Aspect::RiskBand || what == Aspect::Override;
    if (is_tier) {
        out.append(texts.tier(code));
    } else if (none_is_null && code == 0) {
        out.append("null");
    } else {
        out.append('"');
        out.append(code_names(what, texts)[code]);
        out.append('"');
    }
}

}  // namespace

std::span<const std::string_view> aspect_names() {
    return kAspectNames;
}

std::span<const std::string_view> code_names(Aspect what, const PolicyTexts& texts) {
    switch (what) {
        case Aspect::Tier:
        case Aspect::TierByRules:
            return texts.tier_names();
        case Aspect::RiskBand:
            return band_names();
        case Aspect::Lifecycle:
            return stage_names();
        case Aspect::FollowUp:
            return follow_up_names();
        case Aspect::Override:
            return override_names();
    }
    return {};
}

void append_crossing(ByteWriter& out, const PolicyTexts& texts, Crossing crossing) {
    out.append(R"("what":")");
    out.append(kAspectNames[static_cast<std::size_t>(crossing.what)]);
    out.append(R"(","from":)");
    append_code(out, texts, crossing.what, crossing.from);
    out.append(R"(,"to":)");
    append_code(out, texts, crossing.what, crossing.to);
}

}  // namespace patron::wire
