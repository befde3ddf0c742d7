#include "store/partition.h"

// What others ask of a partition: one customer, all of them, a page of the picture.

#include <algorithm>
#include <bit>

#include "scoring/check.h"
#include "store/partition_map.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::Facts;
using scoring::Standing;
using scoring::State;
using scoring::Walk;

// A beat waits for a page of so many rows.
constexpr Row kPictureRowsMax = 2048;

}  // namespace

bool Partition::find_standing(std::uint64_t hash, std::string_view id, Standing& out) const {
    const CustomerId wanted = CustomerId::of(id, bounds_.hash_seed);
    return index_
        .find(
            index_hash(hash),
            [&](Row candidate) { return columns_.record(candidate).read_of(wanted, out); }
        )
        .has_value();
}

ReadOutcome Partition::read(
    const CompiledPolicy& policy,
    std::uint64_t hash,
    std::string_view id,
    Instant now,
    Reading& out,
    Outlook outlook
) const {
    if (!find_standing(hash, id, out.standing)) {
        return ReadOutcome::Unknown;
    }
    const auto score = scoring::score_at(policy, out.standing, now);
    if (!score || (!out.standing.outlook_known && outlook == Outlook::Wanted)) {
        return ReadOutcome::AskTheBeat;
    }
    out.score = *score;
    out.policy = &policy;
    return ReadOutcome::Found;
}

Standing Partition::standing_at(Row row, Instant at, const CompiledPolicy& policy, Money* spend)
    const {
    const State published = columns_.record(row).read().standing.state;
    const State& from = published.settled_at <= at ? published : columns_.log_state(row);
    const Facts known = facts(row);
    Walk walk(policy, known, from);
    walk.skip(at);
    if (spend != nullptr) {
        *spend = walk.rollup().window[policy.windows - 1].spend;
    }
    return scoring::make_standing(walk.moment(), walk.settled());
}

RecordBody Partition::fresh(Row row, bool outlook, BeatContext context) {
    if (columns_.said(row).kind() == LastTold::Kind::Unknown || columns_.said(row).owes() ||
        !scoring::holds_at(context.policy, columns_.record(row).read().standing, context.now)) {
        catch_up(row, context);
    }
    RecordBody body = columns_.record(row).read();
    if (outlook && !body.standing.outlook_known) {
        scoring::add_outlook(context.policy, facts(row), body.standing);
        publish(row, body);
    }
    return body;
}

Result<std::optional<CustomerAnswer>> Partition::answer(
    std::string_view id, std::optional<Instant> at, bool portrait, BeatContext context
) {
    const auto row = find(customer_hash(id, bounds_.hash_seed), id);
    if (!row) {
        return std::optional<CustomerAnswer>{};
    }
    const CompiledPolicy& policy = context.policy;
    const Instant asked = at.value_or(context.now);
    CustomerAnswer out;
    if (!at) {
        out.reading.standing = fresh(*row, true, context).standing;
    } else if (*at < columns_.log_state(*row).settled_at) {
        return fail(
            FaultCode::PastNotKept,
            "the customer's newest event is later than the instant asked for",
            "at"
        );
    } else {
        out.reading.standing = standing_at(*row, *at, policy, nullptr);
        scoring::add_outlook(policy, facts(*row), out.reading.standing);
    }
    const auto score = scoring::score_at(policy, out.reading.standing, asked);
    PATRON_CHECK(score.has_value());
    out.reading.score = *score;
    out.reading.policy = &policy;
    if (portrait) {
        out.portrait = std::make_unique<Portrait>();
        const Facts known = facts(*row);
        out.portrait->rollup = scoring::roll_up(policy, known, score->as_of);
        out.portrait->activity = known.activity;
        const auto later = [](Instant t, const scoring::LedgerEntry& e) {
            return t < e.at;
        };
        out.portrait->ledger.assign(
            known.ledger.begin(),
            std::upper_bound(known.ledger.begin(), known.ledger.end(), score->as_of, later)
        );
        if (const CustomerAttributes* said = known_attributes(*row)) {
            out.portrait->profile = said->details();
            out.portrait->tier_override = said->override_details();
        }
    }
    return out;
}

std::optional<Row> Partition::picture(
    const PictureQuestion& question, Row from, PicturePage& page, BeatContext context
) {
    for (Row row = from; row < columns_.rows(); ++row) {
        if (row - from == kPictureRowsMax || page.rows.size() == question.customers_max) {
            return row;
        }
        const RecordBody body = columns_.record(row).read();
        if (body.id.empty()) {
            continue;
        }
        if (columns_.said(row).kind() == LastTold::Kind::Unknown) {
            recall_one(row, context);
        }
        const LastTold said = columns_.said(row);
        const std::string_view id = id_of(body.id);
        const CustomerAttributes* known = known_attributes(row);
        const auto profile = known != nullptr ? std::optional(known->details()) : std::nullopt;
        if (said.kind() == LastTold::Kind::Told &&
            question.wants(id, said.visible(), profile ? &*profile : nullptr)) {
            const Standing standing = columns_.record(row).read().standing;
            page.rows.push_back(
                {std::string(id),
                 {number_, row},
                 said.visible(),
                 score_then(context.policy, standing)}
            );
        }
    }
    return std::nullopt;
}

std::optional<Row> Partition::wanting_outlook() {
    while (outlooks_wanted_ > 0) {
        outlook_cursor_ %= outlook_wanted_.size();
        if (const std::uint64_t bits = outlook_wanted_[outlook_cursor_]; bits != 0) {
            const auto bit = static_cast<unsigned>(std::countr_zero(bits));
            return static_cast<Row>(outlook_cursor_ * 64 + bit);
        }
        ++outlook_cursor_;
    }
    return std::nullopt;
}

bool Partition::prepare_outlooks(std::size_t limit, BeatContext context) {
    for (; limit > 0; --limit) {
        const auto row = wanting_outlook();
        if (!row) {
            return false;
        }
        fresh(*row, true, context);
    }
    return outlooks_wanted_ > 0;
}

}  // namespace patron::store
