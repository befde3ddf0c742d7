#pragma once
// Many changes told as few: of every customer in a range of the feed one change, from what the oldest
// leads from to what the newest leads to.
//
// Shapes     read until Ready, then tell until Told; `end` is the cursor behind the range, which ends early
//            where kCustomersMax customers are in it. Told in order of the newest changes; where an erased
//            customer's place is taken anew, that is two customers.
// Bounds     kStreamBlockBytesMax of memory while reading; a turn reads a bounded number of changes. No batch
//            of the feed is held between two turns.
// Errors     Lost: part of the range has left the feed.
// Threads    one owner at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "server/net/feed_walk.h"
#include "store/change_feed.h"
#include "store/limits.h"

namespace patron::net {

class Conflation {
  public:
    // Told once per customer: the merged change, how many are in it, and whether the visitor takes more.
    using Visit = std::function<bool(const store::Change& merged, std::uint64_t count)>;

    // What comes after `from`, up to and including `to`.
    Conflation(std::uint64_t from, std::uint64_t to) : position_(from), end_(to) {}

    bool ready() const { return ready_; }
    std::uint64_t end() const { return end_; }
    std::size_t customers() const { return merged_.size(); }

    Walk read(const store::ChangeFeed& feed, std::size_t changes_max);
    Walk tell(const store::ChangeFeed& feed, std::size_t changes_max, const Visit& visit);

  private:
    struct Merged {
        store::RowPlace place;
        std::optional<scoring::Visible> from;
        std::shared_ptr<const store::ProfileDetails> profile_before;
        double risk_before = scoring::kUnknown;
        std::uint64_t newest = 0;  // offset
        std::uint32_t count = 0;
    };
    // An entry of the index costs about as much as what it points to.
    static constexpr std::size_t kCustomersMax =
        store::limits::kStreamBlockBytesMax / (2 * sizeof(Merged));

    bool add(const store::Change& change, std::uint64_t offset);
    void finish_reading();

    std::uint64_t position_;
    std::uint64_t end_;
    std::vector<Merged> merged_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_place_;  // index into merged_
    std::size_t next_ = 0;                                       // to tell
    bool ready_ = false;
};

}  // namespace patron::net
