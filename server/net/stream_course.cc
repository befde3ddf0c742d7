#include "server/net/stream_course.h"

#include <algorithm>
#include <utility>

#include "server/net/feed_walk.h"
#include "store/check.h"
#include "store/limits.h"

namespace patron::net {

using endpoints::Passing;
using store::limits::kStreamBlockBytesMax;
using store::limits::kStreamLagMax;

StreamCourse::StreamCourse(
    StreamDesk& desk,
    CourseOwner& owner,
    StreamGroup& group,
    SubscriptionPtr subscription,
    std::uint64_t number
)
    : desk_(desk)
    , owner_(owner)
    , group_(group)
    , subscription_(std::move(subscription))
    , number_(number) {
    group_.join(*this);
}

void StreamCourse::leave() {
    if (std::exchange(is_member_, false)) {
        group_.leave(*this);
    }
}

void StreamCourse::begin(StreamBlock& block) {
    const store::ChangeFeed& feed = desk_.source.changes();
    if (const auto& cursor = subscription_->cursor) {
        const std::uint64_t seq = desk_.source.seq();
        const bool known = cursor->epoch == feed.epoch() && cursor->offset <= feed.head();
        if (known && cursor->offset >= feed.oldest_cursor()) {
            position_ = cursor->offset;
            stage_ = Stage::CatchingUp;
            return desk_.texts.append_resumed(
                block, group_.door(), desk_.texts.position(position_, seq)
            );
        }
        desk_.counters.stream_gaps.add(1);
        const auto reason = known ? wire::GapReason::Expired : wire::GapReason::UnknownEpoch;
        desk_.texts.append_gap(
            block, group_.door(), desk_.texts.position(feed.head(), seq), reason
        );
        return begin_picture(block);
    }
    position_ = desk_.cursor;
    desk_.texts.append_hello(
        block,
        group_.door(),
        desk_.texts.position(position_, desk_.seq_at_cursor()),
        subscription_->snapshot
    );
    return subscription_->snapshot ? begin_picture(block) : follow_group();
}

void StreamCourse::follow_group() {
    stage_ = Stage::Following;
    next_round_ = group_.next_round();
    was_slow_ = false;
}

void StreamCourse::begin_picture(StreamBlock& block) {
    PATRON_CHECK(!page_asked_);
    stage_ = Stage::Picturing;
    next_place_ = {};
    pictured_ = 0;
    page_.reset();
    position_ = desk_.source.changes().head();
    desk_.texts.append_snapshot_begin(block, group_.door(), desk_.source.now());
}

Step StreamCourse::next(Gather& out) {
    if (counts_) {
        out.add(std::exchange(counts_, nullptr));
    }
    switch (stage_) {
        case Stage::Following:
            return follow(out);
        case Stage::CatchingUp:
            return catch_up(out);
        case Stage::Conflating:
            return conflate(out);
        case Stage::Picturing:
            return picture(out);
    }
    return Step::Idle;
}

void StreamCourse::add(Gather& out, std::shared_ptr<StreamBlock> block) {
    if (block->messages != 0) {
        out.add(std::move(block));
    }
}

void StreamCourse::append_passing(
    StreamBlock& block,
    const store::Change& change,
    std::optional<std::uint64_t> offset,
    std::uint64_t merged
) {
    const Passing passing = passing_of(*subscription_, change);
    if (passing != Passing::No) {
        desk_.texts.append_change(block, group_.door(), passing, change, offset, merged);
    }
}

void StreamCourse::on_rounds(std::uint64_t first, std::uint64_t behind) {
    if (!next_round_) {
        return;
    }
    if (*next_round_ == first) {
        position_ = std::max(position_, behind);
    }
    owner_.wake();
}

void StreamCourse::offer_counts(StreamBlockPtr block) {
    counts_ = std::move(block);
    owner_.wake();
}

// Rounds that are kept are sent even if much else has changed since; too many of them are conflated.
Step StreamCourse::follow(Gather& out) {
    while (*next_round_ < group_.next_round()) {
        const StreamGroup::Round* const round = group_.round(*next_round_);
        if (round == nullptr || group_.messages() - round->messages_before > kStreamLagMax) {
            next_round_.reset();
            stage_ = Stage::CatchingUp;
            return Step::More;
        }
        if (!out.has_room(kStreamBlockBytesMax)) {
            return Step::More;
        }
        out.add(round->block);
        position_ = round->last_offset;
        ++*next_round_;
    }
    return Step::Idle;
}

Step StreamCourse::catch_up(Gather& out) {
    if (!wants_changes(subscription_->topics)) {
        position_ = desk_.cursor;
    }
    if (position_ == desk_.cursor) {
        follow_group();
        return Step::Idle;
    }
    if (position_ > desk_.cursor) {
        desk_.await_cursor(number_);
        return Step::Idle;
    }
    if (desk_.cursor - position_ > kStreamLagMax) {
        conflation_.emplace(position_, desk_.cursor);
        stage_ = Stage::Conflating;
        return Step::More;
    }
    const auto block = std::make_shared<StreamBlock>();
    const Walk walk = walk_feed(
        desk_.source.changes(),
        position_,
        desk_.cursor,
        StreamDesk::kTurnChanges,
        [&](const store::Change& change, std::uint64_t offset) {
            append_passing(*block, change, offset);
            return block->bytes.size() < kStreamBlockBytesMax / 2;
        }
    );
    add(out, block);
    return walk == Walk::Lost ? lost(out) : Step::More;
}

Step StreamCourse::conflate(Gather& out) {
    if (conflation_->ready()) {
        return tell_conflated(out);
    }
    const Walk walk = conflation_->read(desk_.source.changes(), StreamDesk::kTurnChanges);
    return walk == Walk::Lost ? lost(out) : Step::More;
}

// Inside the range no cursor is told: who comes back gets the whole range again. One message is held back,
// because the last one carries the cursor behind it.
Step StreamCourse::tell_conflated(Gather& out) {
    const auto block = std::make_shared<StreamBlock>();
    const auto send_held = [&](std::optional<std::uint64_t> offset) {
        if (held_) {
            desk_.counters.stream_conflated.add(held_merged_ - 1);
            append_passing(*block, *std::exchange(held_, std::nullopt), offset, held_merged_);
        }
    };
    const Walk walk = conflation_->tell(
        desk_.source.changes(),
        StreamDesk::kTurnChanges,
        [&](const store::Change& change, std::uint64_t merged) {
            if (passing_of(*subscription_, change) != Passing::No) {
                send_held(std::nullopt);
                held_ = change;
                held_merged_ = merged;
            }
            return block->bytes.size() < kStreamBlockBytesMax / 2;
        }
    );
    if (walk == Walk::Lost) {
        return lost(out);
    }
    if (walk == Walk::Arrived) {
        position_ = conflation_->end();
        send_held(position_);
        conflation_.reset();
        stage_ = Stage::CatchingUp;
    }
    add(out, block);
    return Step::More;
}

Step StreamCourse::lost(Gather& out) {
    if (std::exchange(was_slow_, true)) {
        return Step::TooSlow;
    }
    conflation_.reset();
    held_.reset();
    desk_.counters.stream_gaps.add(1);
    const std::uint64_t seq = desk_.source.seq();
    const auto block = std::make_shared<StreamBlock>();
    desk_.texts.append_gap(
        *block,
        group_.door(),
        desk_.texts.position(desk_.source.changes().head(), seq),
        wire::GapReason::Slow
    );
    begin_picture(*block);
    add(out, block);
    return Step::More;
}

Step StreamCourse::picture(Gather& out) {
    if (!page_) {
        if (!page_asked_) {
            ask_page();
        }
        return Step::Idle;
    }
    PATRON_CHECK(page_->offset >= position_);
    if (next_place_ == store::RowPlace{}) {
        position_ = page_->offset;  // nothing is told yet that could have changed since
    }
    const auto block = std::make_shared<StreamBlock>();
    const Walk walk = walk_feed(
        desk_.source.changes(),
        position_,
        page_->offset,
        StreamDesk::kTurnChanges,
        [&](const store::Change& change, std::uint64_t) {
            if (change.place < next_place_) {
                append_passing(*block, change, std::nullopt);
            }
            return block->bytes.size() < kStreamBlockBytesMax / 2;
        }
    );
    if (walk == Walk::Lost) {
        return lost(out);
    }
    if (walk == Walk::Arrived) {
        append_page(*block);
    }
    add(out, block);
    return Step::More;
}

void StreamCourse::append_page(StreamBlock& block) {
    const store::PicturePage page = *std::exchange(page_, std::nullopt);
    for (const store::PictureRow& row : page.rows) {
        desk_.texts.append_row(block, group_.door(), row, page.policy);
    }
    pictured_ += page.rows.size();
    if (page.next) {
        next_place_ = *page.next;
        return ask_page();
    }
    const wire::StreamPosition where{
        desk_.source.changes().epoch(), page.offset, page.seq, page.as_of
    };
    desk_.texts.append_snapshot_end(block, group_.door(), where, pictured_);
    stage_ = Stage::CatchingUp;
}

void StreamCourse::ask_page() {
    page_asked_ = true;
    store::PictureQuestion question;
    question.from = next_place_;
    question.customers_max = store::limits::kPicturePageCustomers;
    question.wants = [subscription = subscription_](
                         std::string_view id,
                         const scoring::Visible& visible,
                         const store::ProfileDetails* profile
                     ) {
        return subscription->filter.holds(id, visible, profile);
    };
    desk_.ask_page(number_, std::move(question));
}

void StreamCourse::on_page(std::optional<store::PicturePage> page) {
    page_asked_ = false;
    page_ = std::move(page);
    if (page_) {
        owner_.wake();
    } else {
        desk_.await_tick(number_);
    }
}

}  // namespace patron::net
