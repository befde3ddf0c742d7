#include "store/idempotency.h"

#include <random>
#include <utility>

#include <xxhash.h>

#include "store/limits.h"

namespace patron::store {
namespace {

std::uint64_t random_seed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

}  // namespace

Fingerprint fingerprint_of(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.low64, hash.high64};
}

IdempotencyTable::IdempotencyTable() : entries_(0, Hash{random_seed()}) {}

IdempotencyTable::Found IdempotencyTable::begin(
    std::string_view key, Fingerprint fingerprint, scoring::Instant now
) {
    const std::lock_guard lock(mutex_);
    forget_oldest(now);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        entries_.try_emplace(std::string(key)).first->second.fingerprint = fingerprint;
        return {Begin::New, {}};
    }
    const Entry& entry = found->second;
    if (entry.fingerprint != fingerprint) {
        return {Begin::OtherRequest, {}};
    }
    return entry.in_flight ? Found{Begin::InFlight, {}} : Found{Begin::Answered, entry.answer};
}

void IdempotencyTable::keep(KeptAnswer answer) {
    const std::lock_guard lock(mutex_);
    const auto place = entries_.try_emplace(std::move(answer.key)).first;
    Entry& entry = place->second;
    if (!entry.in_flight) {
        kept_.erase(entry.age);
        bytes_ -= place->first.size() + entry.answer.size();
    }
    entry = {answer.fingerprint, false, {answer.at, next_ticket_++}, std::move(answer.answer)};
    kept_.emplace(entry.age, &*place);
    bytes_ += place->first.size() + entry.answer.size();
    forget_oldest(answer.at);
}

void IdempotencyTable::release(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.in_flight) {
        entries_.erase(found);
    }
}

void IdempotencyTable::forget_oldest(scoring::Instant now) {
    const auto too_old = [now](const Age& age) {
        return age.at.ms <= now.ms - limits::kIdempotencyKeepMs;
    };
    while (!kept_.empty() &&
           (kept_.size() > limits::kIdempotencyKeysMax || bytes_ > limits::kIdempotencyBytesMax ||
            too_old(kept_.begin()->first))) {
        const auto oldest = kept_.begin();
        const auto entry = entries_.find(oldest->second->first);
        bytes_ -= entry->first.size() + entry->second.answer.size();
        kept_.erase(oldest);
        entries_.erase(entry);
    }
}

IdempotencyTable::Sizes IdempotencyTable::sizes() const {
    const std::lock_guard lock(mutex_);
    return {kept_.size(), bytes_};
}

}  // namespace patron::store
