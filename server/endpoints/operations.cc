#include "server/endpoints/operations.h"

#include "server/endpoints/asyncapi.h"
#include "server/endpoints/json_reply.h"
#include "server/endpoints/metrics_text.h"
#include "server/endpoints/openapi.h"
#include "server/endpoints/readiness.h"
#include "server/wire/json_string.h"
#include "server/wire/problem.h"
#include "server/wire/query_string.h"

namespace patron::endpoints {
namespace {

using wire::ByteWriter;

void append_text(ByteWriter& out, std::string_view member, std::string_view value) {
    out.append(member);
    wire::append_json_string(out, value);
}

const ReadinessCheck* failing(const std::vector<ReadinessCheck>& checks) {
    for (const ReadinessCheck& check : checks) {
        if (!check.ok) {
            return &check;
        }
    }
    return nullptr;
}

void append_checks(ByteWriter& out, const std::vector<ReadinessCheck>& checks) {
    out.append(R"(,"checks":[)");
    for (const ReadinessCheck& check : checks) {
        out.append(&check == checks.data() ? "{" : ",{");
        append_text(out, R"("name":)", check.name);
        out.append(check.ok ? R"(,"ok":true)" : R"(,"ok":false)");
        append_text(out, R"(,"detail":)", check.detail);
        out.append('}');
    }
    out.append(']');
}

void append_log(ByteWriter& out, const store::Store& store) {
    const store::EventLog& log = store.log();
    append_text(out, R"(,"log":)", log.name());
    out.append(log.durable() ? R"(,"durable":true)" : R"(,"durable":false)");
    append_text(out, R"(,"durability":)", durability_name(log.durability()));
    out.append(R"(,"last_snapshot_seq":)");
    if (const auto last = store.keep_status().last_snapshot) {
        out.append_uint(last->to_seq);
    } else {
        out.append("null");
    }
}

// False, and the refusal is written, when there is a query the resource does not have.
bool takes_query(
    const Request& request, ByteWriter& out, std::initializer_list<std::string_view> known
) {
    if (request.query.empty()) {
        return true;
    }
    const auto query = wire::QueryString::parse(request.query, known);
    if (!query) {
        wire::write_problem(out, request.reply, query.error());
    }
    return query.has_value();
}

}  // namespace

void get_livez(Core& /*core*/, const Request& request, ByteWriter& out) {
    if (takes_query(request, out, {})) {
        write_json(out, request.reply, [](ByteWriter& body) {
            body.append(R"({"status":"alive"})");
        });
    }
}

void get_readyz(Core& core, const Request& request, ByteWriter& out) {
    if (!takes_query(request, out, {"verbose"})) {
        return;
    }
    const std::vector<ReadinessCheck> checks = readiness_checks(core);
    if (const ReadinessCheck* check = failing(checks)) {
        const std::string detail = check->name + ": " + check->detail;
        wire::write_problem(
            out, request.reply, {store::FaultCode::NotReady, detail, {}, store::kNoIndex}
        );
        return;
    }
    write_json(out, request.reply, [&](ByteWriter& body) {
        body.append(R"({"status":"ready")");
        if (!request.query.empty()) {
            append_checks(body, checks);
        }
        body.append('}');
    });
}

void get_healthz(Core& core, const Request& request, ByteWriter& out) {
    if (!takes_query(request, out, {})) {
        return;
    }
    const bool ready = failing(readiness_checks(core)) == nullptr;
    write_json(out, request.reply, [&](ByteWriter& body) {
        body.append(ready ? R"({"status":"ok","ready":true)" : R"({"status":"ok","ready":false)");
        body.append(R"(,"customers":)");
        body.append_uint(core.store.customers());
        body.append(R"(,"seq":)");
        body.append_uint(core.store.applied_seq());
        append_log(body, core.store);
        body.append('}');
    });
}

void get_metrics(Core& core, const Request& request, ByteWriter& out) {
    if (!takes_query(request, out, {})) {
        return;
    }
    const std::string text = metrics_text(core);
    wire::HttpReply reply(out, request.reply);
    reply.begin(200, kMetricsType);
    reply.body().append(text);
    reply.finish();
}

void get_version(Core& core, const Request& request, ByteWriter& out) {
    if (!takes_query(request, out, {})) {
        return;
    }
    const BuildInfo& build = core.options.build;
    write_json(out, request.reply, [&](ByteWriter& body) {
        append_text(body, R"({"name":"patron","version":)", build.version);
        append_text(body, R"(,"commit":)", build.commit);
        append_text(body, R"(,"build_type":)", build.build_type);
        append_text(body, R"(,"compiler":)", build.compiler);
        body.append(R"(,"policy":)");
        body.append(core.texts.of(core.store.policy()).name());
        body.append('}');
    });
}

void get_openapi(Core& /*core*/, const Request& request, ByteWriter& out) {
    if (takes_query(request, out, {})) {
        write_json(out, request.reply, [](ByteWriter& body) { body.append(openapi_document()); });
    }
}

void get_asyncapi(Core& /*core*/, const Request& request, ByteWriter& out) {
    if (takes_query(request, out, {})) {
        write_json(out, request.reply, [](ByteWriter& body) { body.append(asyncapi_document()); });
    }
}

}  // namespace patron::endpoints
