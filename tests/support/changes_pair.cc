#include "tests/support/changes_pair.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "scoring/check.h"

namespace patron::store {
namespace {

using scoring::Visible;

bool same_number(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

bool same_score(const ScoreThen& a, const ScoreThen& b) {
    return same_number(a.churn_risk, b.churn_risk) && same_number(a.p_alive, b.p_alive) &&
           same_number(a.value_index, b.value_index) && a.since == b.since &&
           a.follow_up_due == b.follow_up_due;
}

std::string describe_score(const ScoreThen& score) {
    return " risk " + std::to_string(score.churn_risk) + " alive " + std::to_string(score.p_alive) +
           " value " + std::to_string(score.value_index) + " since " +
           std::to_string(score.since.ms) + " due " + std::to_string(score.follow_up_due.ms);
}

const char* name_of(Cause cause) {
    switch (cause) {
        case Cause::Event:
            return "event";
        case Cause::Time:
            return "time";
        case Cause::Override:
            return "override";
    }
    return "?";
}

template <class Any>
std::string describe_any(const Any& c) {
    return std::to_string(c.at.ms) + " " + name_of(c.cause) + ": " + describe(c.from) + " -> " +
           describe(c.to) + describe_score(c.score) + " before " + std::to_string(c.risk_before);
}

template <class Any>
std::map<std::string, std::vector<const Any*>> by_customer(const std::vector<Any>& changes) {
    std::map<std::string, std::vector<const Any*>> out;
    for (const Any& change : changes) {
        out[change.id].push_back(&change);
    }
    return out;
}

template <class Any>
std::string list(const std::vector<const Any*>& changes) {
    std::string out;
    for (const Any* change : changes) {
        out += "\n    " + describe_any(*change);
    }
    return out;
}

}  // namespace

std::string describe(const std::optional<Visible>& v) {
    if (!v) {
        return "nobody";
    }
    return "tier " + std::to_string(v->tier_by_rules) + "/" + std::to_string(v->tier) + " band " +
           std::to_string(static_cast<int>(v->band)) + " stage " +
           std::to_string(static_cast<int>(v->stage)) + " follow-up " +
           std::to_string(static_cast<int>(v->follow_up)) + " override " +
           std::to_string(static_cast<int>(v->override_kind)) + "/" +
           std::to_string(v->override_tier);
}

std::string describe(const Change& change) {
    return describe_any(change);
}

std::string describe(const ExpectedChange& change) {
    return describe_any(change);
}

bool same_change(const Change& got, const ExpectedChange& expected) {
    return got.at == expected.at && got.cause == expected.cause && got.from == expected.from &&
           got.to == expected.to &&
           (!got.to || same_score(got.score, expected.score) ||
            same_score(got.score, expected.score_when_told));
}

std::string ChainCheck::add(const Change& change) {
    const auto found = said_.find(change.id);
    const bool known = found != said_.end();
    const std::optional<Visible> before =
        known ? std::optional(found->second.visible) : std::nullopt;
    const double risk = known ? found->second.risk : scoring::kUnknown;
    const bool any_risk = known && !found->second.risk_known;
    std::string flaw;
    if (change.from != before) {
        flaw = "broken chain: said was " + describe(before);
    } else if (change.from == change.to) {
        flaw = "nothing changes";
    } else if (!any_risk && !same_number(change.risk_before, static_cast<float>(risk))) {
        flaw = "the risk before was " + std::to_string(risk);
    } else if (change.seq < seq_) {
        flaw = "seq falls from " + std::to_string(seq_) + " to " + std::to_string(change.seq);
    }
    seq_ = change.seq;
    if (change.to) {
        said_[change.id] = {*change.to, change.score.churn_risk, true};
    } else {
        said_.erase(change.id);
    }
    return flaw.empty() ? flaw : change.id + ": " + flaw + " at " + describe(change);
}

void ChainCheck::forget_risks() {
    for (auto& [id, last] : said_) {
        last.risk_known = false;
    }
}

std::map<std::string, Visible> ChainCheck::said() const {
    std::map<std::string, Visible> out;
    for (const auto& [id, last] : said_) {
        out.emplace(id, last.visible);
    }
    return out;
}

ChangesPair::ChangesPair(
    std::shared_ptr<const scoring::CompiledPolicy> policy, Make make, Instant now
)
    : policy_(std::move(policy))
    , make_(std::move(make))
    , reference_(policy_, now)
    , store_(make_(now)) {}

ChangesPair::ChangesPair(
    std::shared_ptr<const scoring::CompiledPolicy> policy, TestStoreOptions options
)
    : policy_(std::move(policy)), reference_(policy_, options.now) {
    options.policy = policy_;
    store_ = std::make_unique<TestStore>(std::move(options));
}

void ChangesPair::set_clock(Instant now) {
    store_->clock().set(now);
    reference_.clock_to(now);
}

void ChangesPair::run_clock_to(Instant now) {
    set_clock(now);
    expect_same_changes();
}

void ChangesPair::submit(EventBatch batch) {
    touched_ = true;
    const std::uint64_t accepted = reference_.submit(batch);
    const auto reply = store_->submit_and_wait(std::move(batch), OnError::Skip);
    ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    ASSERT_EQ(reply->accepted, accepted);
    ASSERT_EQ(reply->seq, reference_.seq());
}

// What is there, whether or not there is more to come.
void ChangesPair::fetch() {
    auto changes = store_->changes_after(cursor_);
    if (!changes) {
        ADD_FAILURE() << "the feed has lost changes after " << cursor_;
        return;
    }
    for (Change& change : *changes) {
        if (const std::string flaw = chain_.add(change); !flaw.empty()) {
            ADD_FAILURE() << flaw;
            return;
        }
        fetched_.push_back(std::move(change));
    }
}

std::vector<Change> ChangesPair::pull() {
    const Instant now = store_->clock().now();
    EXPECT_TRUE(store_->wait_for_time_and_wait(now)) << "the store does not get to " << now.ms;
    fetch();
    return std::exchange(fetched_, {});
}

void ChangesPair::compare(
    const std::vector<Change>& got, const std::vector<ExpectedChange>& expected
) {
    const auto got_of = by_customer(got);
    auto expected_of = by_customer(expected);
    for (const auto& [id, mine] : got_of) {
        expected_of.try_emplace(id);
    }
    for (const auto& [id, wanted] : expected_of) {
        const auto found = got_of.find(id);
        const std::vector<const Change*> none;
        const auto& mine = found == got_of.end() ? none : found->second;
        const bool same = std::equal(
            mine.begin(),
            mine.end(),
            wanted.begin(),
            wanted.end(),
            [](const Change* a, const ExpectedChange* b) { return same_change(*a, *b); }
        );
        if (!same) {
            ADD_FAILURE() << "customer " << id << " at " << now().ms << "\n  told:" << list(mine)
                          << "\n  expected:" << list(wanted);
            return;
        }
        compared_ += wanted.size();
    }
}

void ChangesPair::expect_same_changes() {
    const std::vector<Change> got = pull();
    const std::vector<ExpectedChange> expected = reference_.take();
    compare(got, expected);
    // Who is touched by an event while something is due is told of at once; else all goes in order.
    if (!std::exchange(touched_, false)) {
        EXPECT_TRUE(std::is_sorted(got.begin(), got.end(), [](const Change& a, const Change& b) {
            return a.at < b.at;
        })) << "not told in the order of their instants";
    }
}

void ChangesPair::expect_same_end() {
    pull();
    reference_.take();
    touched_ = false;
    EXPECT_TRUE(chain_.said() == reference_.picture()) << "the chain's end is not the picture";
}

void ChangesPair::expect_same_picture() {
    const auto expected = reference_.picture();
    const std::vector<PictureRow> rows = store_->whole_picture_and_wait();
    ASSERT_EQ(rows.size(), expected.size());
    for (const PictureRow& row : rows) {
        const auto found = expected.find(row.id);
        ASSERT_TRUE(found != expected.end()) << row.id;
        ASSERT_TRUE(row.visible == found->second)
            << row.id << " is " << describe(row.visible) << ", not " << describe(found->second);
    }
    EXPECT_TRUE(std::is_sorted(
        rows.begin(),
        rows.end(),
        [](const PictureRow& a, const PictureRow& b) { return a.place < b.place; }
    ));
    expect_same_counts();
}

void ChangesPair::expect_same_counts() {
    const LiveCounts counts = store_->count_and_wait();
    LiveCounts expected;
    expected.tiers.resize(policy_->policy.tiers.size());
    for (const auto& [id, visible] : reference_.picture()) {
        ++expected.customers;
        ++expected.tiers[visible.tier];
        ++expected.bands[static_cast<std::size_t>(visible.band)];
        ++expected.stages[static_cast<std::size_t>(visible.stage)];
        ++expected.follow_ups[static_cast<std::size_t>(visible.follow_up)];
    }
    EXPECT_EQ(counts.pending, 0u);
    EXPECT_EQ(counts.customers, expected.customers);
    EXPECT_EQ(counts.tiers, expected.tiers);
    EXPECT_EQ(counts.bands, expected.bands);
    EXPECT_EQ(counts.stages, expected.stages);
    EXPECT_EQ(counts.follow_ups, expected.follow_ups);
    EXPECT_EQ(counts.seq, reference_.seq());
    EXPECT_EQ(counts.offset, (*store_)->changes().head());
}

void ChangesPair::restart(std::int64_t stop_ms) {
    PATRON_CHECK(make_ != nullptr);
    (*store_)->stop();
    fetch();
    store_.reset();
    const Instant now = scoring::plus_ms(reference_.clock(), stop_ms);
    reference_.clock_to(now);
    store_ = make_(now);
    cursor_ = 0;
    chain_.forget_risks();
}

}  // namespace patron::store
