#include "tools/patron/ndjson_import.h"

#include <string>

#include <boost/json.hpp>

#include "server/wire/instant_text.h"

namespace patron::tools {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

std::optional<scoring::Instant> instant_of(const json::object& event) {
    const json::value* at = event.if_contains("at");
    if (at != nullptr && at->is_int64()) {
        return scoring::Instant{at->get_int64()};
    }
    return wire::parse_instant(text_of(event, "at"));
}

}  // namespace

void import_ndjson(
    ByteSource& source,
    std::uint32_t file,
    std::optional<scoring::Instant> until,
    ImportSink& sink,
    ImportTally& tally,
    const AfterRow& after_row
) {
    CsvReader reader(source, {',', Split::Nowhere});
    CsvRow row;
    std::string line;
    while (reader.next(row)) {
        ++tally.rows;
        const Place place{file, row.line};
        boost::system::error_code error;
        json::monotonic_resource memory;
        const json::value value = json::parse(row.raw, error, &memory);
        if (!row.flaw.empty() || error || !value.is_object()) {
            const std::string why(row.flaw.empty() ? "the line is not one JSON object" : row.flaw);
            sink.refuse(place, {"bad_json", why}, row.raw);
            continue;
        }
        const json::object& event = value.get_object();
        const auto at = until ? instant_of(event) : std::nullopt;
        if (at && *at > *until) {
            ++tally.rows_later;
            continue;
        }
        line.assign(row.raw).append(1, '\n');
        const std::string_view customer = text_of(event, "customer");
        sink.event(customer, line, place);
        after_row();
    }
}

}  // namespace patron::tools
