#pragma once
// The store as the live stream's source.
//
// Threads    as net::StreamSource; the store outlives it.

#include "server/endpoints/policy_texts_cache.h"
#include "server/net/stream_source.h"

namespace patron::server {

class StoreStreamSource final : public net::StreamSource {
  public:
    explicit StoreStreamSource(store::Store& store) : store_(store) {}

    store::ChangeFeed& changes() override { return store_.changes(); }
    const scoring::CompiledPolicy& policy() override { return store_.policy(); }
    const wire::PolicyTexts& texts(const scoring::CompiledPolicy& policy) override {
        return texts_.of(policy);
    }
    std::uint64_t seq() override { return store_.applied_seq(); }
    scoring::Instant now() override { return store_.clock().now(); }

    std::optional<store::Fault> picture(store::PictureQuestion question) override {
        return store_.picture(std::move(question));
    }
    std::optional<store::Fault> count(std::move_only_function<void(store::LiveCounts)> done
    ) override {
        return store_.count(std::move(done));
    }

  private:
    store::Store& store_;
    endpoints::PolicyTextsCache texts_;
};

}  // namespace patron::server
