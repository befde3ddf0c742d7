#include "server/wire/standing_counts.h"

#include <string_view>

#include "scoring/check.h"
#include "server/wire/state_names.h"

namespace patron::wire {
namespace {

// `name(i)` is a JSON string, or a word that `quote` makes one.
template <class Name>
void append_object(
    ByteWriter& out,
    std::string_view member,
    std::span<const std::uint64_t> counts,
    std::size_t names,
    std::string_view quote,
    Name name
) {
    PATRON_CHECK(counts.size() >= names);
    out.append(member);
    for (std::size_t i = 0; i < names; ++i) {
        out.append(i == 0 ? '{' : ',');
        out.append(quote);
        out.append(name(i));
        out.append(quote);
        out.append(':');
        out.append_uint(counts[i]);
    }
    out.append(names == 0 ? "{}" : "}");
}

void append_words(
    ByteWriter& out,
    std::string_view member,
    std::span<const std::uint64_t> counts,
    std::span<const std::string_view> names
) {
    append_object(out, member, counts, names.size(), R"(")", [names](std::size_t i) {
        return names[i];
    });
}

}  // namespace

void append_standing_counts(
    ByteWriter& out, const PolicyTexts& texts, const StandingCounts& counts
) {
    const std::size_t tiers = texts.tier_names().size();
    append_object(out, R"(,"tiers":)", counts.tiers, tiers, "", [&texts](std::size_t i) {
        return texts.tier(i);
    });
    append_words(out, R"(,"risk_bands":)", counts.bands, band_names());
    append_words(out, R"(,"lifecycle":)", counts.stages, stage_names());
    append_words(out, R"(,"follow_up":)", counts.follow_ups, follow_up_names());
}

}  // namespace patron::wire
