#pragma once
// The parameters that reads share: `at` and `min_seq`.
//
// Errors     BadParameter.
// Threads    values.

#include <cstdint>
#include <optional>
#include <string_view>

#include "scoring/units.h"
#include "server/wire/query_string.h"
#include "store/result.h"

namespace patron::endpoints {

struct ReadParameters {
    std::optional<scoring::Instant> at;  // absent: now
    std::uint64_t min_seq = 0;
};

store::Result<ReadParameters> read_parameters(const wire::QueryString& query);
// Of a query that holds nothing else.
store::Result<ReadParameters> read_only_parameters(std::string_view query);

}  // namespace patron::endpoints
