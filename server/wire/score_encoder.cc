#include "server/wire/score_encoder.h"

#include <array>
#include <cmath>
#include <cstring>

#include "scoring/check.h"
#include "server/wire/json_string.h"
#include "server/wire/money_text.h"
#include "server/wire/score_values.h"

namespace patron::wire {
namespace {

using scoring::Band;
using scoring::FeatureUnit;
using scoring::Instant;
using scoring::Money;
using scoring::OverrideKind;
using scoring::Stage;
using scoring::Standing;
using scoring::TimedGap;
using store::Reading;

// -- values, as both encoders print them --

// Digits of minor units with the point in its place.
char* put_money(char* at, std::int64_t minor, int digits) {
    ByteWriter text(kFixedBytesMax);
    append_money(text, Money{minor}, digits);
    return put(at, text.view());
}

// Two digits, as most currencies have, without a detour.
char* put_amount(char* at, std::int64_t minor, int digits) {
    if (digits != 2 || minor < 0) [[unlikely]] {
        return put_money(at, minor, digits);
    }
    at = put_uint(at, static_cast<std::uint64_t>(minor) / 100);
    *at++ = '.';
    return put_pair(at, static_cast<std::uint32_t>(minor % 100));
}

// Counts stay whole; points keep what five decimals can say.
char* put_missing(char* at, double missing) {
    constexpr double kScale = 100'000;
    const double whole = std::ceil(missing);
    if (whole == missing) {
        return put_uint(at, static_cast<std::uint64_t>(whole));
    }
    return put_fixed5(at, std::ceil(missing * kScale) / kScale);
}

char* put_gap(char* at, const PolicyTexts& texts, const TimedGap& gap) {
    if (!(gap.missing > 0)) {
        return put(at, "null");
    }
    at = put(at, R"({"feature":)");
    at = put(at, texts.feature(gap.feature));
    at = put(at, R"(,"missing":)");
    at = scoring::info(gap.feature.kind).unit == FeatureUnit::Money
             ? put_amount(
                   at, static_cast<std::int64_t>(std::ceil(gap.missing)), texts.currency_digits()
               )
             : put_missing(at, gap.missing);
    at = put(at, R"(,"by":)");
    at = put_time(at, gap.by);
    *at++ = '}';
    return at;
}

char* put_override(char* at, const PolicyTexts& texts, const Standing& s) {
    if (s.override_kind == OverrideKind::None) {
        return put(at, "null");
    }
    at = put(at, R"({"mode":")");
    at = put(at, override_name(s.override_kind));
    at = put(at, R"(","tier":)");
    at = put(at, texts.tier(s.override_tier));
    at = put(at, R"(,"until":)");
    at = put_time(at, s.override_until);
    *at++ = '}';
    return at;
}

Instant exact_transition(const Standing& s) {
    return s.next_transition_bound ? scoring::kNever : s.next_transition;
}

// -- runs: the names around a value that only a few words can take --

std::string_view band_run(Band band) {
    switch (band) {
        case Band::None:
            return R"(,"risk_band":null,"p_alive":)";
        case Band::Low:
            return R"(,"risk_band":"low","p_alive":)";
        case Band::Medium:
            return R"(,"risk_band":"medium","p_alive":)";
        case Band::High:
            return R"(,"risk_band":"high","p_alive":)";
    }
    return {};
}

std::string_view stage_run(Stage stage) {
    switch (stage) {
        case Stage::Prospect:
            return R"(,"lifecycle":"prospect","clv":null,"follow_up_due_at":)";
        case Stage::New:
            return R"(,"lifecycle":"new","clv":null,"follow_up_due_at":)";
        case Stage::Active:
            return R"(,"lifecycle":"active","clv":null,"follow_up_due_at":)";
        case Stage::AtRisk:
            return R"(,"lifecycle":"at_risk","clv":null,"follow_up_due_at":)";
        case Stage::Dormant:
            return R"(,"lifecycle":"dormant","clv":null,"follow_up_due_at":)";
        case Stage::Churned:
            return R"(,"lifecycle":"churned","clv":null,"follow_up_due_at":)";
        case Stage::WonBack:
            return R"(,"lifecycle":"won_back","clv":null,"follow_up_due_at":)";
    }
    return {};
}

// Members that most answers of one moment share.
struct Moving {
    std::uint64_t seq = 0;
    Instant as_of;
    std::size_t bytes = 0;
    std::array<char, 80> text;
};

char* put_moving(char* at, const Reading& reading) {
    thread_local Moving last;
    if (last.bytes == 0 || last.seq != reading.seq || last.as_of != reading.score.as_of) {
        last.seq = reading.seq;
        last.as_of = reading.score.as_of;
        char* end = put(last.text.data(), R"(,"seq":)");
        end = put_uint(end, last.seq);
        end = put(end, R"(,"as_of":)");
        end = put_time(end, last.as_of);
        *end++ = '}';
        last.bytes = static_cast<std::size_t>(end - last.text.data());
    }
    std::memcpy(at, last.text.data(), last.text.size());  // of a size known here, room is plenty
    return at + last.bytes;
}

// A time that is told twice.
struct TimeText {
    explicit TimeText(Instant t)
        : bytes(static_cast<std::size_t>(put_time(text.data(), t) - text.data())) {}

    char* put_at(char* at) const {
        std::memcpy(at, text.data(), text.size());  // of a size known here, room is plenty
        return at + bytes;
    }

    std::array<char, 32> text;
    std::size_t bytes;
};

char* put_tier_part(
    char* at, const PolicyTexts& texts, const Standing& s, const TimeText& next_transition
) {
    const std::uint8_t by_rules = s.state.tier_by_rules;
    at = put(at, texts.tier_run(s.state.tier, by_rules));
    at = put_time(at, s.state.since);
    at = put(at, R"(,"valid_until":)");
    at = next_transition.put_at(at);
    at = put(at, texts.next_run(by_rules));
    at = put_gap(at, texts, s.to_next);
    at = put(at, R"(,"required_to_keep":)");
    return put_gap(at, texts, s.to_keep);
}

char* put_risk_part(
    char* at, const PolicyTexts& texts, const Reading& reading, const TimeText& next_transition
) {
    const Standing& s = reading.standing;
    at = put(at, texts.service_run(s.state.tier, s.state.stage));
    at = put_points(at, s.value_index);
    at = put(at, R"(,"churn_risk":)");
    at = put_probability(at, reading.score.churn_risk);
    at = put(at, band_run(s.state.band));
    at = put_probability(at, reading.score.p_alive);
    at = put(at, stage_run(s.state.stage));
    at = put_time(at, s.state.follow_up_due);
    at = put(at, R"(,"next_transition_at":)");
    at = s.next_transition_bound ? put(at, "null") : next_transition.put_at(at);
    at = put(at, R"(,"override":)");
    at = put_override(at, texts, s);
    return put(at, texts.end_run());
}

// -- one member by itself --

char* put_seq(char* at, const Reading& reading) {
    return put_uint(at, reading.seq);
}

char* put_member(
    char* at,
    const PolicyTexts& texts,
    std::string_view id,
    const Reading& reading,
    ScoreMember member
) {
    const Standing& s = reading.standing;
    switch (member) {
        case ScoreMember::CustomerId:
            return put_json_string(at, id);
        case ScoreMember::Tier:
            return put(at, texts.tier(s.state.tier));
        case ScoreMember::TierByRules:
            return put(at, texts.tier(s.state.tier_by_rules));
        case ScoreMember::TierLabel:
            return put(at, texts.label(s.state.tier));
        case ScoreMember::Since:
            return put_time(at, s.state.since);
        case ScoreMember::ValidUntil:
            return put_time(at, s.next_transition);
        case ScoreMember::NextTier:
            return put(at, texts.next_tier(s.state.tier_by_rules));
        case ScoreMember::GapToNext:
            return put_gap(at, texts, s.to_next);
        case ScoreMember::RequiredToKeep:
            return put_gap(at, texts, s.to_keep);
        case ScoreMember::ServiceLevel:
            return put(at, texts.service_level(s.state.tier, s.state.stage));
        case ScoreMember::ValueIndex:
            return put_points(at, s.value_index);
        case ScoreMember::ChurnRisk:
            return put_probability(at, reading.score.churn_risk);
        case ScoreMember::RiskBand:
            return put_band(at, s.state.band);
        case ScoreMember::PAlive:
            return put_probability(at, reading.score.p_alive);
        case ScoreMember::Lifecycle:
            return put_word(at, scoring::stage_name(s.state.stage));
        case ScoreMember::Clv:
            return put(at, "null");
        case ScoreMember::FollowUpDueAt:
            return put_time(at, s.state.follow_up_due);
        case ScoreMember::NextTransitionAt:
            return put_time(at, exact_transition(s));
        case ScoreMember::Override:
            return put_override(at, texts, s);
        case ScoreMember::Policy:
            return put(at, texts.name());
        case ScoreMember::Seq:
            return put_seq(at, reading);
        case ScoreMember::AsOf:
            return put_time(at, reading.score.as_of);
    }
    return at;
}

std::size_t bytes_max(const PolicyTexts& texts, std::string_view id) {
    return texts.score_bytes_max() + json_string_bytes_max(id.size());
}

}  // namespace

std::optional<ScoreMember> find_score_member(std::string_view name) {
    for (std::size_t i = 0; i < kScoreMembers; ++i) {
        if (kScoreMemberNames[i] == name) {
            return static_cast<ScoreMember>(i);
        }
    }
    return std::nullopt;
}

std::size_t append_score(
    ByteWriter& out, const PolicyTexts& texts, std::string_view id, const Reading& reading
) {
    PATRON_CHECK(reading.standing.outlook_known);
    char* const start = out.reserve(bytes_max(texts, id));
    char* at = put(start, R"({"customer_id":)");
    at = put_json_string(at, id);
    const TimeText next_transition(reading.standing.next_transition);
    at = put_tier_part(at, texts, reading.standing, next_transition);
    at = put_risk_part(at, texts, reading, next_transition);
    const std::size_t stable = out.size() + static_cast<std::size_t>(at - start);
    at = put_moving(at, reading);
    out.advance(static_cast<std::size_t>(at - start));
    return stable;
}

void append_score_members(
    ByteWriter& out,
    const PolicyTexts& texts,
    std::string_view id,
    const Reading& reading,
    ScoreMembers members
) {
    PATRON_CHECK(reading.standing.outlook_known || !need_outlook(members));
    char* const start = out.reserve(bytes_max(texts, id) + texts.score_bytes_max());
    char* at = start;
    char separator = '{';
    for (std::size_t i = 0; i < kScoreMembers; ++i) {
        const auto member = static_cast<ScoreMember>(i);
        if ((members & bit(member)) == 0) {
            continue;
        }
        *at++ = separator;
        separator = ',';
        at = put_word(at, kScoreMemberNames[i]);
        *at++ = ':';
        at = put_member(at, texts, id, reading, member);
    }
    if (separator == '{') {
        *at++ = '{';
    }
    *at++ = '}';
    out.advance(static_cast<std::size_t>(at - start));
}

}  // namespace patron::wire
