#include "server/endpoints/request_key.h"

#include <algorithm>
#include <cstring>

#include "store/limits.h"

namespace patron::endpoints {
namespace {

using Begin = store::IdempotencyTable::Begin;
using store::FaultCode;

constexpr const char* kHeader = "Idempotency-Key";

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= store::limits::kIdempotencyKeyBytesMax &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

store::Fingerprint fingerprint_of(const Request& request) {
    const store::Fingerprint body = store::fingerprint_of(request.body);
    std::string all(sizeof body, '\0');
    std::memcpy(all.data(), body.data(), sizeof body);
    all.append(request.content_type);
    all.push_back('\0');
    all.append(request.query);
    return store::fingerprint_of(all);
}

}  // namespace

store::Idempotency KeyHold::pass_on() {
    ours_ = false;
    return {key_, fingerprint_, {}};
}

void KeyHold::release() {
    ours_ = false;
    table_.release(key_);
}

store::Result<BegunKey> begin_key(Core& core, const Request& request) {
    const std::string_view key = request.idempotency_key;
    if (key.data() == nullptr) {
        return BegunKey{};
    }
    if (!is_key(key)) {
        return store::fail(
            FaultCode::BadParameter,
            "a key is 1 to " + std::to_string(store::limits::kIdempotencyKeyBytesMax) +
                " visible ASCII characters",
            kHeader
        );
    }
    const store::Fingerprint fingerprint = fingerprint_of(request);
    store::IdempotencyTable& table = core.store.answers();
    auto found = table.begin(key, fingerprint, core.store.clock().now());
    switch (found.what) {
        case Begin::New:
            return BegunKey{KeyHold(table, key, fingerprint), {}};
        case Begin::Answered:
            return BegunKey{{}, std::move(found.answer)};
        case Begin::InFlight:
            return store::fail(
                FaultCode::KeyInFlight, "a request with this key is under way", kHeader
            );
        case Begin::OtherRequest:
            return store::fail(
                FaultCode::KeyReused,
                "this key came with another body, content type or query; take a new one",
                kHeader
            );
    }
    return BegunKey{};
}

}  // namespace patron::endpoints
