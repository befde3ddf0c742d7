// Attributes that move are told, for those who filter by them.

#include <gtest/gtest.h>

#include "tests/support/random_events.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

class AttributeChanges : public testing::Test {
  protected:
    void profile(const char* region, std::vector<std::string> tags = {}) {
        auto profile = std::make_unique<Profile>();
        profile->region = region;
        EventBatch batch;
        for (const std::string& tag : tags) {
            profile->tags.emplace().push_back(batch.keep(tag));
        }
        const std::string id = "p" + std::to_string(++number_);
        add_event(batch, "a", id, Instant{kTestNow.ms - 1000 + number_}, std::move(profile));
        ASSERT_TRUE(store_.submit_and_wait(std::move(batch)).has_value());
    }
    void order() {
        EventBatch batch;
        add_event(batch, "a", "o", kTestNow, Order{"o", Money{200'00}, {}, {}});
        ASSERT_TRUE(store_.submit_and_wait(std::move(batch)).has_value());
    }
    std::vector<Change> changes() { return *store_.changes_after(cursor_, true); }

    TestStore store_;
    std::uint64_t cursor_ = 0;
    int number_ = 0;
};

TEST_F(AttributeChanges, AreToldWithWhatWasKnownBefore) {
    order();
    ASSERT_EQ(changes().size(), 1U);
    profile("north");
    const auto first = changes();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].from, first[0].to);
    EXPECT_EQ(first[0].cause, Cause::Event);
    EXPECT_EQ(first[0].profile_before, nullptr);
    ASSERT_NE(first[0].profile, nullptr);
    EXPECT_EQ(first[0].profile->region, "north");
    profile("south");
    const auto second = changes();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].profile_before->region, "north");
    EXPECT_EQ(second[0].profile->region, "south");
}

TEST_F(AttributeChanges, AreNotToldWhereNothingMoves) {
    order();
    profile("north");
    changes();
    profile("north");
    EXPECT_TRUE(changes().empty());
}

TEST_F(AttributeChanges, OtherChangesHaveTheSameOnBothSides) {
    profile("north");
    const auto came = changes();
    ASSERT_EQ(came.size(), 1U);
    EXPECT_FALSE(came[0].from.has_value());
    order();
    const auto moved = changes();
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_NE(moved[0].from, moved[0].to);
    EXPECT_EQ(moved[0].profile_before->region, "north");
    EXPECT_EQ(moved[0].profile->region, "north");
}

}  // namespace
}  // namespace patron::store
