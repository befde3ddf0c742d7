#include "tests/support/picture_listener.h"

#include "tests/support/changes_pair.h"

namespace patron::store {

void PictureListener::note(std::string flaw) {
    if (flaw_.empty()) {
        flaw_ = std::move(flaw);
    }
}

void PictureListener::fetch() {
    auto changes = store_.changes_after(fetched_, true);
    if (!changes) {
        note("the feed has lost changes behind " + std::to_string(fetched_));
        return;
    }
    std::move(changes->begin(), changes->end(), std::back_inserter(waiting_));
}

void PictureListener::apply(const Change& change) {
    if (next_ && !(change.place < *next_)) {
        return;
    }
    const auto found = held_.find(change.id);
    const auto held = found == held_.end() ? std::nullopt : std::optional(found->second);
    if (change.from != held) {
        note(
            change.id + ": held " + describe(held) + ", but offset " +
            std::to_string(applied_ + 1) + " says " + describe(change)
        );
    }
    if (change.seq < seq_) {
        note("seq falls at offset " + std::to_string(applied_ + 1));
    }
    seq_ = change.seq;
    if (change.to) {
        held_[change.id] = *change.to;
    } else {
        held_.erase(change.id);
    }
}

void PictureListener::apply_up_to(std::uint64_t offset) {
    while (applied_ < offset && !waiting_.empty()) {
        apply(waiting_.front());
        waiting_.pop_front();
        ++applied_;
    }
    if (applied_ < offset) {
        note("the feed does not yet hold " + std::to_string(offset));
    }
}

void PictureListener::pull_page(std::size_t customers_max) {
    const PicturePage page = store_.picture_and_wait(*next_, customers_max);
    if (!begun_) {
        begun_ = true;
        fetched_ = applied_ = page.offset;
    }
    fetch();
    apply_up_to(page.offset);
    if (page.rows.size() > customers_max) {
        note("a page of " + std::to_string(page.rows.size()));
    }
    RowPlace last = *next_;
    for (const PictureRow& row : page.rows) {
        if (row.place < last || (page.next && !(row.place < *page.next))) {
            note(row.id + " lies outside of its page");
        }
        last = row.place;
        if (!held_.emplace(row.id, row.visible).second) {
            note(row.id + " comes twice");
        }
    }
    next_ = page.next;
}

std::size_t PictureListener::pull_changes() {
    fetch();
    const std::size_t count = waiting_.size();
    apply_up_to(fetched_);
    return count;
}

}  // namespace patron::store
