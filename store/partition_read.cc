#include "store/partition.h"

// What others ask of a partition: one customer, all of them, a page of the picture.

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

#include "scoring/check.h"
#include "scoring/score_batch.h"
#include "store/partition_map.h"
#include "store/state_hash.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::Facts;
using scoring::Standing;
using scoring::State;
using scoring::Walk;

// A beat waits this long for a scan, and so many rows for a page.
constexpr std::chrono::milliseconds kScanSlice{1};
constexpr std::size_t kScanBlockRows = 32;  // scored together
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
    const CompiledPolicy& policy, std::uint64_t hash, std::string_view id, Instant now, Reading& out
) const {
    if (!find_standing(hash, id, out.standing)) {
        return ReadOutcome::Unknown;
    }
    const auto score = scoring::score_at(policy, out.standing, now);
    if (!score || !out.standing.outlook_known) {
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

struct Partition::ScanBlock {
    std::array<Row, kScanBlockRows> rows;
    std::array<RecordBody, kScanBlockRows> bodies;
    std::array<scoring::ScoreRow, kScanBlockRows> scores;
    std::size_t size = 0;
};

std::optional<Row> Partition::scan(
    Scan& scan, std::size_t partition, Row from, Instant at, BeatContext context
) {
    const auto end = std::chrono::steady_clock::now() + kScanSlice;
    const auto rows = static_cast<Row>(columns_.rows());
    ScanBlock block;
    while (from < rows) {
        const Row until = std::min<Row>(rows, from + kScanBlockRows);
        scan_rows(scan, partition, {from, until}, block, at, context);
        from = until;
        if (from < rows && std::chrono::steady_clock::now() >= end) {
            return from;
        }
    }
    return std::nullopt;
}

// Nearly everybody's published standing holds: these are scored together, the others one by one.
void Partition::scan_rows(
    Scan& scan,
    std::size_t partition,
    std::pair<Row, Row> range,
    ScanBlock& block,
    Instant at,
    BeatContext context
) {
    block.size = 0;
    for (Row row = range.first; row < range.second; ++row) {
        const PublishedRecord& record = columns_.record(row);
        if (!record.writer_id().empty()) {
            block.rows[block.size] = row;
            block.bodies[block.size] = record.writer_read();
            block.scores[block.size].standing = &block.bodies[block.size].standing;
            ++block.size;
        }
    }
    scoring::score_rows(context.policy, at, std::span(block.scores).first(block.size));
    for (std::size_t i = 0; i < block.size; ++i) {
        const Row row = block.rows[i];
        const scoring::ScoreRow& scored = block.scores[i];
        if (scored.holds && !may_be_due(row, context) &&
            (scored.standing->outlook_known || !scan.wants_outlook())) {
            show(
                scan,
                partition,
                row,
                {block.bodies[i], scored.score, columns_.spend_longest(row)},
                context
            );
        } else {
            scan_row(scan, partition, row, at, context);
        }
    }
}

// What is due is left to its turn: a scan would tell it in the order of rows.
RecordBody Partition::looked_at(Row row, bool outlook, BeatContext context) {
    if (!may_be_due(row, context)) {
        return fresh(row, outlook, context);
    }
    RecordBody body = columns_.record(row).read();
    if (!scoring::holds_at(context.policy, body.standing, context.now)) {
        body.standing = standing_at(
            row, std::max(context.now, columns_.log_state(row).settled_at), context.policy, nullptr
        );
    }
    return body;
}

void Partition::scan_row(
    Scan& scan, std::size_t partition, Row row, Instant at, BeatContext context
) {
    const bool due = may_be_due(row, context);
    RecordBody body = looked_at(row, scan.wants_outlook() && at <= context.now, context);
    Money spend = columns_.spend_longest(row);
    if (due) {
        spend = scoring::roll_up(context.policy, facts(row), body.standing.state.settled_at)
                    .window[context.policy.windows - 1]
                    .spend;
    }
    auto score = scoring::score_at(context.policy, body.standing, at);
    if (!score) {
        body.standing = standing_at(row, at, context.policy, &spend);
        score = scoring::score_at(context.policy, body.standing, at);
    }
    if (scan.wants_outlook() && !body.standing.outlook_known) {
        scoring::add_outlook(context.policy, facts(row), body.standing);
    }
    PATRON_CHECK(score.has_value());
    show(scan, partition, row, {body, *score, spend}, context);
}

void Partition::show(
    Scan& scan, std::size_t partition, Row row, const Scanned& scanned, BeatContext context
) const {
    const Standing& standing = scanned.body.standing;
    const std::string_view id = id_of(scanned.body.id);
    const CustomerAttributes* known =
        scan.wants_profile() || scan.wants_hashes() ? known_attributes(row) : nullptr;
    std::optional<ProfileDetails> profile;
    if (known != nullptr && scan.wants_profile()) {
        profile = known->details();
    }
    ScanRow out{
        id,
        {standing, scanned.score, &context.policy},
        scanned.spend,
        profile ? &*profile : nullptr,
        0,
        0,
        {}
    };
    std::vector<FutureTransition> transitions;
    if (const auto until = scan.wants_transitions_until()) {
        transitions = transitions_until(row, standing, *until, context.policy);
        out.transitions = transitions;
    }
    if (scan.wants_hashes()) {
        out.facts_hash = facts_hash(id, ledger(row), known != nullptr ? known->hash() : 0);
        out.state_hash = state_hash(id, columns_.log_state(row), columns_.activity(row));
    }
    scan.row(partition, out);
}

std::vector<FutureTransition> Partition::transitions_until(
    Row row, const Standing& from, Instant until, const CompiledPolicy& policy
) const {
    std::vector<FutureTransition> out;
    if (from.transition_known && from.next_transition > until) {
        return out;
    }
    const Facts known = facts(row);
    Walk walk(policy, known, from.state);
    scoring::Visible seen = walk.visible();
    while (walk.state().settled_at < until) {
        walk.next(until);
        if (const scoring::Visible now = walk.visible(); now != seen) {
            out.push_back({walk.state().settled_at, seen, now});
            seen = now;
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
