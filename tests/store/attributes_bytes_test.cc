#include <string>

#include <gtest/gtest.h>

#include "store/attributes.h"
#include "tests/support/random_saved.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

std::optional<CustomerAttributes> loaded(std::string_view bytes) {
    auto result = CustomerAttributes::load(bytes);
    return result && bytes.empty() ? std::optional(std::move(*result)) : std::nullopt;
}

// NaN stands for unknown, so doubles are compared as text.
std::string told(const CustomerAttributes& a) {
    const ProfileDetails d = a.details();
    std::string out;
    for (const double number : {d.facts.influence, d.facts.strategic, d.facts.expert_score}) {
        out += std::to_string(number) + '|';
    }
    out += std::to_string(d.facts.do_not_contact) + '|' +
           std::to_string(d.facts.customer_since.ms) + '|';
    for (const auto* text : {&d.preferred_channel, &d.region, &d.industry, &d.owner, &d.birthday}) {
        out += *text + '|';
    }
    for (const std::string& tag : d.tags) {
        out += tag + '|';
    }
    const scoring::TierOverride by = a.tier_override();
    out += std::to_string(static_cast<int>(by.kind)) + '|' + std::to_string(by.tier) + '|' +
           std::to_string(by.at.ms) + '|' + std::to_string(by.until.ms) + '|';
    if (const auto details = a.override_details()) {
        out += details->tier + '|' + details->reason + '|' + details->by;
    }
    return out;
}

TEST(AttributesAsBytes, ComeBackAndGoOnAsIfNothingHadHappened) {
    SavedMaker maker(test_seed(20'261'122));
    for (int round = 0; round < 2'000; ++round) {
        CustomerAttributes kept = maker.attributes();
        const std::string bytes = encoded(kept);
        auto back = loaded(bytes);
        ASSERT_TRUE(back.has_value());
        ASSERT_EQ(encoded(*back), bytes);
        for (std::uint64_t more = 0; more < 4; ++more) {
            ASSERT_EQ(told(*back), told(kept));
            ASSERT_EQ(back->hash(), kept.hash());
            const std::uint64_t seed = maker.below(1'000'000);
            SavedMaker(seed).say_something(kept);
            SavedMaker(seed).say_something(*back);
        }
        ASSERT_EQ(encoded(*back), encoded(kept));
    }
}

TEST(AttributesAsBytes, TakeOnlyWhatIsTheirs) {
    SavedMaker maker(test_seed(1));
    const CustomerAttributes first = maker.attributes();
    const CustomerAttributes second = maker.attributes();
    const std::string bytes = encoded(first) + encoded(second) + "behind";
    std::string_view left = bytes;
    EXPECT_EQ(encoded(CustomerAttributes::load(left).value()), encoded(first));
    EXPECT_EQ(encoded(CustomerAttributes::load(left).value()), encoded(second));
    EXPECT_EQ(left, "behind");
}

TEST(AttributesAsBytes, CutShortAreRefused) {
    SavedMaker maker(test_seed(2));
    for (int round = 0; round < 50; ++round) {
        const std::string bytes = encoded(maker.attributes());
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            std::string_view cut(bytes.data(), size);
            const auto result = CustomerAttributes::load(cut);
            ASSERT_FALSE(result.has_value());
            EXPECT_EQ(result.error().code, FaultCode::DataDamaged);
        }
    }
}

TEST(AttributesAsBytes, HaveOneEncodingOnly) {
    SavedMaker maker(test_seed(3));
    for (int round = 0; round < 200; ++round) {
        const std::string bytes = encoded(maker.attributes());
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string flipped = bytes;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << maker.below(8)));
            if (const auto other = loaded(flipped)) {
                ASSERT_EQ(encoded(*other), flipped);  // what is read is what was written
            }
        }
    }
}

TEST(AttributesAsBytes, OfUnknownFieldsAreRefused) {
    const std::string_view beyond("\x00\x10", 2);  // the thirteenth field
    EXPECT_FALSE(loaded(beyond).has_value());
    EXPECT_TRUE(loaded(std::string_view("\x00\x00", 2)).has_value());
}

}  // namespace
}  // namespace patron::store
