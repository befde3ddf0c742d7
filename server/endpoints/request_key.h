#pragma once
// The Idempotency-Key of a request, from its header to whoever keeps its answer.
//
// Shapes     a key is 1..kIdempotencyKeyBytesMax visible ASCII characters; the request it stands for
//            is its body, content type and query.
// Order      begin_key -> KeyHold -> passed on to the store, or released by its end.
// Errors     BadParameter; KeyReused: the key stands for another request; KeyInFlight.
// Threads    a hold has one owner.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

// A key begun by this request: its end releases it, unless it was passed on.
class KeyHold {
  public:
    KeyHold(store::IdempotencyTable& table, std::string_view key, store::Fingerprint fingerprint)
        : table_(table), key_(key), fingerprint_(fingerprint) {}
    ~KeyHold() {
        if (ours_) {
            release();
        }
    }
    KeyHold(KeyHold&& other) noexcept
        : table_(other.table_)
        , key_(std::move(other.key_))
        , fingerprint_(other.fingerprint_)
        , ours_(std::exchange(other.ours_, false)) {}
    KeyHold& operator=(KeyHold&&) = delete;

    // The receiver keeps or releases it; one that does not take it leaves that to `release`.
    store::Idempotency pass_on();
    void release();

  private:
    store::IdempotencyTable& table_;
    std::string key_;
    store::Fingerprint fingerprint_;
    bool ours_ = true;
};

// Neither: the request has no key.
struct BegunKey {
    std::optional<KeyHold> hold;        // a new one
    std::optional<std::string> answer;  // the request was answered before, so
};

store::Result<BegunKey> begin_key(Core& core, const Request& request);

}  // namespace patron::endpoints
