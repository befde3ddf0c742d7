#pragma once
// A handler whose /v1/stream becomes a stream of a fake source; anything else is answered with the query.
//
// Threads    as endpoints::Handler.

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "server/endpoints/subscription.h"
#include "server/wire/problem.h"
#include "tests/net/fake_stream_source.h"
#include "tests/net/sample_handler.h"

namespace patron::net {

class StreamHandler final : public endpoints::Handler {
  public:
    explicit StreamHandler(FakeStreamSource& source) : source_(source) {}

    endpoints::Prepared prepare(const endpoints::Request&) override { return {}; }
    endpoints::Handled handle(
        const endpoints::Request& request,
        endpoints::Prepared,
        wire::ByteWriter& out,
        endpoints::Deferral& deferral
    ) override {
        if (request.path != "/v1/stream") {
            out.append(whole_answer(request.reply, request.query));
            return endpoints::Handled::Now;
        }
        auto subscription = endpoints::Subscription::parse(
            request.query, request.last_event_id, source_.texts(source_.policy())
        );
        if (!subscription) {
            wire::write_problem(out, request.reply, subscription.error());
            return endpoints::Handled::Now;
        }
        deferral.begin_stream(
            std::make_shared<const endpoints::Subscription>(std::move(*subscription))
        );
        return endpoints::Handled::Stream;
    }

  private:
    FakeStreamSource& source_;
};

}  // namespace patron::net
