// What an SqliteLog reads back, each row checked.

#include <cstring>

#include "store/folder_tables.h"
#include "store/limits.h"
#include "store/sqlite_log.h"
#include "store/sqlite_rows.h"
#include "store/told_mark.h"

namespace patron::store {
namespace {

Result<std::uint32_t> crc_of(const SqliteStatement& row, int column, const char* what) {
    const std::int64_t crc = row.number(column);
    if (crc < 0 || crc > 0xffff'ffff) {
        return patron::store::fail(FaultCode::DataDamaged, std::string(what) + ": bad checksum");
    }
    return static_cast<std::uint32_t>(crc);
}

std::unexpected<Fault> damaged(const std::string& what) {
    return patron::store::fail(FaultCode::DataDamaged, what);
}

class SqliteCursor final : public LogCursor {
  public:
    SqliteCursor(SqliteStatement statement, std::uint64_t seq, std::uint64_t last)
        : statement_(std::move(statement)), seq_(seq), last_(last) {}

    Result<bool> next(StoredBatch& out) override {
        const auto row = statement_.with(seq_).step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return seq_ > last_ ? Result<bool>(false) : missing(last_);
        }
        out.first_seq = statement_.count(0);
        out.events = static_cast<std::uint32_t>(statement_.number(1));
        out.accepted_at = {statement_.number(2)};
        out.policy_revision = static_cast<std::uint32_t>(statement_.number(3));
        out.format = static_cast<std::uint32_t>(statement_.number(4));
        out.crc = static_cast<std::uint32_t>(statement_.number(5));
        out.bytes.assign(statement_.bytes(6));
        statement_.restart();
        if (out.first_seq != seq_) {
            return missing(out.first_seq - 1);
        }
        if (out.events == 0) {
            return damaged("batch " + std::to_string(seq_) + " says that it holds no event");
        }
        seq_ += out.events;
        return true;
    }

  private:
    Result<bool> missing(std::uint64_t last) const {
        return damaged(
            "the log lacks the events " + std::to_string(seq_) + " to " + std::to_string(last)
        );
    }

    SqliteStatement statement_;
    std::uint64_t seq_;
    std::uint64_t last_;
};

}  // namespace

Result<void> SqliteLog::read_ends() {
    auto row = db_.prepare(
        "select (select min(first_seq) from batch), "
        "(select first_seq + events - 1 from batch order by first_seq desc limit 1), "
        "last_seq, crc from head where one = 1"
    );
    const auto there = row ? row->step() : Result<bool>(std::unexpected(row.error()));
    if (!there) {
        return std::unexpected(there.error());
    }
    if (!*there) {
        return damaged("the head of the log is missing");
    }
    const auto crc = crc_of(*row, 3, "the head of the log");
    const std::uint64_t head = row->count(2);
    if (!crc) {
        return std::unexpected(crc.error());
    }
    if (*crc != (head == 0 ? 0 : RowChecksum().add(head).value())) {
        return damaged("the head of the log fails its checksum");
    }
    head_ = head;
    measure();
    const std::uint64_t last = row->null(1) ? 0 : row->count(1);
    if (!row->null(0)) {
        status_.first_seq = row->count(0);
        status_.last_seq = last;
    } else {
        status_.first_seq = head + 1;  // all of it was forgotten
        status_.last_seq = head;
    }
    if (status_.last_seq < head) {
        return damaged(
            "the log ends at event " + std::to_string(last) + " but had reached " +
            std::to_string(head)
        );
    }
    return {};
}

Result<void> SqliteLog::read_told() {
    auto row = db_.prepare(
        "select (select accepted_at from batch order by first_seq desc limit 1), "
        "(select value from meta where key = ?1)"
    );
    const auto there = row ? row->with(kToldKey).step() : std::unexpected(row.error());
    if (!there) {
        return std::unexpected(there.error());
    }
    if (!row->null(0)) {
        told_until_ = Instant{row->number(0)};
    }
    if (row->null(1)) {
        return {};
    }
    const auto mark = ToldMark::read(row->bytes(1));
    if (!mark) {
        return damaged("until when listeners were told fails its checksum");
    }
    if (mark->seq >= status_.last_seq) {
        told_until_ = Instant{mark->until};
    }
    return {};
}

Result<void> SqliteLog::read_erasures() {
    auto rows = db_.prepare(
        "select seq, customer, customer_hash, at, crc from erasure where purged_at is null "
        "order by seq"
    );
    if (!rows) {
        return std::unexpected(rows.error());
    }
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            status_.erasures_pending = erasures_.size();
            return {};
        }
        Erasure erasure{
            std::string(rows->bytes(1)), rows->count(2), rows->count(0), {rows->number(3)}
        };
        if (crc_of(erasure) != rows->number(4)) {
            return damaged("the erasure at event " + std::to_string(erasure.seq) + " is damaged");
        }
        erasures_.push_back(std::move(erasure));
    }
}

Result<std::vector<KeptAnswer>> SqliteLog::answers(Instant now) {
    auto rows = db_.prepare(
        "select key, fingerprint, at, answer, crc from answer where at > ?1 order by number"
    );
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::vector<KeptAnswer> out;
    const std::int64_t young = now.ms - limits::kIdempotencyKeepMs;
    rows->with(young);
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        KeptAnswer answer;
        answer.key = rows->bytes(0);
        const std::string_view fingerprint = rows->bytes(1);
        if (fingerprint.size() == sizeof answer.fingerprint) {
            std::memcpy(answer.fingerprint.data(), fingerprint.data(), fingerprint.size());
        }
        answer.at = {rows->number(2)};
        answer.answer = rows->bytes(3);
        if (crc_of(answer) != rows->number(4)) {
            return damaged("a kept answer fails its checksum");
        }
        out.push_back(std::move(answer));
    }
}

Result<std::unique_ptr<LogCursor>> SqliteLog::read_from(std::uint64_t seq) {
    auto holds =
        db_.number("select max(first_seq) from batch where first_seq <= " + std::to_string(seq));
    auto statement = db_.prepare(
        "select first_seq, events, accepted_at, policy, format, crc, body from batch "
        "where first_seq >= ?1 order by first_seq limit 1"
    );
    if (!holds || !statement) {
        return std::unexpected(holds ? statement.error() : holds.error());
    }
    const std::uint64_t from = *holds ? static_cast<std::uint64_t>(**holds) : seq;
    return std::make_unique<SqliteCursor>(*std::move(statement), from, status().last_seq);
}

}  // namespace patron::store
