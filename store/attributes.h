#pragma once
// What the shop says of a customer: profile values and the expert's override, each the last by instant.
//
// Order      the last value wins by (at, hash of the event id, the value itself), so that the same set of
//            events gives the same attributes in any order of arrival. Only overrides without an id at
//            one and the same instant follow arrival: they are commands, and the later one is meant.
// Errors     load: DataDamaged for bytes that `save` did not write.
// Owns       its strings.
// Threads    the partition's task only.

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "scoring/facts.h"
#include "store/event.h"
#include "store/reading.h"
#include "store/result.h"

namespace patron::store {

// When a value was said, and by which event.
struct Said {
    Instant at = scoring::kLongAgo;
    std::uint64_t event = 0;
    auto operator<=>(const Said&) const = default;
};

template <class T>
class LastValue {
  public:
    void offer(const T& value, Said said) {
        if (!known_ || said > said_ || (said == said_ && value > value_)) {
            value_ = value;
            said_ = said;
            known_ = true;
        }
    }
    // Whatever was there.
    void replace(const T& value, Said said) {
        value_ = value;
        said_ = said;
        known_ = true;
    }
    bool known() const { return known_; }
    const T& value() const { return value_; }
    Said said() const { return said_; }

  private:
    T value_{};
    Said said_;
    bool known_ = false;
};

struct OverrideValue {
    scoring::TierOverride by;  // kind None: cleared
    std::string tier;
    std::string reason;
    std::string author;
    auto order() const { return std::tie(by.kind, by.until, tier, reason, author); }
    bool operator>(const OverrideValue& o) const { return order() > o.order(); }
};

class CustomerAttributes {
  public:
    void apply(const Profile& profile, Said said);
    // `tier` is the index of `event.tier` in the policy in force.
    void apply(const Override& event, std::uint8_t tier, Said said);

    const scoring::ProfileFacts& facts() const { return facts_; }
    scoring::TierOverride tier_override() const;
    ProfileDetails details() const;
    std::optional<OverrideDetails> override_details() const;
    // Adds what is here to a hash of facts: equal for equal values.
    std::uint64_t hash() const;

    // Everything, who said it when included; `load` takes what `save` wrote off the front of `bytes`.
    void save(std::string& out) const;
    static Result<CustomerAttributes> load(std::string_view& bytes);

  private:
    void refresh_facts();
    template <class Self, class Visit>
    static void each_field(Self& self, Visit& visit);  // in the order in which they are saved

    scoring::ProfileFacts facts_;
    LastValue<Instant> customer_since_;
    LastValue<double> influence_;
    LastValue<double> strategic_;
    LastValue<double> expert_score_;
    LastValue<bool> do_not_contact_;
    LastValue<std::string> preferred_channel_;
    LastValue<std::string> region_;
    LastValue<std::string> industry_;
    LastValue<std::string> owner_;
    LastValue<std::string> birthday_;
    LastValue<std::vector<std::string>> tags_;
    LastValue<OverrideValue> override_;
};

}  // namespace patron::store
