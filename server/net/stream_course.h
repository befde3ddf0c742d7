#pragma once
// What one subscriber is sent, and in which order; no sockets here.
//
// Shapes     begin -> next*, each of which adds blocks to a write. Four ways of going on:
//              Following    rounds of the group, shared bytes
//              CatchingUp   from the feed, alone, until the cursor of the desk is reached
//              Conflating   from the feed, one change per customer
//              Picturing    a snapshot, page by page, with the changes of what is told already
// Order      a customer's changes in order, none left out but by conflation and gap.
// Bounds     a block under way and a page or kStreamBlockBytesMax of conflation. A turn looks at
//            StreamDesk::kTurnChanges changes at most.
// Errors     TooSlow: the feed was lost again before the subscriber came up after a gap.
// Threads    one I/O thread.

#include <cstdint>
#include <memory>
#include <optional>

#include "server/net/conflation.h"
#include "server/net/stream_desk.h"
#include "server/net/stream_group.h"

namespace patron::net {

// Whoever writes what the course adds.
class CourseOwner {
  public:
    // There may be something: `next` is to be called when nothing is under way.
    virtual void wake() = 0;

  protected:
    ~CourseOwner() = default;
};

enum class Step : std::uint8_t {
    Idle,     // until woken
    More,     // after what was added is written
    TooSlow,  // nothing more: to be closed
};

class StreamCourse final : public GroupMember {
  public:
    using SubscriptionPtr = std::shared_ptr<const endpoints::Subscription>;

    StreamCourse(
        StreamDesk& desk,
        CourseOwner& owner,
        StreamGroup& group,
        SubscriptionPtr subscription,
        std::uint64_t number
    );
    ~StreamCourse() { leave(); }
    // The group knows it no more.
    void leave();

    // What the answer begins with: hello, resumed or gap.
    void begin(StreamBlock& block);
    Step next(Gather& out);
    void on_page(std::optional<store::PicturePage> page);
    // The newest counts; older ones that are still waiting are dropped.
    void offer_counts(StreamBlockPtr block);
    // Nothing that the group has been told is missing.
    bool is_up_to_date() const { return next_round_ && *next_round_ == group_.next_round(); }
    std::uint64_t number() const { return number_; }

  private:
    enum class Stage : std::uint8_t { Following, CatchingUp, Conflating, Picturing };

    void on_rounds(std::uint64_t first, std::uint64_t behind) override;

    void follow_group();
    void begin_picture(StreamBlock& block);
    void add(Gather& out, std::shared_ptr<StreamBlock> block);
    void append_passing(
        StreamBlock& block,
        const store::Change& change,
        std::optional<std::uint64_t> offset,
        std::uint64_t merged = 1
    );

    Step follow(Gather& out);
    Step catch_up(Gather& out);
    Step conflate(Gather& out);
    Step tell_conflated(Gather& out);
    Step picture(Gather& out);
    Step lost(Gather& out);
    void ask_page();
    void append_page(StreamBlock& block);

    StreamDesk& desk_;
    CourseOwner& owner_;
    StreamGroup& group_;
    const SubscriptionPtr subscription_;
    const std::uint64_t number_;
    Stage stage_ = Stage::Following;
    // Everything up to here is told; while picturing, of the places told already.
    std::uint64_t position_ = 0;
    StreamBlockPtr counts_;
    bool is_member_ = true;
    bool was_slow_ = false;  // since it was last up to date

    std::optional<Conflation> conflation_;
    std::optional<store::Change> held_;  // the last of the conflated, whose cursor is not known yet
    std::uint64_t held_merged_ = 0;

    store::RowPlace next_place_;
    std::uint64_t pictured_ = 0;  // customers
    std::optional<store::PicturePage> page_;
    bool page_asked_ = false;
};

}  // namespace patron::net
