#pragma once
// Which ledger entries an event leaves behind.
//
// Shapes     0 to 2 entries; visits, profiles, overrides and erasures leave none here.
// Range      keys are 48 bits of XXH3 of the order, ticket or event id.
// Threads    pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scoring/ledger.h"
#include "store/event.h"

namespace patron::store {

struct EntryList {
    std::array<scoring::LedgerEntry, 2> entries;
    std::size_t size = 0;
    void add(const scoring::LedgerEntry& entry) { entries[size++] = entry; }
};

// `at` is when the event counts; it may differ from `event.at` only where that lay ahead of the clock.
EntryList entries_of(const Event& event, Instant at);

std::uint64_t reference_key(std::string_view id);

}  // namespace patron::store
