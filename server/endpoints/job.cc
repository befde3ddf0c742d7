#include "server/endpoints/job.h"

#include "server/wire/problem.h"

namespace patron::endpoints {

using store::Fault;
using store::FaultCode;

void Job::fail(const Fault& fault) {
    answer(wire::problem_bytes(reply_, fault));
}

Handled start_job(Core& core, std::shared_ptr<Job> job, std::uint64_t min_seq) {
    if (min_seq <= core.store.applied_seq()) {
        job->start();
        return Handled::Later;
    }
    const auto refused = core.store.wait_for(min_seq, [&core, job, min_seq](bool reached) {
        if (reached) {
            job->start();
            return;
        }
        std::string detail = "seq " + std::to_string(min_seq) + " is not visible yet, seq is " +
                             std::to_string(core.store.applied_seq());
        job->fail({FaultCode::TooEarly, std::move(detail), "min_seq", store::kNoIndex});
    });
    if (refused) {
        job->fail(*refused);
    }
    return Handled::Later;
}

Fault stopping() {
    return {
        FaultCode::Stopping, "the server stopped before the answer was made", {}, store::kNoIndex
    };
}

Fault policy_switched() {
    return {
        FaultCode::NotReady, "the policy was switched meanwhile; ask again", {}, store::kNoIndex
    };
}

}  // namespace patron::endpoints
