#include "server/wire/stats_encoder.h"

#include <algorithm>
#include <string_view>

#include "server/wire/hex_digits.h"
#include "server/wire/instant_text.h"
#include "server/wire/standing_counts.h"

namespace patron::wire {
namespace {

using scoring::Band;
using scoring::Stage;

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

void append_hash(ByteWriter& out, std::string_view member, std::uint64_t value) {
    out.append(member);
    put_hex(out.reserve(kHexDigits), value);
    out.advance(kHexDigits);
    out.append('"');
}

}  // namespace

void StatsCounts::add(const scoring::State& state, std::uint64_t facts, std::uint64_t states) {
    ++cells[state.tier][static_cast<std::size_t>(state.band)]
           [static_cast<std::size_t>(state.stage)];
    ++follow_up[static_cast<std::size_t>(state.follow_up)];
    facts_hash += facts;
    state_hash += combined(facts, states);
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
    append_hash(out, R"(,"state_hash":")", counts.state_hash);
    append_hash(out, R"(,"facts_hash":")", counts.facts_hash);
    out.append(R"(,"policy":)");
    out.append(texts.name());
    out.append(R"(,"seq":)");
    out.append_uint(end.seq);
    out.append(R"(,"as_of":")");
    append_instant(out, end.at);
    out.append(R"("})");
}

}  // namespace patron::wire
