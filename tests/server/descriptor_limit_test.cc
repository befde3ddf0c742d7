#include "server/descriptor_limit.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace patron::server {
namespace {

class DescriptorLimit : public testing::Test {
  protected:
    DescriptorLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
    ~DescriptorLimit() override { setrlimit(RLIMIT_NOFILE, &before_); }

    void set_soft(rlim_t soft) {
        const rlimit limit{soft, before_.rlim_max};
        ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    static rlim_t soft() {
        rlimit now{};
        getrlimit(RLIMIT_NOFILE, &now);
        return now.rlim_cur;
    }

    rlimit before_{};
};

TEST_F(DescriptorLimit, IsRaisedToWhatIsWanted) {
    set_soft(100);
    EXPECT_EQ(raise_descriptor_limit(150), 150u);
    EXPECT_EQ(soft(), 150u);
}

TEST_F(DescriptorLimit, IsNeverLowered) {
    set_soft(200);
    EXPECT_EQ(raise_descriptor_limit(150), 200u);
    EXPECT_EQ(soft(), 200u);
}

TEST_F(DescriptorLimit, EndsAtTheHardLimit) {
    set_soft(100);
    EXPECT_EQ(raise_descriptor_limit(before_.rlim_max + 1), before_.rlim_max);
    EXPECT_EQ(soft(), before_.rlim_max);
}

}  // namespace
}  // namespace patron::server
