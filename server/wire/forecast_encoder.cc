#include "server/wire/forecast_encoder.h"

#include "server/wire/digits.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"
#include "server/wire/list_encoder.h"

namespace patron::wire {
namespace {

void append_spend_name(ByteWriter& out, const PolicyTexts& texts) {
    out.append(R"(,")");
    out.append(texts.longest_spend());
    out.append(R"(":)");
}

void append_cell(ByteWriter& out, const PolicyTexts& texts, const ForecastCounts::Cell& cell) {
    out.append(R"(,"count":)");
    out.append_uint(cell.crossings);
    out.append(R"(,"customers":)");
    out.append_uint(cell.customers);
    append_spend_name(out, texts);
    append_money(out, cell.spend, texts.currency_digits());
}

void append_day(ByteWriter& out, scoring::Day day) {
    constexpr std::size_t kDateBytes = 10;
    out.append(R"({"day":")");
    put_date(out.reserve(kDateBytes), day);
    out.advance(kDateBytes);
    out.append('"');
}

// `day` moves on to the first that is of another kind.
void append_days(
    ByteWriter& out,
    const PolicyTexts& texts,
    Crossing crossing,
    ForecastCounts::Days::const_iterator& day,
    ForecastCounts::Days::const_iterator end
) {
    out.append(R"(,"by_day":[)");
    for (bool first = true; day != end && day->first.first == crossing; ++day, first = false) {
        out.append(first ? "" : ",");
        append_day(out, day->first.second);
        append_cell(out, texts, day->second);
        out.append('}');
    }
    out.append(']');
}

}  // namespace

void append_forecast(
    ByteWriter& out,
    const PolicyTexts& texts,
    const ForecastCounts& counts,
    std::uint64_t days,
    scoring::Instant until,
    const store::ScanEnd& end
) {
    out.append(R"({"days":)");
    out.append_uint(days);
    out.append(R"(,"until":")");
    append_instant(out, until);
    out.append(R"(","customers":)");
    out.append_uint(counts.customers());
    out.append(R"(,"transitions":)");
    out.append_uint(counts.crossings());
    out.append(R"(,"kinds":[)");
    auto day = counts.days().begin();
    bool first = true;
    for (const auto& [crossing, cell] : counts.kinds()) {
        out.append(first ? "{" : ",{");
        first = false;
        append_crossing(out, texts, crossing);
        append_cell(out, texts, cell);
        append_days(out, texts, crossing, day, counts.days().end());
        out.append('}');
    }
    out.append(']');
    append_stamp(out, texts, {end.seq, end.at});
    out.append('}');
}

void append_forecast_row(ByteWriter& out, const PolicyTexts& texts, const ForecastRow& row) {
    out.append(R"({"customer_id":)");
    append_json_string(out, row.id);
    out.append(R"(,"at":")");
    append_instant(out, row.at);
    out.append(R"(",)");
    append_crossing(out, texts, row.crossing);
    append_spend_name(out, texts);
    append_money(out, row.spend, texts.currency_digits());
    out.append('}');
}

}  // namespace patron::wire
