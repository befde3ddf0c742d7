#include "store/partition.h"

// A scan's pass over a partition: everybody's reading at one instant.

#include <algorithm>
#include <array>
#include <chrono>

#include "scoring/check.h"
#include "scoring/score_batch.h"
#include "store/state_hash.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::Facts;
using scoring::Standing;
using scoring::Walk;

constexpr std::size_t kBlockRows = 32;  // scored together

}  // namespace

struct Partition::ScanPass {
    Scan& scan;
    std::size_t partition;
    Instant at;
    BeatContext context;
    ScanWants wants;
    bool plain;
    // One block at a time.
    std::array<Row, kBlockRows> rows;
    std::array<RecordBody, kBlockRows> bodies;
    std::array<scoring::ScoreRow, kBlockRows> scores;
};

std::optional<Row> Partition::scan(
    Scan& scan, std::size_t partition, ScanSlice slice, BeatContext context
) {
    const auto rows = static_cast<Row>(columns_.rows());
    const ScanWants wants = scan.wants();
    ScanPass pass{scan, partition, slice.at, context, wants, !wants.anything(), {}, {}, {}};
    for (Row from = slice.from; from < rows;) {
        const Row until = std::min<Row>(rows, from + kBlockRows);
        scan_rows(pass, from, until);
        from = until;
        if (from < rows && std::chrono::steady_clock::now() >= slice.end) {
            return from;
        }
    }
    return std::nullopt;
}

// Nearly everybody's published standing holds: these are scored together, as any reader would score
// them, due or not; the others one by one.
void Partition::scan_rows(ScanPass& pass, Row from, Row until) {
    std::size_t size = 0;
    for (Row row = from; row < until; ++row) {
        const PublishedRecord& record = columns_.record(row);
        if (!record.writer_id().empty()) {
            pass.rows[size] = row;
            pass.bodies[size] = record.writer_read();
            pass.scores[size].standing = &pass.bodies[size].standing;
            ++size;
        }
    }
    scoring::score_rows(pass.context.policy, pass.at, std::span(pass.scores).first(size));
    for (std::size_t i = 0; i < size; ++i) {
        const Row row = pass.rows[i];
        const scoring::ScoreRow& scored = pass.scores[i];
        if (scored.holds && (scored.standing->outlook_known || !pass.wants.outlook)) {
            show(pass, row, {pass.bodies[i], scored.score, columns_.spend_longest(row)});
        } else {
            scan_row(pass, row);
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

void Partition::scan_row(ScanPass& pass, Row row) {
    const BeatContext& context = pass.context;
    const bool due = may_be_due(row, context);
    RecordBody body = looked_at(row, pass.wants.outlook && pass.at <= context.now, context);
    Money spend = columns_.spend_longest(row);
    if (due) {
        spend = scoring::roll_up(context.policy, facts(row), body.standing.state.settled_at)
                    .window[context.policy.windows - 1]
                    .spend;
    }
    auto score = scoring::score_at(context.policy, body.standing, pass.at);
    if (!score) {
        body.standing = standing_at(row, pass.at, context.policy, &spend);
        score = scoring::score_at(context.policy, body.standing, pass.at);
    }
    if (pass.wants.outlook && !body.standing.outlook_known) {
        scoring::add_outlook(context.policy, facts(row), body.standing);
    }
    PATRON_CHECK(score.has_value());
    show(pass, row, {body, *score, spend});
}

void Partition::show(ScanPass& pass, Row row, const Scanned& scanned) const {
    const CompiledPolicy& policy = pass.context.policy;
    const Standing& standing = scanned.body.standing;
    const ReadingView reading{standing, scanned.score, &policy};
    const std::string_view id = id_of(scanned.body.id);
    if (pass.plain) {
        pass.scan.row(pass.partition, {id, reading, scanned.spend, nullptr, 0, 0, {}});
        return;
    }
    const CustomerAttributes* known = known_attributes(row);
    std::optional<ProfileDetails> profile;
    if (known != nullptr && pass.wants.profile) {
        profile = known->details();
    }
    ScanRow out{id, reading, scanned.spend, profile ? &*profile : nullptr, 0, 0, {}};
    std::vector<FutureTransition> transitions;
    if (pass.wants.transitions_until) {
        transitions = transitions_until(row, standing, *pass.wants.transitions_until, policy);
        out.transitions = transitions;
    }
    if (pass.wants.hashes) {
        out.facts_hash = facts_hash(id, ledger(row), known != nullptr ? known->hash() : 0);
        out.state_hash = state_hash(id, columns_.log_state(row), columns_.activity(row));
    }
    pass.scan.row(pass.partition, out);
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

}  // namespace patron::store
