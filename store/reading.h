#pragma once
// What a reader gets of one customer: the standing, the score at the instant, and on request the facts.
//
// Units      as in scoring; `seq` counts applied events of the whole store.
// Owns       a Portrait owns its strings.
// Threads    values.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scoring/compiled_policy.h"
#include "scoring/standing.h"

namespace patron::store {

struct Reading {
    scoring::Standing standing;
    scoring::Score score;                             // score.as_of is the instant of the answer
    const scoring::CompiledPolicy* policy = nullptr;  // lives as long as the store
    std::uint64_t seq = 0;
};

struct OverrideDetails {
    scoring::TierOverride in_force;
    std::string tier;
    std::string reason;
    std::string by;
};

// Last values of the profile, as text where they are text; empty or absent: unknown.
struct ProfileDetails {
    scoring::ProfileFacts facts;
    std::string preferred_channel;
    std::string region;
    std::string industry;
    std::string owner;
    std::string birthday;
    std::vector<std::string> tags;
};

// Everything about one customer at one instant.
struct Portrait {
    scoring::Rollup rollup;
    ProfileDetails profile;
    std::optional<OverrideDetails> tier_override;  // the last one set and not cleared
    scoring::Activity activity;
    std::vector<scoring::LedgerEntry> ledger;  // ascending, up to the instant
};

struct CustomerAnswer {
    Reading reading;
    std::unique_ptr<Portrait> portrait;
};

}  // namespace patron::store
