#pragma once
// A request whose answer comes later: what is left of it when `handle` has returned.
//
// Shapes     start_job -> (the write asked for is visible) -> start -> exactly one of answer and
//            fail.
// Owns       its completion; whoever holds the shared pointer keeps the job alive.
// Threads    start, answer and fail one after the other, on an I/O thread or the apply thread; what
//            runs on the latter is short.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "server/endpoints/core.h"
#include "server/endpoints/json_reply.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

class Job : public std::enable_shared_from_this<Job> {
  public:
    Job(Core& core, const Request& request, Deferral& deferral)
        : core_(core), reply_(request.reply), done_(deferral.defer()) {}
    virtual ~Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    virtual void start() = 0;
    void fail(const store::Fault& fault);

  protected:
    template <class Derived>
    std::shared_ptr<Derived> self() {
        return std::static_pointer_cast<Derived>(shared_from_this());
    }
    void answer(std::string bytes) { std::exchange(done_, nullptr)(std::move(bytes)); }
    template <class Write>
    void answer_json(Write write) {
        answer(json_bytes(reply_, write));
    }
    // What the store refuses at once.
    void unless_refused(const std::optional<store::Fault>& fault) {
        if (fault) {
            fail(*fault);
        }
    }

    Core& core_;
    const wire::ReplyOptions reply_;

  private:
    Completion done_;
};

// Once `min_seq` can be read; a 425 if that takes too long.
Handled start_job(Core& core, std::shared_ptr<Job> job, std::uint64_t min_seq = 0);

store::Fault stopping();
store::Fault policy_switched();

}  // namespace patron::endpoints
