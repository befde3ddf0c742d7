#include "server/endpoints/media_type.h"

#include <gtest/gtest.h>

namespace patron::endpoints {
namespace {

TEST(MediaType, KnowsJsonAndNdjson) {
    for (const char* type :
         {"application/json",
          "Application/JSON",
          " application/json ; charset=UTF-8",
          "application/json;charset=\"utf-8\"",
          "application/json; v=1; charset=utf-8",
          "application/json;"}) {
        EXPECT_EQ(media_type(type), MediaType::Json) << type;
    }
    EXPECT_EQ(media_type("application/x-ndjson"), MediaType::Ndjson);
}

TEST(MediaType, RefusesOtherTypesAndCharsets) {
    for (const char* type :
         {"",
          "text/plain",
          "application/jsonx",
          "application/json; charset=latin1",
          "application/json; charset",
          "application/x-www-form-urlencoded"}) {
        EXPECT_EQ(media_type(type), MediaType::Other) << type;
    }
}

}  // namespace
}  // namespace patron::endpoints
