#pragma once
// Somebody who listens: pages of the picture, pulled while changes go on, and the changes behind them.
//
// Order      before a page, changes up to its offset are applied to places before its beginning; those of
//            places not yet covered are passed over, for the page will have them.
// Errors     what does not follow from what is held: `flaw`, the first one found.
// Threads    one thread.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/test_store.h"

namespace patron::store {

class PictureListener {
  public:
    explicit PictureListener(TestStore& store) : store_(store) {}

    // Until `complete`, the next page.
    void pull_page(std::size_t customers_max);
    bool complete() const { return !next_.has_value(); }
    // Afterwards, all changes there are; how many.
    std::size_t pull_changes();

    const std::map<std::string, scoring::Visible>& held() const { return held_; }
    const std::string& flaw() const { return flaw_; }

  private:
    void fetch();
    void apply_up_to(std::uint64_t offset);
    void apply(const Change& change);
    void note(std::string flaw);

    TestStore& store_;
    std::optional<RowPlace> next_{RowPlace{}};
    bool begun_ = false;
    std::uint64_t fetched_ = 0;  // offset of the last change in `waiting_`, or applied
    std::uint64_t applied_ = 0;
    std::uint64_t seq_ = 0;
    std::deque<Change> waiting_;
    std::map<std::string, scoring::Visible> held_;
    std::string flaw_;
};

}  // namespace patron::store
