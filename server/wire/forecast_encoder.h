#pragma once
// A forecast as JSON: who crosses what, by kind and day, and the customers behind a count.
//
// Shapes     append_forecast: {"days":30,"until":"…","customers":N,"transitions":N,"kinds":[{"what":"tier",
//            "from":"gold","to":"silver","count":12,"customers":12,"spend_365d":4200.00,"by_day":[{"day":
//            "2026-12-01","count":3,"customers":3,"spend_365d":…}]}],policy, seq, as_of}. `customers` each
//            once per object it stands in; `transitions` is the sum of the kinds' counts. Days on which
//            nothing is crossed are left out. The spend is named after the policy's longest window.
//            append_forecast_row: {"customer_id":"C","at":"…","what":"tier","from":"gold","to":"silver",
//            "spend_365d":4200.00}.
// Threads    pure.

#include <cstdint>
#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/forecast_counts.h"
#include "server/wire/policy_texts.h"
#include "store/store.h"

namespace patron::wire {

void append_forecast(
    ByteWriter& out,
    const PolicyTexts& texts,
    const ForecastCounts& counts,
    std::uint64_t days,
    scoring::Instant until,
    const store::ScanEnd& end
);

struct ForecastRow {
    std::string_view id;
    scoring::Instant at;
    Crossing crossing;
    scoring::Money spend;
};

void append_forecast_row(ByteWriter& out, const PolicyTexts& texts, const ForecastRow& row);

}  // namespace patron::wire
