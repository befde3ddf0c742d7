#pragma once
// Events as the log keeps them: a compact binary form that stays readable (LOG_FORMAT.md).
//
// Shapes     `encode_events` appends the records of the events to `out`, one after another;
//            `decode_events` gives them back, each with its position among all that were encoded.
// Range      kEventFormat is written; every format from 1 up to it is read.
// Errors     DataDamaged, with the offset of the record, for bytes that no encoder wrote; never an
//            invention, never a read beyond the bytes.
// Owns       the decoded batch owns its strings.
// Threads    pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/event.h"
#include "store/result.h"

namespace patron::store {

inline constexpr std::uint32_t kEventFormat = 1;

// What stays of an event that was taken out of the log because its customer was erased: its place, so
// that the numbers of the others stay, and hashes, so that the event still counts once if sent again.
struct RemovedEvent {
    std::uint32_t position = 0;
    bool erasure = false;             // it was the erasure itself
    std::uint64_t customer_hash = 0;  // under the folder's seed
    std::uint64_t id_hash = 0;        // of customer and event id; 0: the event had none
};

struct StoredEvents {
    EventBatch batch;
    std::vector<std::uint32_t> positions;  // of batch.events, ascending
    std::vector<RemovedEvent> removed;
};

void encode_events(std::span<const Event* const> events, std::string& out);

// `count`: how many records there are, the removed ones included.
Result<StoredEvents> decode_events(
    std::uint32_t format, std::string_view bytes, std::uint32_t count
);

// Says of an event whether it goes: the hashes that stay if so; only they are looked at.
using Removal = std::function<std::optional<RemovedEvent>(std::uint32_t position, const Event&)>;

// The same records with the events that `goes` names replaced by their places; nothing when none goes.
Result<std::optional<std::string>> remove_events(
    std::uint32_t format, std::string_view bytes, std::uint32_t count, const Removal& goes
);

}  // namespace patron::store
