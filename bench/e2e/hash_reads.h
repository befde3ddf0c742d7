#pragma once
// A score as a Redis hash with a field for each of its members, and reads of all of them (HMGET).
//
// Shapes     as RedisReads and RedisValues of point_reads.h; the values have the lengths that a score's
//            members have, and are the same for every customer.
// Errors     a read is wrong unless every field is there and they have their length in all.

#include "bench/e2e/point_reads.h"

namespace patron::bench {

class RedisHashReads final : public Workload {
  public:
    RedisHashReads(ReadOptions options, std::uint64_t seed);
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    Random random_;
    std::string command_;
};

// Puts what RedisHashReads asks for: one hash for every customer, once.
class RedisHashes final : public Workload {
  public:
    explicit RedisHashes(ReadOptions options);
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    ReadOptions options_;
    std::string command_;
    std::size_t id_at_;
    std::uint32_t done_ = 0;
};

}  // namespace patron::bench
