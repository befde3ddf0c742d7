#include "server/endpoints/page_cursor.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::endpoints {
namespace {

TEST(PageCursor, ReadsBackWhatItWrote) {
    std::mt19937_64 random(test_seed(3));
    for (std::size_t size = 1; size <= 128; ++size) {
        PageCursor cursor{static_cast<std::uint8_t>(size % 5), size % 2 == 0, random(), ""};
        for (std::size_t i = 0; i < size; ++i) {
            cursor.id += static_cast<char>(random());
        }
        const std::string text = encode_cursor(cursor);
        EXPECT_EQ(
            text.find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            ),
            std::string::npos
        );
        EXPECT_EQ(decode_cursor(text), cursor);
    }
}

TEST(PageCursor, RefusesWhatItNeverWrote) {
    const std::string text = encode_cursor({1, true, 77, "C42"});
    EXPECT_TRUE(decode_cursor(text).has_value());
    for (const std::string& bad :
         {std::string(),
          std::string("x"),
          text + "=",
          text.substr(0, 12),
          "B" + text,
          std::string("!") + text.substr(1),
          std::string(5'000, 'A')}) {
        EXPECT_EQ(decode_cursor(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace patron::endpoints
