#include "server/net/stream_texts.h"

#include <string_view>
#include <utility>

#include "store/check.h"

namespace patron::net {

namespace {

using endpoints::Passing;

wire::ChangeVerb verb_of(Passing passing) {
    PATRON_CHECK(passing != Passing::No);
    return passing == Passing::Enter   ? wire::ChangeVerb::Enter
           : passing == Passing::Leave ? wire::ChangeVerb::Leave
                                       : wire::ChangeVerb::Change;
}

}  // namespace

const wire::PolicyTexts& StreamTexts::texts(const scoring::CompiledPolicy* policy) {
    return source_.texts(policy != nullptr ? *policy : source_.policy());
}

std::string_view StreamTexts::cursor_text(std::uint64_t offset) {
    cursor_.clear();
    wire::append_cursor(cursor_, source_.changes().epoch(), offset);
    return cursor_.view();
}

wire::StreamPosition StreamTexts::position(std::uint64_t offset, std::uint64_t seq) {
    return {source_.changes().epoch(), offset, seq, source_.now()};
}

void StreamTexts::append_shared(
    StreamBlock& block,
    Door door,
    Passing passing,
    std::size_t index,
    const store::Change& change,
    std::uint64_t offset
) {
    if (places_.size() <= index) {
        places_.resize(index + 1);
    }
    Place& place = places_[index];
    const std::uint64_t epoch = source_.changes().epoch();
    if (place.end == 0) {
        place.begin = shared_.size();
        wire::append_cursor(shared_, epoch, offset);
        place.cursor_end = shared_.size();
        wire::append_change_tail(shared_, texts(change.policy), change, std::pair{epoch, offset});
        place.end = shared_.size();
    }
    const std::string_view all = shared_.view();
    text_.clear();
    wire::append_change_verb(text_, verb_of(passing));
    append_message(
        block,
        door,
        all.substr(place.begin, place.cursor_end - place.begin),
        text_.view(),
        all.substr(place.cursor_end, place.end - place.cursor_end)
    );
}

void StreamTexts::append_change(
    StreamBlock& block,
    Door door,
    Passing passing,
    const store::Change& change,
    std::optional<std::uint64_t> offset,
    std::uint64_t merged
) {
    text_.clear();
    wire::append_change_verb(text_, verb_of(passing));
    std::optional<std::pair<std::uint64_t, std::uint64_t>> cursor;
    if (offset) {
        cursor.emplace(source_.changes().epoch(), *offset);
    }
    wire::append_change_tail(text_, texts(change.policy), change, cursor, merged);
    append_message(block, door, offset ? cursor_text(*offset) : "", text_.view(), "");
}

void StreamTexts::append_row(
    StreamBlock& block,
    Door door,
    const store::PictureRow& row,
    const scoring::CompiledPolicy* policy
) {
    text_.clear();
    wire::append_picture_row(text_, texts(policy), row);
    append_message(block, door, {}, text_.view(), "");
}

void StreamTexts::append_hello(
    StreamBlock& block, Door door, const wire::StreamPosition& where, bool snapshot_follows
) {
    text_.clear();
    wire::append_hello(text_, texts(nullptr), where);
    const std::string_view id = snapshot_follows ? std::string_view{} : cursor_text(where.offset);
    append_message(block, door, id, text_.view(), "");
}

void StreamTexts::append_resumed(StreamBlock& block, Door door, const wire::StreamPosition& where) {
    text_.clear();
    wire::append_resumed(text_, texts(nullptr), where);
    append_message(block, door, cursor_text(where.offset), text_.view(), "");
}

// Its cursor is no event id: whoever comes back before the end of the snapshot has missed something.
void StreamTexts::append_gap(
    StreamBlock& block, Door door, const wire::StreamPosition& where, wire::GapReason reason
) {
    text_.clear();
    wire::append_gap(text_, texts(nullptr), where, reason);
    append_message(block, door, {}, text_.view(), "");
}

void StreamTexts::append_snapshot_begin(StreamBlock& block, Door door, scoring::Instant as_of) {
    text_.clear();
    wire::append_snapshot_begin(text_, as_of);
    append_message(block, door, {}, text_.view(), "");
}

void StreamTexts::append_snapshot_end(
    StreamBlock& block, Door door, const wire::StreamPosition& where, std::uint64_t customers
) {
    text_.clear();
    wire::append_snapshot_end(text_, where, customers);
    append_message(block, door, cursor_text(where.offset), text_.view(), "");
}

void StreamTexts::append_heartbeat(
    StreamBlock& block, Door door, const wire::StreamPosition& where
) {
    text_.clear();
    wire::append_heartbeat(text_, where);
    append_message(block, door, cursor_text(where.offset), text_.view(), "");
}

void StreamTexts::append_counts(StreamBlock& block, Door door, const store::LiveCounts& counts) {
    text_.clear();
    wire::append_counts(text_, texts(counts.policy), counts);
    append_message(block, door, {}, text_.view(), "");
}

}  // namespace patron::net
