#pragma once
// GET /v1/forecast: who crosses what in the next days if nothing happens.
//
// Shapes     parameters: days (1 to limits::kForecastDaysMax, default 30), those of customer_choice.h, at,
//            min_seq. The body is that of forecast_encoder.h.
// Time       from the instant of the scan, exclusive, to `until`: so many days of 24 hours after `at`, or
//            after the request came. Whom the choice means is judged as of the scan, not of the crossing.
//            Days are those of the policy's time zone.
// Bounds     forecast_counts.h, per partition.
// Errors     BadParameter; NotReady when the policy was switched meanwhile.
// Threads    any I/O thread; always a scan.

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/endpoints/core.h"
#include "server/endpoints/customer_choice.h"
#include "server/endpoints/read_parameters.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

// What the counts and the list behind them have in common.
struct ForecastQuestion {
    static constexpr std::uint64_t kDaysDefault = 30;

    std::uint64_t days = kDaysDefault;
    CustomerChoice who;
    ReadParameters read;

    static store::Result<ForecastQuestion> from(
        const wire::QueryString& query, const wire::PolicyTexts& texts
    );
    // So many days after `at`, or after now.
    scoring::Instant until(scoring::Instant now) const;
};

Handled get_forecast(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
