#pragma once
// Where the live stream comes from: the feed of changes, pictures and counts, and their texts.
//
// Errors     a Fault at once, or a callback that is dropped uncalled because the source is stopping.
// Threads    every member from any thread; callbacks run on a thread of the source's.
// Blocking   never.

#include <cstdint>
#include <functional>
#include <optional>

#include "server/wire/policy_texts.h"
#include "store/change_feed.h"
#include "store/result.h"
#include "store/store.h"

namespace patron::net {

class StreamSource {
  public:
    virtual ~StreamSource() = default;

    virtual store::ChangeFeed& changes() = 0;
    virtual const scoring::CompiledPolicy& policy() = 0;  // in force
    // Live as long as the source.
    virtual const wire::PolicyTexts& texts(const scoring::CompiledPolicy& policy) = 0;
    virtual std::uint64_t seq() = 0;  // changes of events up to here are in the feed
    virtual scoring::Instant now() = 0;

    virtual std::optional<store::Fault> picture(store::PictureQuestion question) = 0;
    virtual std::optional<store::Fault> count(std::move_only_function<void(store::LiveCounts)> done
    ) = 0;
};

}  // namespace patron::net
