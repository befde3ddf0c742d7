#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/policy_lint.h"
#include "server/wire/json_place.h"
#include "server/wire/policy_document.h"
#include "tests/wire/policy_text.h"

namespace patron::wire {
namespace {

// Whatever stands in the text, the answer is a policy that lint accepts or a list of mistakes.
TEST(ParsePolicy, DamagedTextsNeverStopTheProcess) {
    std::mt19937_64 random(20261121);
    const std::string sound = kText;
    const std::vector<std::string> scraps{
        "null", "{}", "[]", "\"x\"", "-1", "1e308", "[[]]", "true", ","
    };
    int accepted = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string text = sound;
        for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
            const std::size_t at = random() % text.size();
            const std::size_t length = std::min<std::size_t>(random() % 12, text.size() - at);
            text.replace(at, length, scraps[random() % scraps.size()]);
        }
        const auto document = parse_policy(text, FactSchema{});
        if (document) {
            ++accepted;
            EXPECT_FALSE(scoring::has_errors(scoring::lint(document->policy, FactSchema{})));
        } else {
            EXPECT_TRUE(std::ranges::any_of(document.error(), &PolicyProblem::error)) << text;
            EXPECT_LE(document.error().size(), kPolicyProblemsMax);
        }
    }
    EXPECT_GT(accepted, 0);
}

// Each value of the document replaced by each kind of value: the reader is asked about every place.
TEST(ParsePolicy, EveryValueOfEveryOtherKindIsAnswered) {
    const std::string sound = kText;
    const auto tree = JsonTree::parse(sound);
    ASSERT_TRUE(tree);
    std::vector<JsonIndex> all{JsonTree::kRoot};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& children = (*tree)[all[i]].children;
        all.insert(all.end(), children.begin(), children.end());
    }
    ASSERT_GT(all.size(), 100U);
    for (const JsonIndex index : all) {
        for (const char* other : {"null", "{}", "[]", "\"x\"", "-1e300", "true"}) {
            std::string text = sound;
            const JsonNode& node = (*tree)[index];
            text.replace(node.begin, node.end - node.begin, other);
            const auto document = parse_policy(text, FactSchema{});
            if (!document) {
                EXPECT_TRUE(std::ranges::any_of(document.error(), &PolicyProblem::error)) << text;
            } else if (std::string_view(other) == "null" || std::string_view(other) == "-1e300") {
                ADD_FAILURE() << other << " accepted at " << tree->pointer(index);
            }
        }
    }
}

}  // namespace
}  // namespace patron::wire
