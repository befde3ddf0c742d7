#pragma once
// The same facts told to Patron (POST /v1/events, NDJSON) and to Redis (pipelined commands).
//
// Shapes     `per_write` facts in one request or one pipeline. Redis keeps of every order what
// Patron
//            keeps (when, how much, under its id) and a running sum; of visits a count and the
//            last. It neither sees duplicates nor computes a score.
// Errors     Patron: anything but 200 with every event accepted and none a duplicate. Redis: an
// error,
//            or no string for HINCRBYFLOAT and no number for HSET.

#include <cstdint>
#include <memory>

#include "bench/e2e/fact_text.h"
#include "bench/e2e/facts.h"
#include "bench/e2e/http_answers.h"
#include "bench/e2e/workload.h"

namespace patron::bench {

class HttpEvents final : public Workload {
  public:
    HttpEvents(std::unique_ptr<Facts> facts, std::uint32_t per_write);
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    std::string request_of(std::uint32_t count) const;

    std::unique_ptr<Facts> facts_;
    FactText text_;
    std::uint32_t per_write_;
    HttpAnswers answers_;
};

class RedisEvents final : public Workload {
  public:
    RedisEvents(std::unique_ptr<Facts> facts, std::uint32_t per_write);
    Batch next(std::string& bytes) override;
    Taken take(std::string_view input, const Asked& asked) override;

  private:
    std::unique_ptr<Facts> facts_;
    FactText text_;
    std::uint32_t per_write_;
};

}  // namespace patron::bench
