#pragma once
// Subscribers that are sent the same messages through the same door: what is new is filtered and framed
// once for all of them.
//
// Shapes     rounds are numbered from 1; a round is one block. A round that holds nothing for the group is
//            none. The last few are kept for members that are still writing.
// Order      take* -> close_round; members are visited in no order, and may leave when they are.
// Bounds     kKeptBytesMax of rounds, KeptRounds of all groups; beyond, members read the feed themselves.
// Threads    one I/O thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "server/endpoints/subscription.h"
#include "server/net/stream_block.h"
#include "server/net/stream_texts.h"
#include "store/limits.h"

namespace patron::net {

class StreamGroup;

// Of all groups of a thread.
struct KeptRounds {
    static constexpr std::size_t kBytesMax = 64 * 1024 * 1024;
    std::size_t bytes = 0;
};

// What a change is to a subscription that wants changes at all.
endpoints::Passing passing_of(
    const endpoints::Subscription& subscription, const store::Change& change
);
bool wants_changes(const endpoints::StreamTopics& topics);

// One who listens; the group knows him while he lives or until he leaves.
class GroupMember {
  public:
    // The round that the member takes next, while he takes rounds.
    std::optional<std::uint64_t> next_round() const { return next_round_; }

  protected:
    GroupMember() = default;
    GroupMember(const GroupMember&) = delete;
    GroupMember& operator=(const GroupMember&) = delete;
    ~GroupMember() = default;

    // Rounds were closed, the first of them `first`, with what came after the offset `behind`. May end the
    // member.
    virtual void on_rounds(std::uint64_t first, std::uint64_t behind) = 0;

    std::optional<std::uint64_t> next_round_;

  private:
    friend class StreamGroup;
    GroupMember* previous_ = nullptr;
    GroupMember* next_ = nullptr;
};

class StreamGroup {
  public:
    static constexpr std::size_t kBlockBytes =
        30 * 1024;  // a full block; one message may go beyond
    static constexpr std::size_t kKeptBytesMax = 4 * 1024 * 1024;

    struct Round {
        std::uint64_t last_offset = 0;      // nothing for the group lies between two rounds
        std::uint64_t messages_before = 0;  // of the group's, ever
        StreamBlockPtr block;
    };

    StreamGroup(
        Door door, std::shared_ptr<const endpoints::Subscription> subscription, KeptRounds& kept
    )
        : door_(door), subscription_(std::move(subscription)), kept_(kept) {}
    ~StreamGroup() { drop_rounds(next_round()); }
    StreamGroup(const StreamGroup&) = delete;
    StreamGroup& operator=(const StreamGroup&) = delete;

    Door door() const { return door_; }
    const endpoints::Subscription& subscription() const { return *subscription_; }

    void join(GroupMember& member);
    void leave(GroupMember& member);
    std::size_t members() const { return members_; }
    template <class Visit>
    void for_each_member(Visit visit) {
        for (GroupMember* member = first_; member != nullptr;) {
            GroupMember* const next = member->next_;
            visit(*member);
            member = next;
        }
    }

    // A change that is new to everybody; true if the group's first in this round.
    bool take(
        StreamTexts& texts, std::size_t index, const store::Change& change, std::uint64_t offset
    );
    // What was taken since the offset `behind` is told to the members; who is not done with older rounds
    // keeps them.
    void close_round(std::uint64_t behind);
    // Some changes were missed: whoever took rounds must find out for himself.
    void break_rounds();

    std::uint64_t next_round() const { return first_round_ + rounds_.size(); }
    // nullptr: not there yet, or gone.
    const Round* round(std::uint64_t number) const;
    std::uint64_t messages() const { return messages_; }

  private:
    void drop_rounds(std::uint64_t before);
    void close_block();
    void tell(std::uint64_t first, std::uint64_t behind);
    void drop_what_nobody_needs();

    const Door door_;
    const std::shared_ptr<const endpoints::Subscription> subscription_;
    KeptRounds& kept_;
    GroupMember* first_ = nullptr;
    std::size_t members_ = 0;
    std::deque<Round> rounds_;
    std::uint64_t first_round_ = 1;
    std::size_t kept_bytes_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t told_round_ = 1;       // the first that members were not told of
    std::shared_ptr<StreamBlock> open_;  // what was taken since the last block
    std::uint64_t open_offset_ = 0;      // the last taken
    bool in_round_ = false;
};

}  // namespace patron::net
