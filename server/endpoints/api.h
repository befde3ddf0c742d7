#pragma once
// The HTTP API: every route of Patron, without a socket.
//
// Shapes     one whole answer per request; refusals are application/problem+json.
// Errors     UnknownRoute, MethodNotAllowed with Allow, NotReady for everything under /v1 until the
//            store is ready, and what each endpoint says.
// Owns       its options and the policies' texts. The store outlives it; whoever stops the store
//            does so before the Api ends, since answers that come later use both.
// Threads    prepare and handle from any number of I/O threads.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

class Api final : public Handler {
  public:
    explicit Api(store::Store& store, ApiOptions options = {});

    Prepared prepare(const Request& request) override;
    void approach(Prepared prepared) override;
    std::size_t handle_together(
        std::span<const Exchange> asked, wire::ByteWriter& out, std::span<std::size_t> ends
    ) override;
    Handled handle(
        const Request& request, Prepared prepared, wire::ByteWriter& out, Deferral& deferral
    ) override;

  private:
    Core core_;
};

}  // namespace patron::endpoints
