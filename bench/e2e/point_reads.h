#pragma once
// Reads of one random customer each: over HTTP, and the same from Redis.
//
// Shapes     `per_write` requests leave in one write; ids are uniform over `customers`.
// Errors     a read is wrong unless its status is 200 and its body is not empty (HTTP; with
// `check_id`
//            also unless the body is about the customer asked for), or its value has `value_bytes`.

#include <cstdint>

#include "bench/e2e/http_answers.h"
#include "bench/e2e/random.h"
#include "bench/e2e/workload.h"

namespace patron::bench {

struct ReadOptions {
    std::uint32_t customers = 1;
    std::uint32_t per_write = 1;
    std::uint32_t value_bytes = 0;  // Redis
    bool check_id = false;          // HTTP
};

class HttpReads final : public Workload {
  public:
    HttpReads(ReadOptions options, std::uint64_t seed) : options_(options), random_(seed) {}
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    Random random_;
    HttpAnswers answers_;
};

class RedisReads final : public Workload {
  public:
    RedisReads(ReadOptions options, std::uint64_t seed) : options_(options), random_(seed) {}
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    Random random_;
};

// Puts what RedisReads asks for: one value for every customer, once.
class RedisValues final : public Workload {
  public:
    explicit RedisValues(ReadOptions options) : options_(options) {}
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    std::uint32_t done_ = 0;
};

}  // namespace patron::bench
