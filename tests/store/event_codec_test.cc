#include "store/event_codec.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "server/wire/instant_text.h"
#include "store/event_log.h"
#include "store/event_range.h"
#include "store/limits.h"
#include "tests/support/every_event.h"
#include "tests/support/random_events.h"
#include "tests/support/same_event.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

static_assert(kEventInstantMin == wire::kInstantMin && kEventInstantMax == wire::kInstantMax);

constexpr Instant kAt{1'795'270'621'123};

std::vector<const Event*> pointers(const EventBatch& batch) {
    std::vector<const Event*> out;
    for (const Event& event : batch.events) {
        out.push_back(&event);
    }
    return out;
}

std::string encoded(const EventBatch& batch) {
    std::string out;
    encode_events(pointers(batch), out);
    return out;
}

std::uint32_t size_of(const EventBatch& batch) {
    return static_cast<std::uint32_t>(batch.events.size());
}

// The records of what was decoded, removed ones included, written again.
std::string encoded_again(const StoredEvents& stored) {
    std::string plain = encoded(stored.batch);
    if (stored.removed.empty()) {
        return plain;
    }
    // Through events in the removed ones' places, taken out again.
    EventBatch all;
    std::size_t next = 0;
    const std::size_t count = stored.positions.size() + stored.removed.size();
    for (std::size_t position = 0; position < count; ++position) {
        if (next < stored.positions.size() && stored.positions[next] == position) {
            add_copy(all, stored.batch.events[next++]);
            continue;
        }
        const Instant at = all.events.empty() ? Instant{} : all.events.back().at;
        const RemovedEvent& removed = stored.removed[position - next];
        add_event(all, "x", "", at, removed.erasure ? EventBody(Erase{}) : EventBody(Visit{}));
    }
    const auto out = remove_events(
        kEventFormat,
        encoded(all),
        static_cast<std::uint32_t>(count),
        [&](std::uint32_t position, const Event&) -> std::optional<RemovedEvent> {
            for (const RemovedEvent& removed : stored.removed) {
                if (removed.position == position) {
                    return removed;
                }
            }
            return std::nullopt;
        }
    );
    return out.value().value();
}

void expect_round_trip(const EventBatch& batch) {
    const std::string bytes = encoded(batch);
    const auto stored = decode_events(kEventFormat, bytes, size_of(batch));
    ASSERT_TRUE(stored) << stored.error().detail;
    ASSERT_EQ(stored->batch.events.size(), batch.events.size());
    EXPECT_TRUE(stored->removed.empty());
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
        ASSERT_TRUE(same_event(stored->batch.events[i], batch.events[i])) << i;
        ASSERT_EQ(stored->positions[i], i);
    }
    EXPECT_EQ(encoded(stored->batch), bytes);
}

TEST(EventCodec, KeepsEveryKindWithAndWithoutWhatIsOptional) {
    expect_round_trip(events_of_every_kind(kAt));
}

TEST(EventCodec, KeepsRandomEvents) {
    EventMaker maker(test_seed(11), {});
    for (int round = 0; round < 60; ++round) {
        EventBatch batch;
        maker.add(batch, static_cast<std::size_t>(maker.whole(0, 400)), kAt);
        expect_round_trip(batch);
    }
}

TEST(EventCodec, AppendsBehindWhatIsThere) {
    EventBatch batch;
    add_event(batch, "C42", "e1", kAt, Visit{});
    std::string out = "kept";
    encode_events(pointers(batch), out);
    EXPECT_EQ(out, "kept" + encoded(batch));
    encode_events({}, out);
    EXPECT_EQ(out, "kept" + encoded(batch));
}

TEST(EventCodec, KeepsOrdersIn45Bytes) {
    EventBatch batch;
    for (int i = 0; i < 1000; ++i) {
        const std::string number = std::to_string(10'000 + i);
        const Instant at{kAt.ms + (i * 7919) % 2000};
        const Money amount{10'00 + i * 399};
        add_event(
            batch, "cust-" + number, "even-" + number, at, Order{"orde-" + number, amount, {}, {}}
        );
    }
    EXPECT_LE(encoded(batch).size(), 45U * 1000);
}

// -- old logs --

EventBatch golden_events() {
    EventBatch batch;
    const auto add = [&](std::string_view id, EventBody body, std::int64_t later = 0) {
        add_event(batch, "C42", id, scoring::plus_ms(kAt, later), std::move(body));
    };
    add("e1", Order{"O1", {120'050}, Money{-5}, OrderKind::Product});
    add("e2", Order{"O2", {0}, std::nullopt, OrderKind::Service}, -1);
    batch.events.back().customer = "\xE9\xBB\x84";
    add("e3", Refund{"O1", scoring::kMoneyMax});
    add("e4", Refund{"O1", std::nullopt});
    add("", Visit{}, -365 * scoring::kDayMs);
    add("e5", Ticket{TicketPhase::Opened, "T1", 5, Money{300}});
    add("e6", Ticket{TicketPhase::FirstResponse, "T1", 0, std::nullopt});
    add("e7", Ticket{TicketPhase::Resolved, "T1", 1, std::nullopt});
    add("e8", Complaint{5});
    add("e9", Review{4, true});
    add("e10", Survey{SurveyKind::Nps, 9, SurveyDimension::Service});
    add("e11", Survey{SurveyKind::Research, -1.5e300, SurveyDimension::Product});
    add("e12", Feedback{-0.25});
    add("e13", Referral{"C43", true});
    add("e14", FollowUp{Money{900}});
    add("e15", FollowUp{});
    add("e16", Training{true});
    auto all = std::make_unique<Profile>();
    all->customer_since = kEventInstantMin;
    all->influence = 61.5;
    all->strategic = Strategic::Key;
    all->expert_score = 0;
    all->preferred_channel = "wechat";
    all->do_not_contact = true;
    all->region = "north";
    all->industry = "";
    all->owner = "li";
    all->birthday = "1984-02-29";
    const std::string tag(200, 'x');
    all->tags = {"vip", tag};
    add("e17", std::move(all));
    auto little = std::make_unique<Profile>();
    little->do_not_contact = false;
    add("", std::move(little));
    add("e18",
        std::make_unique<Override>(OverrideMode::Pin, "gold", "because", "wang", kEventInstantMax));
    add("", std::make_unique<Override>(OverrideMode::Clear, "", "enough", "li", std::nullopt));
    add("e19", ChurnConfirmed{ChurnReason::Competitor});
    add("e20", Erase{}, 60'000);
    return batch;
}

std::string golden_bytes() {
    std::ifstream in(PATRON_SOURCE_DIR "/tests/golden/event_log_v1.bin", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(EventCodec, ReadsTheLogsOfVersionOne) {
    const EventBatch events = golden_events();
    const std::string bytes = golden_bytes();
    const auto stored = decode_events(1, bytes, size_of(events) + 2);
    ASSERT_TRUE(stored) << stored.error().detail;
    ASSERT_EQ(stored->batch.events.size(), events.events.size());
    for (std::size_t i = 0; i < events.events.size(); ++i) {
        EXPECT_TRUE(same_event(stored->batch.events[i], events.events[i])) << i;
    }
    const std::uint32_t last = size_of(events) + 1;
    EXPECT_EQ(stored->positions.back(), last);
    ASSERT_EQ(stored->removed.size(), 2U);
    EXPECT_EQ(stored->removed[0].position, last - 2);
    EXPECT_FALSE(stored->removed[0].erasure);
    EXPECT_EQ(stored->removed[0].customer_hash, 0x0123'4567'89ab'cdef);
    EXPECT_EQ(stored->removed[0].id_hash, 0xfedc'ba98'7654'3210);
    EXPECT_EQ(stored->removed[1].position, last - 1);
    EXPECT_TRUE(stored->removed[1].erasure);
    EXPECT_EQ(stored->removed[1].customer_hash, 0x0123'4567'89ab'cdef);
    EXPECT_EQ(encoded_again(*stored), bytes);
}

// -- damage --

// No crash, and nothing that an encoder would not have written like this.
void expect_fault_or_the_same(const std::string& bytes, std::uint32_t count) {
    const auto stored = decode_events(kEventFormat, std::string_view(bytes), count);
    if (!stored) {
        EXPECT_EQ(stored.error().code, FaultCode::DataDamaged);
        EXPECT_FALSE(stored.error().detail.empty());
        return;
    }
    EXPECT_EQ(encoded_again(*stored), bytes);
}

TEST(EventCodec, TakesNoTruncatedBytes) {
    const std::string whole = golden_bytes();
    const std::uint32_t count = size_of(golden_events()) + 2;
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        // A string of exactly these bytes, so that a sanitizer sees a read beyond them.
        const std::string cut(whole.data(), bytes);
        ASSERT_FALSE(decode_events(kEventFormat, cut, count)) << bytes;
    }
    EXPECT_FALSE(decode_events(kEventFormat, whole + '\0', count));
    EXPECT_FALSE(decode_events(kEventFormat, whole, count - 1));
    EXPECT_FALSE(decode_events(kEventFormat, whole, count + 1));
    EXPECT_FALSE(decode_events(kEventFormat, whole, std::numeric_limits<std::uint32_t>::max()));
    EXPECT_TRUE(decode_events(kEventFormat, whole, count));
}

TEST(EventCodec, InventsNothingFromAnyOtherByte) {
    const std::string whole = golden_bytes();
    const std::uint32_t count = size_of(golden_events()) + 2;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (unsigned flip = 1; flip < 256; ++flip) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ flip);
            ASSERT_NO_FATAL_FAILURE(expect_fault_or_the_same(bytes, count)) << at << " " << flip;
        }
    }
}

TEST(EventCodec, SaysWhereTheDamageIs) {
    EventBatch batch;
    add_event(batch, "C42", "e1", kAt, Visit{});
    std::string bytes = encoded(batch);
    const std::string first = std::to_string(bytes.size());
    add_event(batch, "C42", "e2", kAt, Visit{});
    const std::size_t second = bytes.size();
    bytes = encoded(batch);
    bytes[second] = 99;
    const auto stored = decode_events(kEventFormat, bytes, 2);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, FaultCode::DataDamaged);
    EXPECT_EQ(stored.error().index, 1);
    EXPECT_EQ(
        stored.error().detail, "record 1 at byte " + first + ": is of a kind that does not exist"
    );
}

TEST(EventCodec, RefusesFormatsItDoesNotKnow) {
    for (const std::uint32_t format : {0U, kEventFormat + 1}) {
        const auto stored = decode_events(format, "", 0);
        ASSERT_FALSE(stored);
        EXPECT_EQ(stored.error().code, FaultCode::DataDamaged);
    }
    EXPECT_TRUE(decode_events(kEventFormat, "", 0));
}

struct Bad {
    const char* what;
    std::string bytes;
};

TEST(EventCodec, RefusesWhatNoEventCouldBe) {
    using namespace std::string_literals;
    const std::string at = "\x02"s;  // 1 ms
    const std::string head = at + "\x01"s + "C"s;
    const std::string long_id = at + "\x81\x01"s + std::string(129, 'c') + "\x00"s;
    const std::string nan = "\x00\x00\x00\x00\x00\x00\xf8\x7f"s;
    const Bad all[] = {
        {"kind 0", "\x00\x00"s},
        {"order without id", "\x01\x00"s + head + "\x00\x01O\x02"s},
        {"order kind 3", "\x01\x03"s + head + "\x01"s + "e\x01O\x02"s},
        {"unknown bit", "\x03\x01"s + head + "\x00"s},
        {"negative amount", "\x01\x00"s + head + "\x01"s + "e\x01O\x01"s},
        {"refund of nothing", "\x02\x01"s + head + "\x01"s + "e\x01O\x00"s},
        {"amount beyond the most",
         "\x01\x00"s + head + "\x01"s + "e\x01O"s + "\x82\x80\x80\x80\x80\x80\x04"s},
        {"number too long", "\x03\x00"s + "\x82\x00"s + "\x01"s + "C\x00"s},
        {"number beyond 64 bits",
         "\x03\x00"s + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s + "\x01"s + "C\x00"s},
        {"instant beyond 2999",
         "\x03\x00"s + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s + "\x01"s + "C\x00"s},
        {"no customer", "\x03\x00"s + at + "\x00\x00"s},
        {"customer too long", "\x03\x00"s + long_id},
        {"customer not UTF-8", "\x03\x00"s + at + "\x02\xC3\x28\x00"s},
        {"surrogate", "\x03\x00"s + at + "\x03\xED\xA0\x80\x00"s},
        {"overlong UTF-8", "\x03\x00"s + at + "\x02\xC1\x81\x00"s},
        {"control character", "\x03\x00"s + at + "\x01\x1F\x00"s},
        {"C1 control character", "\x03\x00"s + at + "\x02\xC2\x85\x00"s},
        {"severity 0", "\x05\x00"s + head + "\x00"s},
        {"severity 6", "\x05\x06"s + head + "\x00"s},
        {"ticket of severity 6", "\x04\x18"s + head + "\x00\x01T"s},
        {"nan score", "\x07\x02"s + head + "\x00"s + nan},
        {"nan sentiment", "\x08\x00"s + head + "\x00"s + nan},
        {"text beyond the end", "\x09\x00"s + head + "\x00\x05T"s},
        {"text far beyond the end",
         "\x09\x00"s + head + "\x00"s + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s},
        {"contact 3", "\x0c\x0c"s + head + "\x00\x00"s},
        {"text bit 5", "\x0c\x00"s + head + "\x00\x20"s},
        {"33 tags", "\x0c\x80"s + head + "\x00\x00"s + "\x21"s + std::string(33, '\0')},
        {"birthday", "\x0c\x00"s + head + "\x00\x10\x0a"s + "1984/02/29"s},
        {"tier of a clear", "\x0d\x00"s + head + "\x00\x01t\x01r\x01"s + "b"s},
        {"churn reason 5", "\x0e\x05"s + head + "\x00"s},
        {"removed bit 2", "\x10\x04"s + std::string(8, 'c')},
        {"removed with an id of 0", "\x10\x02"s + std::string(8, 'c') + std::string(8, '\0')},
        {"kind 17", "\x11\x00"s},
    };
    for (const Bad& bad : all) {
        EXPECT_FALSE(decode_events(kEventFormat, bad.bytes, 1)) << bad.what;
    }
    // The frame the bad ones stand in is sound.
    EXPECT_TRUE(decode_events(kEventFormat, "\x03\x00"s + head + "\x00"s, 1));
    EXPECT_TRUE(decode_events(kEventFormat, "\x01\x00"s + head + "\x01"s + "e\x01O\x02"s, 1));
}

TEST(EventCodecDeathTest, WritesNoEventThatCouldNotBeReadBack) {
    EventBatch batch;
    add_event(batch, "C42", "", kAt, Feedback{2});
    EXPECT_DEATH(encoded(batch), "broken invariant");
}

// -- removal --

TEST(RemoveEvents, LeavesThePlacesAndEverythingElse) {
    EventMaker maker(test_seed(12), {});
    for (int round = 0; round < 40; ++round) {
        EventBatch batch;
        maker.add(batch, static_cast<std::size_t>(maker.whole(1, 200)), kAt);
        const std::string_view who = batch.events[batch.events.size() / 2].customer;
        const auto goes = [&](std::uint32_t, const Event& event) {
            return event.customer == who ? std::optional(RemovedEvent{0, false, 77, 78})
                                         : std::nullopt;
        };
        const std::uint32_t count = size_of(batch);
        const auto left = remove_events(kEventFormat, encoded(batch), count, goes);
        ASSERT_TRUE(left && *left);
        const auto stored = decode_events(kEventFormat, **left, count);
        ASSERT_TRUE(stored) << stored.error().detail;
        ASSERT_EQ(stored->positions.size() + stored->removed.size(), batch.events.size());
        for (std::size_t i = 0; i < stored->positions.size(); ++i) {
            const Event& event = stored->batch.events[i];
            ASSERT_NE(event.customer, who);
            ASSERT_TRUE(same_event(event, batch.events[stored->positions[i]]));
        }
        for (const RemovedEvent& removed : stored->removed) {
            const Event& event = batch.events[removed.position];
            ASSERT_EQ(event.customer, who);
            ASSERT_EQ(removed.erasure, std::holds_alternative<Erase>(event.body));
            ASSERT_EQ(removed.customer_hash, 77U);
            ASSERT_EQ(removed.id_hash, 78U);
        }
        const auto again = remove_events(kEventFormat, **left, count, goes);
        ASSERT_TRUE(again);
        EXPECT_FALSE(*again) << "nothing was left to go";
    }
}

TEST(RemoveEvents, KeepsWhatWasRemovedBefore) {
    EventBatch batch;
    for (const char* who : {"a", "b", "c", "a", "b", "c"}) {
        add_event(batch, who, "", kAt, Erase{});
    }
    const auto without = [](std::string bytes, std::string_view who, std::uint64_t hash) {
        return remove_events(
                   kEventFormat,
                   bytes,
                   6,
                   [&](std::uint32_t, const Event& event) {
                       return event.customer == who ? std::optional(RemovedEvent{0, false, hash})
                                                    : std::nullopt;
                   }
        )
            .value()
            .value();
    };
    const auto stored = decode_events(
        kEventFormat, without(without(without(encoded(batch), "c", 3), "a", 1), "b", 2), 6
    );
    ASSERT_TRUE(stored);
    EXPECT_TRUE(stored->batch.events.empty());
    ASSERT_EQ(stored->removed.size(), 6U);
    for (std::uint32_t i = 0; i < 6; ++i) {
        EXPECT_EQ(stored->removed[i].position, i);
        EXPECT_EQ(stored->removed[i].customer_hash, i % 3 + 1);
    }
}

TEST(RemoveEvents, RefusesDamagedBytes) {
    const auto left = remove_events(kEventFormat, "\x63", 1, [](auto, const Event&) {
        return std::optional<RemovedEvent>();
    });
    ASSERT_FALSE(left);
    EXPECT_EQ(left.error().code, FaultCode::DataDamaged);
}

// -- the batch around the records --

StoredBatch some_batch() {
    StoredBatch batch;
    batch.first_seq = 42;
    batch.events = 3;
    batch.accepted_at = kAt;
    batch.policy_revision = 7;
    batch.format = kEventFormat;
    batch.bytes = golden_bytes();
    batch.crc = checksum(batch);
    return batch;
}

TEST(StoredBatch, AgreesWithItsChecksum) {
    EXPECT_TRUE(check(some_batch()));
    // Reckoned from LOG_FORMAT.md by other means.
    StoredBatch batch = some_batch();
    batch.bytes = "abc";
    EXPECT_EQ(checksum(batch), 0xe0f8'27c9U);
}

TEST(StoredBatch, NoticesEveryOtherValue) {
    const auto refused = [](auto change) {
        StoredBatch batch = some_batch();
        change(batch);
        const auto checked = check(batch);
        return !checked && checked.error().code == FaultCode::DataDamaged;
    };
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.first_seq; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.events; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.accepted_at.ms; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.policy_revision; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.format; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { ++b.crc; }));
    EXPECT_TRUE(refused([](StoredBatch& b) { b.bytes.pop_back(); }));
    for (std::size_t i = 0; i < some_batch().bytes.size(); ++i) {
        EXPECT_TRUE(refused([&](StoredBatch& b) { b.bytes[i] ^= 1; })) << i;
    }
}

TEST(EventLog, WithoutAFolderGivesNothingBack) {
    const auto log = make_memory_only_log();
    const auto cursor = log->read_from(1);
    ASSERT_FALSE(cursor);
    EXPECT_EQ(cursor.error().code, FaultCode::NoDataFolder);
    const auto copy = log->copy_to("anywhere");
    ASSERT_FALSE(copy);
    EXPECT_EQ(copy.error().code, FaultCode::NoDataFolder);
}

}  // namespace
}  // namespace patron::store
