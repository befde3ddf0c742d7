#pragma once
// What the members that somebody asked for want of the store.
//
// Threads    pure.

#include "server/wire/score_encoder.h"
#include "store/store.h"

namespace patron::endpoints {

constexpr store::Outlook outlook_of(wire::ScoreMembers members) {
    return wire::need_outlook(members) ? store::Outlook::Wanted : store::Outlook::Spared;
}

}  // namespace patron::endpoints
