#include "server/net/stream_group.h"

#include <algorithm>

namespace patron::net {

bool wants_changes(const endpoints::StreamTopics& topics) {
    return topics.tier || topics.risk_band || topics.lifecycle || topics.follow_up ||
           topics.override_set;
}

endpoints::Passing passing_of(
    const endpoints::Subscription& subscription, const store::Change& change
) {
    return wants_changes(subscription.topics) ? subscription.passing(change)
                                              : endpoints::Passing::No;
}

void StreamGroup::join(GroupMember& member) {
    member.previous_ = nullptr;
    member.next_ = first_;
    if (first_ != nullptr) {
        first_->previous_ = &member;
    }
    first_ = &member;
    ++members_;
}

void StreamGroup::leave(GroupMember& member) {
    (member.previous_ != nullptr ? member.previous_->next_ : first_) = member.next_;
    if (member.next_ != nullptr) {
        member.next_->previous_ = member.previous_;
    }
    --members_;
}

bool StreamGroup::take(
    StreamTexts& texts, std::size_t index, const store::Change& change, std::uint64_t offset
) {
    const endpoints::Passing passing = passing_of(*subscription_, change);
    if (passing == endpoints::Passing::No) {
        return false;
    }
    if (!open_) {
        open_ = std::make_shared<StreamBlock>();
    }
    texts.append_shared(*open_, door_, passing, index, change, offset);
    open_offset_ = offset;
    if (open_->bytes.size() >= kBlockBytes) {
        close_block();
    }
    return !std::exchange(in_round_, true);
}

void StreamGroup::close_block() {
    kept_bytes_ += open_->bytes.capacity();
    kept_.bytes += open_->bytes.capacity();
    const std::uint64_t messages = open_->messages;
    rounds_.push_back({open_offset_, messages_, std::move(open_)});
    messages_ += messages;
    open_.reset();
}

void StreamGroup::close_round(std::uint64_t behind) {
    if (open_) {
        close_block();
    }
    in_round_ = false;
    tell(std::exchange(told_round_, next_round()), behind);
    drop_what_nobody_needs();
}

void StreamGroup::break_rounds() {
    drop_rounds(next_round());
    ++first_round_;  // one that nobody has seen, and nobody will
    told_round_ = first_round_;
    tell(first_round_, 0);
}

void StreamGroup::tell(std::uint64_t first, std::uint64_t behind) {
    for_each_member([=](GroupMember& member) { member.on_rounds(first, behind); });
}

void StreamGroup::drop_what_nobody_needs() {
    std::uint64_t oldest = next_round();
    for_each_member([&](const GroupMember& member) {
        oldest = std::min(oldest, member.next_round().value_or(oldest));
    });
    drop_rounds(oldest);
    while (!rounds_.empty() && (kept_bytes_ > kKeptBytesMax || kept_.bytes > KeptRounds::kBytesMax)
    ) {
        drop_rounds(first_round_ + 1);
    }
}

void StreamGroup::drop_rounds(std::uint64_t before) {
    while (!rounds_.empty() && first_round_ < before) {
        const std::size_t bytes = rounds_.front().block->bytes.capacity();
        kept_bytes_ -= bytes;
        kept_.bytes -= bytes;
        rounds_.pop_front();
        ++first_round_;
    }
}

const StreamGroup::Round* StreamGroup::round(std::uint64_t number) const {
    if (number < first_round_ || number >= next_round()) {
        return nullptr;
    }
    return &rounds_[number - first_round_];
}

}  // namespace patron::net
