#include "server/wire/stats_encoder.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "server/wire/hex_digits.h"
#include "server/wire/instant_text.h"
#include "server/wire/portrait_encoder.h"
#include "server/wire/standing_counts.h"

namespace patron::wire {
namespace {

using scoring::Band;
using scoring::Stage;

constexpr double kBillion = 1e9;

// Facts and states stand in one number, yet not so that one could make up for the other.
std::uint64_t combined(std::uint64_t facts, std::uint64_t states) {
    constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t mixed = (facts ^ (states * kOdd)) * kOdd;
    mixed ^= mixed >> 32;
    return mixed * kOdd;
}

struct Totals {
    std::uint64_t customers = 0;
    std::array<std::uint64_t, store::limits::kTiersMax> tiers{};
    std::array<std::uint64_t, scoring::kBands> bands{};
    std::array<std::uint64_t, scoring::kStages> stages{};
};

template <class Visit>
void each_cell(const StatsCounts& counts, Visit visit) {
    for (std::size_t tier = 0; tier < counts.cells.size(); ++tier) {
        for (std::size_t band = 0; band < scoring::kBands; ++band) {
            for (std::size_t stage = 0; stage < scoring::kStages; ++stage) {
                visit(tier, band, stage, counts.cells[tier][band][stage]);
            }
        }
    }
}

Totals totals_of(const StatsCounts& counts) {
    Totals t;
    each_cell(counts, [&t](std::size_t tier, std::size_t band, std::size_t stage, std::uint64_t n) {
        t.customers += n;
        t.tiers[tier] += n;
        t.bands[band] += n;
        t.stages[stage] += n;
    });
    return t;
}

void append_cells(ByteWriter& out, const PolicyTexts& texts, const StatsCounts& counts) {
    out.append(R"(,"by":[)");
    bool first = true;
    each_cell(counts, [&](std::size_t tier, std::size_t band, std::size_t stage, std::uint64_t n) {
        if (n == 0) {
            return;
        }
        out.append(first ? R"({"tier":)" : R"(,{"tier":)");
        first = false;
        out.append(texts.tier(tier));
        out.append(R"(,"risk_band":")");
        out.append(scoring::band_name(static_cast<Band>(band)));
        out.append(R"(","lifecycle":")");
        out.append(scoring::stage_name(static_cast<Stage>(stage)));
        out.append(R"(","customers":)");
        out.append_uint(n);
        out.append('}');
    });
    out.append(']');
}

void append_risk(ByteWriter& out, const PolicyTexts& texts, const StatsCounts& counts) {
    const double sum = static_cast<double>(counts.risk_billionths) / kBillion;
    out.append(R"(,"churn_risk":{"customers":)");
    out.append_uint(counts.with_risk);
    out.append(R"(,"mean":)");
    if (counts.with_risk == 0) {
        out.append("null");
    } else {
        append_number(out, sum / static_cast<double>(counts.with_risk));
    }
    out.append(R"(,"sum":)");
    append_number(out, sum);
    out.append(R"(},")");
    out.append(texts.longest_spend());
    out.append(R"(_at_risk":)");
    append_money(out, counts.spend_at_risk, texts.currency_digits());
}

void append_hash(ByteWriter& out, std::string_view member, std::uint64_t value) {
    out.append(member);
    put_hex(out.reserve(kHexDigits), value);
    out.advance(kHexDigits);
    out.append('"');
}

}  // namespace

void StatsCounts::add(const store::ScanRow& row) {
    const scoring::State& state = row.reading.standing.state;
    ++cells[state.tier][static_cast<std::size_t>(state.band)]
           [static_cast<std::size_t>(state.stage)];
    ++follow_up[static_cast<std::size_t>(state.follow_up)];
    if (const double risk = row.reading.score.churn_risk; !std::isnan(risk)) {
        ++with_risk;
        risk_billionths += static_cast<std::uint64_t>(std::llrint(risk * kBillion));
        if (const std::int64_t spend = row.spend_longest_window.minor; spend > 0) {
            spend_at_risk.add({std::llrint(risk * static_cast<double>(spend))});
        }
    }
    facts_hash += row.facts_hash;
    state_hash += combined(row.facts_hash, row.state_hash);
}

void StatsCounts::add(const StatsCounts& other) {
    for (std::size_t tier = 0; tier < cells.size(); ++tier) {
        for (std::size_t band = 0; band < scoring::kBands; ++band) {
            for (std::size_t stage = 0; stage < scoring::kStages; ++stage) {
                cells[tier][band][stage] += other.cells[tier][band][stage];
            }
        }
    }
    for (std::size_t i = 0; i < follow_up.size(); ++i) {
        follow_up[i] += other.follow_up[i];
    }
    with_risk += other.with_risk;
    risk_billionths += other.risk_billionths;
    spend_at_risk.add(other.spend_at_risk);
    facts_hash += other.facts_hash;
    state_hash += other.state_hash;
}

void append_stats(
    ByteWriter& out, const PolicyTexts& texts, const StatsCounts& counts, const store::ScanEnd& end
) {
    const Totals totals = totals_of(counts);
    out.append(R"({"customers":)");
    out.append_uint(totals.customers);
    append_standing_counts(
        out, texts, {totals.tiers, totals.bands, totals.stages, counts.follow_up}
    );
    append_cells(out, texts, counts);
    out.append(R"(,"value_at_risk":null)");
    append_risk(out, texts, counts);
    if (counts.hashed) {
        append_hash(out, R"(,"state_hash":")", counts.state_hash);
        append_hash(out, R"(,"facts_hash":")", counts.facts_hash);
    }
    out.append(R"(,"policy":)");
    out.append(texts.name());
    out.append(R"(,"seq":)");
    out.append_uint(end.seq);
    out.append(R"(,"as_of":")");
    append_instant(out, end.at);
    out.append(R"("})");
}

}  // namespace patron::wire
