#include "store/published_record.h"

#include <gtest/gtest.h>

namespace patron::store {
namespace {

TEST(PublishedRecord, IsEmptyAtFirst) {
    const PublishedRecord record;
    EXPECT_TRUE(record.read().id.empty());
}

TEST(PublishedRecord, GivesBackWhatWasPublishedLast) {
    PublishedRecord record;
    for (std::uint32_t x = 0; x < 3; ++x) {
        RecordBody body;
        body.id = CustomerId::of("somebody", 1);
        body.standing.x = x;
        body.standing.signals_logit = 0.25 * x;
        body.standing.outlook_known = x == 2;
        record.publish(body);
        const RecordBody read = record.read();
        EXPECT_EQ(read.id.inline_text(), "somebody");
        EXPECT_EQ(read.standing.x, x);
        EXPECT_EQ(read.standing.signals_logit, 0.25 * x);
        EXPECT_EQ(read.standing.outlook_known, x == 2);
    }
}

TEST(PublishedRecord, TakesThreeCacheLines) {
    EXPECT_EQ(sizeof(PublishedRecord), 192u);
    EXPECT_EQ(alignof(PublishedRecord), 64u);
}

}  // namespace
}  // namespace patron::store
