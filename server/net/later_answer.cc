#include "server/net/later_answer.h"

#include <utility>

#include "server/wire/problem.h"
#include "store/check.h"

namespace patron::net {

LaterAnswer::~LaterAnswer() {
    if (mailbox_) {
        const store::Fault fault{
            store::FaultCode::Stopping, "the request was not completed", {}, store::kNoIndex
        };
        (*this)(wire::problem_bytes(options_, fault));
    }
}

void LaterAnswer::operator()(std::string answer) {
    PATRON_CHECK(mailbox_ != nullptr);
    std::exchange(mailbox_, nullptr)->post({ticket_, std::move(answer)});
}

}  // namespace patron::net
