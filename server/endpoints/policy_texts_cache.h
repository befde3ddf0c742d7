#pragma once
// The texts of every policy that answers have named so far; nearly always the one in force.
//
// Bounds     one entry per policy the store has compiled; the store keeps those as long as it
//            lives.
// Owns       the texts, until it ends itself.
// Threads    any; the policy asked for last is found by one acquire load, others under a lock.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "server/wire/policy_texts.h"

namespace patron::endpoints {

class PolicyTextsCache {
  public:
    const wire::PolicyTexts& of(const scoring::CompiledPolicy& policy) {
        const wire::PolicyTexts* texts = newest_.load(std::memory_order_acquire);
        if (texts != nullptr && &texts->policy() == &policy) [[likely]] {
            return *texts;
        }
        return find_or_make(policy);
    }

  private:
    const wire::PolicyTexts& find_or_make(const scoring::CompiledPolicy& policy);

    std::atomic<const wire::PolicyTexts*> newest_{nullptr};
    std::mutex mutex_;
    std::vector<std::unique_ptr<const wire::PolicyTexts>> all_;  // guarded by mutex_
};

}  // namespace patron::endpoints
