#include "server/endpoints/api.h"

#include "server/endpoints/customer_path.h"
#include "server/endpoints/customer_writes.h"
#include "server/endpoints/customers.h"
#include "server/endpoints/forecast.h"
#include "server/endpoints/forecast_list.h"
#include "server/endpoints/ingest.h"
#include "server/endpoints/keeping.h"
#include "server/endpoints/operations.h"
#include "server/endpoints/portrait.h"
#include "server/endpoints/readiness.h"
#include "server/endpoints/routes.h"
#include "server/endpoints/score.h"
#include "server/endpoints/scores.h"
#include "server/endpoints/stats.h"
#include "server/endpoints/stream.h"
#include "server/wire/problem.h"

namespace patron::endpoints {
namespace {

using store::FaultCode;
using wire::ByteWriter;

void write_unknown_route(const Request& request, ByteWriter& out) {
    wire::write_problem(
        out, request.reply, {FaultCode::UnknownRoute, "nothing is here", {}, store::kNoIndex}
    );
}

void write_method_not_allowed(const Request& request, Route route, ByteWriter& out) {
    const std::string_view allowed = allowed_methods(route);
    wire::write_problem(
        out,
        request.reply,
        {FaultCode::MethodNotAllowed,
         "this resource takes " + std::string(allowed),
         {},
         store::kNoIndex},
        {"Allow", allowed}
    );
}

void write_not_ready(const Core& core, const Request& request, ByteWriter& out) {
    const ReadinessCheck check = recovery_check(core.store.recovery());
    wire::write_problem(
        out,
        request.reply,
        {FaultCode::NotReady, check.name + ": " + check.detail, {}, store::kNoIndex}
    );
}

void write_options(const Request& request, Route route, ByteWriter& out) {
    wire::HttpReply reply(out, request.reply);
    reply.begin(204, "");
    reply.header("Allow", allowed_methods(route));
    reply.body();
    reply.finish();
}

using Operation = void (*)(Core&, const Request&, ByteWriter&);

Handled now(Operation operation, Core& core, const Request& request, ByteWriter& out) {
    operation(core, request, out);
    return Handled::Now;
}

// A route and a method it allows.
Handled dispatch(
    Core& core,
    const Request& request,
    Prepared prepared,
    Route route,
    ByteWriter& out,
    Deferral& deferral
) {
    switch (route) {
        case Route::Unknown:
            write_unknown_route(request, out);
            return Handled::Now;
        case Route::Score:
            return get_score(core, request, prepared, out, deferral);
        case Route::Scores:
            return post_scores(core, request, out, deferral);
        case Route::Events:
            return post_events(core, request, out, deferral);
        case Route::Customer:
            return request.method == Method::Delete ? delete_customer(core, request, out, deferral)
                                                    : get_portrait(core, request, out, deferral);
        case Route::Customers:
            return get_customers(core, request, out, deferral);
        case Route::Override:
            return request.method == Method::Delete ? delete_override(core, request, out, deferral)
                                                    : put_override(core, request, out, deferral);
        case Route::Stats:
            return get_stats(core, request, out, deferral);
        case Route::Stream:
            return get_stream(core, request, out, deferral);
        case Route::Forecast:
            return get_forecast(core, request, out, deferral);
        case Route::ForecastCustomers:
            return get_forecast_customers(core, request, out, deferral);
        case Route::Snapshots:
            return post_snapshots(core, request, out, deferral);
        case Route::Backups:
            return post_backups(core, request, out, deferral);
        case Route::Livez:
            return now(get_livez, core, request, out);
        case Route::Readyz:
            return now(get_readyz, core, request, out);
        case Route::Healthz:
            return now(get_healthz, core, request, out);
        case Route::Metrics:
            return now(get_metrics, core, request, out);
        case Route::Version:
            return now(get_version, core, request, out);
        case Route::OpenApi:
            return now(get_openapi, core, request, out);
        case Route::AsyncApi:
            return now(get_asyncapi, core, request, out);
    }
    return Handled::Now;
}

}  // namespace

Api::Api(store::Store& store, ApiOptions options) : core_{store, std::move(options), {}} {
    // Made now rather than by the first request.
    core_.texts.of(store.policy());
}

Prepared Api::prepare(const Request& request) {
    const Route route = find_route(request.path);
    Prepared prepared{0, {}, static_cast<std::uint8_t>(route), false};
    if (route != Route::Score) {
        return prepared;
    }
    IdRoom room;
    if (const auto id = customer_of(route, request.path, room)) {
        const store::CustomerKey key = core_.store.key_of(*id);
        core_.store.prefetch(key);
        prepared.id_hash = key.hash;
        // One that was decoded does not outlive the room here.
        prepared.together =
            id->data() != room.data() && request.query.empty() && request.method == Method::Get;
        prepared.id = prepared.together ? *id : std::string_view();
    }
    return prepared;
}

void Api::approach(Prepared prepared) {
    if (static_cast<Route>(prepared.route) == Route::Score) {
        core_.store.prefetch_record({prepared.id_hash});
    }
}

std::size_t Api::handle_together(
    std::span<const Exchange> asked, ByteWriter& out, std::span<std::size_t> ends
) {
    return get_scores_together(core_, asked, out, ends);
}

Handled Api::handle(
    const Request& request, Prepared prepared, ByteWriter& out, Deferral& deferral
) {
    const auto route = static_cast<Route>(prepared.route);
    if (route == Route::Score && request.method == Method::Get && core_.store.ready()) [[likely]] {
        return get_score(core_, request, prepared, out, deferral);
    }
    if (route != Route::Unknown && !allows(route, request.method)) {
        write_method_not_allowed(request, route, out);
        return Handled::Now;
    }
    if (route != Route::Unknown && request.method == Method::Options) {
        write_options(request, route, out);
        return Handled::Now;
    }
    if (needs_store(route) && !core_.store.ready()) {
        write_not_ready(core_, request, out);
        return Handled::Now;
    }
    return dispatch(core_, request, prepared, route, out, deferral);
}

}  // namespace patron::endpoints
