#include <tuple>

#include "store/partition.h"

// How time moves the customers of a partition, and how listeners are told of it.

#include "scoring/check.h"
#include "store/limits.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::Facts;
using scoring::Standing;
using scoring::Visible;
using scoring::Walk;

constexpr std::size_t kPrefetchAhead = 4;

}  // namespace

// -- what was told --

void Partition::begin_live(std::uint32_t number, Instant told_until) {
    live_ = true;
    number_ = number;
    told_until_ = told_until;
    not_recalled_ = customers_;
    recall_cursor_ = 0;
}

// What was told before the start is the state as of then.
void Partition::recall_one(Row row, BeatContext context) {
    const CompiledPolicy& policy = context.policy;
    const Facts known = facts(row);
    Walk walk(policy, known, columns_.log_state(row));
    walk.skip(told_until_);
    RecordBody body = columns_.record(row).read();
    body.standing = scoring::make_standing(walk.moment(), walk.settled());
    scoring::add_outlook(policy, known, body.standing);
    columns_.spend_longest(row) = walk.rollup().window[policy.windows - 1].spend;
    publish(row, body);
    const double risk = score_then(policy, body.standing).churn_risk;
    columns_.said(row) = LastTold::told(walk.visible(), risk);
    count(walk.visible(), +1);
    --not_recalled_;
    arm(row, body, context);
}

bool Partition::recall(std::size_t limit, BeatContext context) {
    for (; not_recalled_ > 0 && limit > 0 && recall_cursor_ < columns_.rows(); ++recall_cursor_) {
        if (!columns_.record(recall_cursor_).writer_id().empty() &&
            columns_.said(recall_cursor_).kind() == LastTold::Kind::Unknown) {
            recall_one(recall_cursor_, context);
            --limit;
        }
    }
    return not_recalled_ > 0;
}

void Partition::count(const Visible& visible, std::int64_t difference) {
    std::uint32_t& cell = stand_[visible.tier][static_cast<std::size_t>(visible.band)]
                                [static_cast<std::size_t>(visible.stage)];
    cell = static_cast<std::uint32_t>(cell + difference);
    std::uint32_t& follow_up = follow_ups_[static_cast<std::size_t>(visible.follow_up)];
    follow_up = static_cast<std::uint32_t>(follow_up + difference);
}

void Partition::add_counts(LiveCounts& counts) const {
    for (std::size_t tier = 0; tier < counts.tiers.size(); ++tier) {
        for (std::size_t band = 0; band < scoring::kBands; ++band) {
            for (std::size_t stage = 0; stage < scoring::kStages; ++stage) {
                const std::uint32_t there = stand_[tier][band][stage];
                counts.customers += there;
                counts.tiers[tier] += there;
                counts.bands[band] += there;
                counts.stages[stage] += there;
            }
        }
    }
    for (std::size_t i = 0; i < follow_ups_.size(); ++i) {
        counts.follow_ups[i] += follow_ups_[i];
    }
    counts.pending += not_recalled_;
}

// -- telling --

ScoreThen Partition::score_then(const CompiledPolicy& policy, const Standing& standing) const {
    ScoreThen out;
    if (const auto score = scoring::score_at(policy, standing, standing.state.settled_at)) {
        out.churn_risk = score->churn_risk;
        out.p_alive = score->p_alive;
    }
    out.value_index = standing.value_index;
    out.since = standing.state.since;
    out.follow_up_due = standing.state.follow_up_due;
    return out;
}

std::shared_ptr<const ProfileDetails> Partition::shared_profile(Row row) const {
    const CustomerAttributes* known = known_attributes(row);
    return known == nullptr ? nullptr : std::make_shared<const ProfileDetails>(known->details());
}

void Partition::say(
    Row row,
    const Standing& standing,
    const Visible& to,
    Cause cause,
    Instant at,
    BeatContext context
) {
    LastTold& said = columns_.said(row);
    Change change;
    change.id = id_of(columns_.record(row).writer_id());
    change.place = {number_, row};
    change.at = at;
    change.cause = cause;
    if (said.kind() == LastTold::Kind::Told) {
        change.from = said.visible();
        count(*change.from, -1);
    }
    change.to = to;
    count(to, +1);
    change.score = score_then(context.policy, standing);
    change.risk_before = said.risk();
    change.policy = &context.policy;
    change.profile = shared_profile(row);
    change.profile_before = change.profile;
    said = LastTold::told(to, change.score.churn_risk);
    changes_.push_back(std::move(change));
}

// What listeners filter by has moved: who no longer has the customer in his picture must hear of it.
void Partition::tell_attributes(
    Row row,
    std::shared_ptr<const ProfileDetails> before,
    const Standing& standing,
    BeatContext context
) {
    const auto filtered = [](const ProfileDetails* p) {
        return p == nullptr
                   ? std::tuple<std::string, std::string, std::string, std::vector<std::string>>()
                   : std::tuple(p->region, p->industry, p->owner, p->tags);
    };
    const LastTold& said = columns_.said(row);
    auto after = shared_profile(row);
    if (said.kind() != LastTold::Kind::Told || filtered(before.get()) == filtered(after.get())) {
        return;
    }
    Change change;
    change.id = id_of(columns_.record(row).writer_id());
    change.place = {number_, row};
    change.at = standing.state.settled_at;
    change.from = said.visible();
    change.to = change.from;
    change.score = score_then(context.policy, standing);
    change.risk_before = said.risk();
    change.policy = &context.policy;
    change.profile = std::move(after);
    change.profile_before = std::move(before);
    changes_.push_back(std::move(change));
}

void Partition::tell_erasure(Row row, Instant at, BeatContext context) {
    due_.disarm(row);
    if (!live_) {
        return;
    }
    catch_up(row, context);
    due_.disarm(row);
    const LastTold& said = columns_.said(row);
    if (said.kind() != LastTold::Kind::Told) {
        return;
    }
    count(said.visible(), -1);
    Change change;
    change.id = id_of(columns_.record(row).writer_id());
    change.place = {number_, row};
    change.at = at;
    change.from = said.visible();
    change.risk_before = said.risk();
    change.policy = &context.policy;
    change.profile = shared_profile(row);
    change.profile_before = change.profile;
    changes_.push_back(std::move(change));
}

// An event has moved the customer: the published standing is as of it. If that has not held until now, what
// is to be told follows once the walk there is made (`tell_owed`): histories come in by the thousand.
void Partition::tell_event(
    Row row,
    const RecordBody& published,
    const scoring::TierOverride& by,
    Cause cause,
    BeatContext context
) {
    LastTold& said = columns_.said(row);
    const Standing& standing = published.standing;
    // Quiet for a while is to hold now: mostly one question answers both.
    const Instant quiet = bound(standing, context);
    if (quiet <= context.time && !scoring::holds_at(context.policy, standing, context.time)) {
        due_.disarm(row);
        if (!said.owes()) {
            owed_.push_back(row);
        }
        said.owe(cause);
        return;
    }
    const Visible now = scoring::visible(standing.state, by);
    if (said.kind() != LastTold::Kind::Told || said.visible() != now) {
        say(row, standing, now, cause, standing.state.settled_at, context);
    } else if (said.owes()) {
        said = LastTold::told(now, said.risk());
    }
    if (quiet >= due_.near_end()) {
        due_.arm(row, quiet);
        return;
    }
    RecordBody body = published;
    arm(row, body, context);
}

// Moves what is published on to `to`. Of a customer who owes, only the difference is told.
void Partition::tell_until(Row row, Instant to, BeatContext context) {
    const CompiledPolicy& policy = context.policy;
    RecordBody body = columns_.record(row).read();
    const Facts known = facts(row);
    Walk walk(policy, known, body.standing.state);
    Visible seen = walk.visible();
    Instant since = walk.state().settled_at;
    const bool owed = columns_.said(row).owes();
    bool standing_made = false;
    while (walk.state().settled_at < to) {
        walk.next(to);
        standing_made = false;
        if (const Visible now = walk.visible(); now != seen) {
            seen = now;
            since = walk.state().settled_at;
            if (!owed) {
                body.standing = scoring::make_standing(walk.moment(), walk.settled());
                standing_made = true;
                say(row, body.standing, seen, Cause::Time, since, context);
            }
        }
    }
    if (!standing_made) {
        body.standing = scoring::make_standing(walk.moment(), walk.settled());
    }
    if (owed) {
        settle_debt(row, body.standing, seen, since, context);
    }
    show_moved(row, walk, body, context);
}

// The same, for who is at his next transition and owes nothing.
void Partition::tell_transition(Row row, RecordBody body, BeatContext context) {
    const Facts known = facts(row);
    const Visible seen = scoring::visible(body.standing.state, known.tier_override);
    Walk walk = scoring::walk_to_transition(context.policy, known, body.standing);
    body.standing = scoring::make_standing(walk.moment(), walk.settled());
    if (const Visible now = walk.visible(); now != seen) {
        say(row, body.standing, now, Cause::Time, walk.state().settled_at, context);
    }
    show_moved(row, walk, body, context);
}

// Time has moved a customer to where the walk stands.
void Partition::show_moved(Row row, Walk& walk, RecordBody& body, BeatContext context) {
    const std::size_t longest = context.policy.windows - 1;
    columns_.spend_longest(row) = walk.rollup().window[longest].spend;
    if (bound(body.standing, context) < due_.near_end()) {
        scoring::add_transition(walk, body.standing, search_end(context));
    }
    publish(row, body);
    arm(row, body, context);
}

void Partition::settle_debt(
    Row row, const Standing& standing, const Visible& now, Instant since, BeatContext context
) {
    LastTold& said = columns_.said(row);
    if (said.kind() != LastTold::Kind::Told || said.visible() != now) {
        say(row, standing, now, said.owed_cause(), since, context);
    } else {
        said = LastTold::told(now, said.risk());
    }
}

void Partition::catch_up(Row row, BeatContext context) {
    if (columns_.said(row).kind() == LastTold::Kind::Unknown) {
        recall_one(row, context);
    }
    const RecordBody body = columns_.record(row).read();
    const bool owes = columns_.said(row).owes();
    if (owes || !scoring::holds_at(context.policy, body.standing, context.time)) {
        tell_until(row, std::max(context.time, body.standing.state.settled_at), context);
    }
}

// -- alarms --

bool Partition::may_be_due(Row row, BeatContext context) const {
    const LastTold& said = columns_.said(row);
    if (said.kind() != LastTold::Kind::Told || said.owes()) {
        return said.kind() != LastTold::Kind::Nothing || said.owes();
    }
    if (const Instant alarm = due_.alarm(row); alarm != kNever) {
        return alarm <= context.time;
    }
    const Standing standing = columns_.record(row).read().standing;
    return !standing.transition_known || standing.next_transition <= context.time;
}

Instant Partition::bound(const Standing& standing, BeatContext context) const {
    const Instant from = std::max(context.time, standing.state.settled_at);
    return scoring::quiet_until(context.policy, standing, from);
}

// A transition is looked for so far: who has daily steps is looked at once a day.
Instant Partition::search_end(BeatContext context) const {
    return std::max(due_.near_end(), scoring::plus_days(context.time, 1));
}

// Near alarms are exact: where a bound falls among them, the next transition has to be found.
void Partition::arm(Row row, RecordBody& body, BeatContext context) {
    Standing& standing = body.standing;
    Instant at = bound(standing, context);
    if (at < due_.near_end() && !standing.transition_known) {
        const Facts known = facts(row);
        Walk walk(context.policy, known, standing.state);
        scoring::add_transition(walk, standing, search_end(context));
        publish(row, body);
        at = standing.next_transition;
    }
    if (at < due_.near_end()) {
        due_.add_near(row, at);
    } else if (at != kNever) {
        due_.arm(row, at);
    }
}

bool Partition::gather_due(std::size_t limit, BeatContext context) {
    begun_.clear();
    const bool all = due_.take_begun(context.time, limit, begun_);
    for (std::size_t i = 0; i < begun_.size(); ++i) {
        if (i + kPrefetchAhead < begun_.size()) {
            columns_.prefetch(begun_[i + kPrefetchAhead]);
            due_.prefetch(begun_[i + kPrefetchAhead]);
        }
        const Row row = begun_[i];
        RecordBody body = columns_.record(row).read();
        if (body.id.empty() || columns_.said(row).owes()) {
            continue;
        }
        arm(row, body, context);
    }
    return all;
}

Told Partition::tell_due(Instant until, std::size_t limit, BeatContext context) {
    for (std::size_t looked = 0;; ++looked) {
        const DueRow* first = due_.first();
        if (first == nullptr || first->at > until) {
            return {until, false};
        }
        if (looked >= limit && first->at >= until) {
            return {Instant{until.ms - 1}, true};
        }
        const DueRow due = *first;
        due_.pop();
        if (const DueRow* later = due_.ahead(2 * kPrefetchAhead)) {
            columns_.prefetch(later->row);
            due_.prefetch(later->row);
        }
        if (const DueRow* soon = due_.ahead(kPrefetchAhead)) {
            ledgers_.prefetch(columns_.ledger(soon->row));
        }
        const RecordBody body = columns_.record(due.row).read();
        // Else the row has been moved or emptied since, and stands elsewhere.
        if (!body.id.empty() && !columns_.said(due.row).owes() && body.standing.transition_known &&
            body.standing.next_transition == due.at) {
            tell_transition(due.row, body, context);
        }
    }
}

bool Partition::tell_owed(std::size_t limit, BeatContext context) {
    for (; !owed_.empty() && limit > 0; --limit) {
        const Row row = owed_.back();
        owed_.pop_back();
        if (!columns_.record(row).writer_id().empty() && columns_.said(row).owes()) {
            catch_up(row, context);
        }
    }
    return !owed_.empty();
}

}  // namespace patron::store
