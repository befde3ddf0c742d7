#include "store/event_codec.h"

#include <algorithm>
#include <utility>

#include "store/check.h"
#include "store/event_range.h"
#include "store/event_record.h"

namespace patron::store {
namespace {

constexpr std::size_t kRecordBytesMin = 2;
constexpr std::size_t kRecordBytesUsual = 48;

// Appends records; the string is longer than what was written until `finish`.
class EventAppender {
  public:
    EventAppender(std::string& out, std::size_t events)
        : out_(out), used_(out.size()), events_left_(events) {}

    // An event that could not be read back stops the process before it is acknowledged, not the
    // next start after it was.
    void add(const Event& event) {
        PATRON_CHECK(flaw_of(event) == nullptr);
        RecordWriter writer(room(record_bytes_max(event)));
        write_record(writer, event, previous_);
        previous_ = event.at;
        advance(writer);
    }
    void add(const RemovedEvent& removed) {
        RecordWriter writer(room(kRemovedBytesMax));
        write_record(writer, removed);
        advance(writer);
    }
    void finish() { out_.resize(used_); }

  private:
    char* room(std::size_t bytes) {
        if (out_.size() - used_ < bytes) {
            out_.resize(used_ + bytes + events_left_ * kRecordBytesUsual);
        }
        return out_.data() + used_;
    }
    void advance(const RecordWriter& writer) {
        used_ = static_cast<std::size_t>(writer.at() - out_.data());
        --events_left_;
    }

    std::string& out_;
    std::size_t used_;
    std::size_t events_left_;
    Instant previous_;
};

std::unexpected<Fault> damaged(std::uint32_t record, std::size_t offset, std::string_view how) {
    return fail(
        FaultCode::DataDamaged,
        "record " + std::to_string(record) + " at byte " + std::to_string(offset) + ": " +
            std::string(how),
        {},
        record
    );
}

}  // namespace

void encode_events(std::span<const Event* const> events, std::string& out) {
    EventAppender appender(out, events.size());
    for (const Event* event : events) {
        appender.add(*event);
    }
    appender.finish();
}

Result<StoredEvents> decode_events(
    std::uint32_t format, std::string_view bytes, std::uint32_t count
) {
    if (format != kEventFormat) {
        return fail(
            FaultCode::DataDamaged,
            "format " + std::to_string(format) + " is not known; this version reads up to " +
                std::to_string(kEventFormat)
        );
    }
    if (count > bytes.size() / kRecordBytesMin) {
        return damaged(0, 0, "fewer bytes than " + std::to_string(count) + " records need");
    }
    StoredEvents out;
    RecordReader in(out.batch.keep(bytes));
    out.batch.events.reserve(count);
    out.positions.reserve(count);
    Instant previous;
    for (std::uint32_t position = 0; position < count; ++position) {
        const std::size_t offset = in.offset();
        RemovedEvent removed{position};
        Event& event = out.batch.events.emplace_back();
        switch (read_record(in, previous, event, removed)) {
            case RecordRead::Event:
                previous = event.at;
                out.positions.push_back(position);
                break;
            case RecordRead::Removed:
                out.batch.events.pop_back();
                out.removed.push_back(removed);
                break;
            case RecordRead::Damaged:
                return damaged(position, offset, in.flaw());
        }
    }
    if (in.left() != 0) {
        return damaged(count, in.offset(), "bytes behind the last record");
    }
    return out;
}

Result<std::optional<std::string>> remove_events(
    std::uint32_t format, std::string_view bytes, std::uint32_t count, const Removal& goes
) {
    auto stored = decode_events(format, bytes, count);
    if (!stored) {
        return std::unexpected(std::move(stored.error()));
    }
    std::string out;
    EventAppender appender(out, count);
    bool any = false;
    std::size_t next_removed = 0;
    for (std::size_t i = 0; i <= stored->positions.size(); ++i) {
        const std::uint32_t position = i < stored->positions.size() ? stored->positions[i] : count;
        while (next_removed < stored->removed.size() &&
               stored->removed[next_removed].position < position) {
            appender.add(stored->removed[next_removed++]);
        }
        if (position == count) {
            break;
        }
        const Event& event = stored->batch.events[i];
        if (auto stays = goes(position, event)) {
            stays->erasure = std::holds_alternative<Erase>(event.body);
            appender.add(*stays);
            any = true;
        } else {
            appender.add(event);
        }
    }
    appender.finish();
    return any ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace patron::store
