#include "store/batch_walk.h"

#include <limits>
#include <string>
#include <utility>

namespace patron::store {
namespace {

constexpr std::int64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

bool is_uint32(std::int64_t number) {
    return number >= 0 && number <= kUint32Max;
}

// The lowest first_seq from `at` on that is reached from the log's end; 0 if none is.
std::int64_t lowest_from_the_end(SqliteDb& db, std::int64_t at) {
    auto rows =
        db.prepare("select first_seq from batch where first_seq >= ?1 order by first_seq desc");
    if (!rows) {
        return 0;
    }
    std::int64_t lowest = 0;
    rows->with(at);
    for (auto row = rows->step(); row && *row; row = rows->step()) {
        lowest = rows->number(0);
    }
    return lowest;
}

}  // namespace

BatchWalk::BatchWalk(SqliteDb& db, std::uint64_t seq) : db_(db) {
    auto rows = db.prepare(
        "select first_seq, events, accepted_at, policy, format, crc, body from batch "
        "where first_seq >= ?1 order by first_seq limit 1"
    );
    if (!rows) {
        fault_ = rows.error();
        return;
    }
    rows_ = *std::move(rows);
    at_ = static_cast<std::int64_t>(seq);
    const auto holds =
        db.number("select max(first_seq) from batch where first_seq <= " + std::to_string(seq));
    if (holds && *holds) {
        at_ = **holds;
    }
}

bool BatchWalk::next(WalkedBatch& out) {
    if (ended_) {
        return false;
    }
    if (fault_) {
        return stretch(out, *fault_);
    }
    const auto row = rows_->with(at_).step();
    if (!row) {
        return stretch(out, row.error());
    }
    if (!*row) {
        ended_ = true;
        return false;
    }
    read_row(out);
    rows_->restart();
    return true;
}

bool BatchWalk::stretch(WalkedBatch& out, Fault fault) {
    const std::int64_t behind = jumped_ || fault_ ? 0 : lowest_from_the_end(db_, at_);
    fault.detail = "unreadable from event " + std::to_string(at_) +
                   (behind != 0 ? " to event " + std::to_string(behind - 1) : " on") + ": " +
                   fault.detail;
    jumped_ = true;
    ended_ = behind == 0;
    at_ = behind;
    out.row = false;
    out.stored = {};
    out.events = {};
    out.damage = std::move(fault);
    return true;
}

void BatchWalk::read_row(WalkedBatch& out) {
    const SqliteStatement& row = *rows_;
    StoredBatch& b = out.stored;
    out.row = true;
    out.damage.reset();
    out.events = {};
    b.first_seq = row.count(0);
    b.events = static_cast<std::uint32_t>(row.number(1));
    b.accepted_at = {row.number(2)};
    b.policy_revision = static_cast<std::uint32_t>(row.number(3));
    b.format = static_cast<std::uint32_t>(row.number(4));
    b.crc = static_cast<std::uint32_t>(row.number(5));
    b.bytes.assign(row.bytes(6));
    at_ = row.number(0) + 1;
    if (row.number(0) <= 0 || b.events == 0 || !is_uint32(row.number(1)) ||
        !is_uint32(row.number(3)) || !is_uint32(row.number(4)) || !is_uint32(row.number(5))) {
        out.damage = fail(FaultCode::DataDamaged, "its numbers are none that are written").error();
        return;
    }
    if (const auto sound = check(b); !sound) {
        out.damage = sound.error();
        return;
    }
    auto events = decode_events(b.format, b.bytes, b.events);
    if (!events) {
        out.damage = events.error();
        return;
    }
    out.events = *std::move(events);
}

}  // namespace patron::store
