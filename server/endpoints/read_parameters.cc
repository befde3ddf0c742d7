#include "server/endpoints/read_parameters.h"

#include <limits>

namespace patron::endpoints {

store::Result<ReadParameters> read_parameters(const wire::QueryString& query) {
    const auto at = query.instant("at");
    if (!at) {
        return std::unexpected(at.error());
    }
    const auto min_seq = query.count("min_seq", std::numeric_limits<std::int64_t>::max());
    if (!min_seq) {
        return std::unexpected(min_seq.error());
    }
    return ReadParameters{*at, min_seq->value_or(0)};
}

store::Result<ReadParameters> read_only_parameters(std::string_view query) {
    const auto parsed = wire::QueryString::parse(query, {"at", "min_seq"});
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    return read_parameters(*parsed);
}

}  // namespace patron::endpoints
