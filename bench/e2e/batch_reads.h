#pragma once
// Reads of many customers in one request: POST /v1/scores, and MGET of as many values from Redis.
//
// Shapes     one request in a write, `per_write` ids in it, uniform over `customers`; a unit is a
//            customer read.
// Errors     a read is wrong unless its status is 200 and the scores are those of the ids asked for, in
//            their order (HTTP), or unless there are as many values of `value_bytes` each (Redis).

#include "bench/e2e/point_reads.h"

namespace patron::bench {

class HttpBatchReads final : public Workload {
  public:
    HttpBatchReads(ReadOptions options, std::uint64_t seed) : options_(options), random_(seed) {}
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    Random random_;
    HttpAnswers answers_;
};

class RedisBatchReads final : public Workload {
  public:
    RedisBatchReads(ReadOptions options, std::uint64_t seed) : options_(options), random_(seed) {}
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    Random random_;
};

}  // namespace patron::bench
