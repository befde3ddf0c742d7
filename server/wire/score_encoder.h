#pragma once
// The score of one customer as JSON: the answer most asked for, and a part of most others.
//
// Shapes     one object; `append_score` writes every member of ScoreMember in its order,
//            `append_score_members` those asked for, through one plain switch: equal bytes for all.
// Units      money as decimals of the base currency, instants as RFC 3339, risks and probabilities
//            with five decimals, the value index with two. Unknown, and kNever, is null.
// Range      the reading's outlook is known where a member needs it. A missing amount is rounded up, so that it is enough.
// Choices    valid_until is the next transition of any kind: until then the tier lasts if nothing
//            happens. Where the search for it ended early it is a lower bound, and
//            next_transition_at is null.
// Errors     none.
// Threads    pure.
// Cost       append_score: no allocation once `out` is warm.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"
#include "store/reading.h"

namespace patron::wire {

enum class ScoreMember : std::uint8_t {
    CustomerId,
    Tier,
    TierByRules,
    TierLabel,
    Since,
    ValidUntil,
    NextTier,
    GapToNext,
    RequiredToKeep,
    ServiceLevel,
    ValueIndex,
    ChurnRisk,
    RiskBand,
    PAlive,
    Lifecycle,
    Clv,
    FollowUpDueAt,
    NextTransitionAt,
    Override,
    Policy,
    Seq,
    AsOf,
};

inline constexpr std::size_t kScoreMembers = static_cast<std::size_t>(ScoreMember::AsOf) + 1;

// In the order of ScoreMember.
inline constexpr std::array<std::string_view, kScoreMembers> kScoreMemberNames{
    "customer_id",
    "tier",
    "tier_by_rules",
    "tier_label",
    "since",
    "valid_until",
    "next_tier",
    "gap_to_next",
    "required_to_keep",
    "service_level",
    "value_index",
    "churn_risk",
    "risk_band",
    "p_alive",
    "lifecycle",
    "clv",
    "follow_up_due_at",
    "next_transition_at",
    "override",
    "policy",
    "seq",
    "as_of",
};

// A set of members, one bit each.
using ScoreMembers = std::uint32_t;

inline constexpr ScoreMembers kAllScoreMembers = (ScoreMembers{1} << kScoreMembers) - 1;

constexpr ScoreMembers bit(ScoreMember member) {
    return ScoreMembers{1} << static_cast<unsigned>(member);
}

// Whether some member speaks of what comes next, which takes a search that others need not wait for.
constexpr bool need_outlook(ScoreMembers members) {
    return (members & (bit(ScoreMember::ValidUntil) | bit(ScoreMember::GapToNext) |
                       bit(ScoreMember::RequiredToKeep) | bit(ScoreMember::NextTransitionAt))) != 0;
}

std::optional<ScoreMember> find_score_member(std::string_view name);

// Answers the position in `out` of the first byte that moves by itself: of seq and as_of. What
// stands before it is what an entity tag speaks of.
std::size_t append_score(
    ByteWriter& out, const PolicyTexts& texts, std::string_view id, const store::Reading& reading
);

void append_score_members(
    ByteWriter& out,
    const PolicyTexts& texts,
    std::string_view id,
    const store::Reading& reading,
    ScoreMembers members
);

}  // namespace patron::wire
