#pragma once
// What listeners were told last of a customer, in eight bytes.
//
// Shapes     a default one is Unknown: loaded, and not looked at since the start.
// Range      tiers below 16.
// Threads    values.

#include <cstdint>

#include "scoring/units.h"
#include "scoring/visible.h"
#include "store/change.h"

namespace patron::store {

class LastTold {
  public:
    enum class Kind : std::uint8_t {
        Unknown,  // what was told before the start is not worked out yet
        Nothing,  // the customer is new
        Told,
    };

    LastTold() = default;
    static LastTold nothing() { return LastTold(Kind::Nothing, {}, kNoRisk); }
    static LastTold told(const scoring::Visible& visible, double risk) {
        return LastTold(Kind::Told, visible, static_cast<float>(risk));
    }

    Kind kind() const { return static_cast<Kind>(kind_); }
    scoring::Visible visible() const {
        return {
            static_cast<std::uint8_t>(tier_by_rules_),
            static_cast<std::uint8_t>(tier_),
            static_cast<scoring::Band>(band_),
            static_cast<scoring::Stage>(stage_),
            static_cast<scoring::FollowUpState>(follow_up_),
            static_cast<scoring::OverrideKind>(override_kind_),
            static_cast<std::uint8_t>(override_tier_)
        };
    }
    // Churn risk when it was told; NaN: unknown.
    double risk() const { return risk_; }

    // An event has moved the customer, and time has gone on since: the difference is still to be told.
    bool owes() const { return owes_ != 0; }
    Cause owed_cause() const { return owed_by_override_ != 0 ? Cause::Override : Cause::Event; }
    void owe(Cause cause) {
        owes_ = 1;
        owed_by_override_ = cause == Cause::Override ? 1 : 0;
    }

  private:
    static constexpr float kNoRisk = static_cast<float>(scoring::kUnknown);
    LastTold(Kind kind, const scoring::Visible& v, float risk)
        : tier_by_rules_(v.tier_by_rules & 15u)
        , tier_(v.tier & 15u)
        , band_(static_cast<std::uint32_t>(v.band) & 3u)
        , stage_(static_cast<std::uint32_t>(v.stage) & 7u)
        , follow_up_(static_cast<std::uint32_t>(v.follow_up) & 7u)
        , override_kind_(static_cast<std::uint32_t>(v.override_kind) & 3u)
        , override_tier_(v.override_tier & 15u)
        , kind_(static_cast<std::uint32_t>(kind) & 3u)
        , risk_(risk) {}

    std::uint32_t tier_by_rules_ : 4 = 0;
    std::uint32_t tier_ : 4 = 0;
    std::uint32_t band_ : 2 = 0;
    std::uint32_t stage_ : 3 = 0;
    std::uint32_t follow_up_ : 3 = 0;
    std::uint32_t override_kind_ : 2 = 0;
    std::uint32_t override_tier_ : 4 = 0;
    std::uint32_t kind_ : 2 = 0;
    std::uint32_t owes_ : 1 = 0;
    std::uint32_t owed_by_override_ : 1 = 0;
    float risk_ = kNoRisk;
};
static_assert(sizeof(LastTold) == 8);

}  // namespace patron::store
