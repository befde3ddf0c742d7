#pragma once
// What one class of a load asks for: the bytes of its requests, and what a right answer says.
//
// Shapes     a request is a fixed text with places for digits. Ids are those of `patron simulate`; event
//            ids are new in every run (its millisecond, the generator's number, a serial).
// Threads    one owner. Cost: `append` does not allocate once `out` is warm.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/load/customer_picker.h"

namespace patron::tools {

class RequestMaker {
  public:
    virtual ~RequestMaker() = default;

    // One request that was due then.
    virtual void append(std::string& out, std::int64_t due_ns) = 0;
    // Of a 200: how many units (events, ids) it accounts for; -1: not what was asked for.
    virtual std::int64_t units_of(std::string_view body) const = 0;
};

struct RequestContext {
    std::string host;    // as the Host field says it
    std::string prefix;  // of every path
    std::uint64_t seed = 1;
    std::uint32_t part = 0;  // of the generator threads
    std::uint32_t customers = 0;
    double zipf = 0;
    std::string fields = {};         // of a score, separated by commas; empty: all
    std::int64_t run_ms = 0;         // Unix time, names the run's events
    std::string_view name = "load";  // their first word
};

// GET of one path, always the same; any length of answer.
std::unique_ptr<RequestMaker> make_fixed_reads(
    const RequestContext& context, std::string_view path
);
std::unique_ptr<RequestMaker> make_score_reads(const RequestContext& context);
std::unique_ptr<RequestMaker> make_score_batches(const RequestContext& context, std::uint32_t ids);
// Orders and visits in turn.
std::unique_ptr<RequestMaker> make_event_posts(const RequestContext& context, std::uint32_t events);

// When each customer's newest change of either kind was due.
class ChangeDues {
  public:
    explicit ChangeDues(std::uint32_t customers) : dues_(2 * std::size_t{customers}, INT64_MIN) {}
    std::int64_t& of(std::uint32_t customer, bool pinned) {
        return dues_[2 * std::size_t{customer} + (pinned ? 1 : 0)];
    }
    std::uint32_t customers() const { return static_cast<std::uint32_t>(dues_.size() / 2); }

  private:
    std::vector<std::int64_t> dues_;
};

// An override set for every customer, then lifted for every one, and so on; neighbours in time are far
// apart by number. `dues` is kept by the caller.
std::unique_ptr<RequestMaker> make_override_posts(
    const RequestContext& context, std::uint32_t events, ChangeDues& dues
);
// Lifts of everybody's override, one body of at most `events` each.
std::vector<std::string> override_lifts(const RequestContext& context, std::uint32_t events);

}  // namespace patron::tools
