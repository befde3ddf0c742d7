#include "server/endpoints/policy_texts_cache.h"

namespace patron::endpoints {

const wire::PolicyTexts& PolicyTextsCache::find_or_make(const scoring::CompiledPolicy& policy) {
    const std::lock_guard lock(mutex_);
    for (const auto& texts : all_) {
        if (&texts->policy() == &policy) {
            newest_.store(texts.get(), std::memory_order_release);
            return *texts;
        }
    }
    all_.push_back(std::make_unique<const wire::PolicyTexts>(policy));
    newest_.store(all_.back().get(), std::memory_order_release);
    return *all_.back();
}

}  // namespace patron::endpoints
