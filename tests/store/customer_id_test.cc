#include "store/customer_id.h"

#include <string>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::store {
namespace {

constexpr std::uint64_t kSeed = 5;

TEST(CustomerId, KeepsUpTo23BytesInline) {
    for (std::size_t bytes = 1; bytes < limits::kCustomerIdBytesMax; ++bytes) {
        const std::string text(bytes, 'k');
        const CustomerId id = CustomerId::of(text, kSeed);
        EXPECT_FALSE(id.empty());
        EXPECT_EQ(id.is_inline(), bytes <= 23) << bytes;
        if (id.is_inline()) {
            EXPECT_EQ(id.inline_text(), text);
        }
    }
}

TEST(CustomerId, TellsIdsApartThatDifferInLengthOrInOneByte) {
    for (std::size_t bytes = 1; bytes < limits::kCustomerIdBytesMax; ++bytes) {
        const std::string text(bytes, 'k');
        const CustomerId id = CustomerId::of(text, kSeed);
        EXPECT_TRUE(id.same(CustomerId::of(text, kSeed)));
        EXPECT_FALSE(id.same(CustomerId::of(text + 'k', kSeed)));
        for (const std::size_t at : {std::size_t{0}, bytes / 2, bytes - 1}) {
            std::string other = text;
            other[at] = 'j';
            EXPECT_FALSE(id.same(CustomerId::of(other, kSeed))) << bytes << " at " << at;
        }
    }
}

TEST(CustomerId, TellsAZeroByteFromTheEndOfTheText) {
    const std::string longer("a\0", 2);
    EXPECT_FALSE(CustomerId::of("a", kSeed).same(CustomerId::of(longer, kSeed)));
}

TEST(CustomerId, IsTheSameWhateverItsPlaceInTheHeap) {
    const std::string text(100, 'x');
    CustomerId stored = CustomerId::of(text, kSeed);
    stored.set_heap_slot(7'000'000);
    EXPECT_EQ(stored.heap_slot(), 7'000'000u);
    EXPECT_TRUE(stored.same(CustomerId::of(text, kSeed)));
    EXPECT_TRUE(CustomerId::of(text, kSeed).same(stored));
}

TEST(CustomerId, IsEmptyUntilItIsMade) {
    EXPECT_TRUE(CustomerId{}.empty());
}

}  // namespace
}  // namespace patron::store
