#include "server/endpoints/customer_writes.h"

#include "server/endpoints/customer_path.h"
#include "server/endpoints/job.h"
#include "server/endpoints/media_type.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"
#include "server/wire/override_decoder.h"
#include "server/wire/problem.h"
#include "server/wire/query_string.h"
#include "server/wire/score_encoder.h"

namespace patron::endpoints {
namespace {

using store::EventBatch;
using store::Fault;
using store::IngestReply;
using store::Result;
using wire::ByteWriter;

enum class Write : std::uint8_t { Override, Erasure };

// Log and snapshots hold what was erased until they have been cleaned.
void append_purge(ByteWriter& out, const store::KeepStatus& kept) {
    out.append(R"(,"purge":{"pending":)");
    if (kept.snapshot_due) {
        out.append(R"(true,"due":")");
        wire::append_instant(out, *kept.snapshot_due);
        out.append("\"}");
    } else {
        out.append(R"(false,"due":null})");
    }
}

class WriteJob final : public Job {
  public:
    WriteJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        Write what,
        std::string_view id,
        EventBatch batch
    )
        : Job(core, request, deferral), what_(what), id_(id), batch_(std::move(batch)) {}

    void start() override {
        store::IngestRequest request;
        request.batch = std::move(batch_);
        request.on_error = store::OnError::Reject;
        request.return_scores_max = 1;
        request.done = [job = self<WriteJob>()](const Result<IngestReply>& reply) {
            job->on_reply(reply);
        };
        unless_refused(core_.store.submit(std::move(request)));
    }

  private:
    void on_reply(const Result<IngestReply>& reply) {
        if (!reply) {
            Fault fault = reply.error();
            fault.index = store::kNoIndex;
            fail(fault);
            return;
        }
        answer_json([&](ByteWriter& out) { write(out, *reply); });
    }

    void write(ByteWriter& out, const IngestReply& reply) {
        out.append(R"({"customer_id":)");
        wire::append_json_string(out, id_);
        out.append(R"(,"seq":)");
        out.append_uint(reply.seq);
        out.append(R"(,"score":)");
        if (reply.scores.empty()) {
            out.append("null");
        } else {
            const store::Reading& reading = reply.scores.front().second.reading;
            wire::append_score(out, core_.texts.of(*reading.policy), id_, reading);
        }
        if (what_ == Write::Erasure) {
            append_purge(out, core_.store.keep_status());
        }
        out.append('}');
    }

    const Write what_;
    const std::string id_;
    EventBatch batch_;
};

// The customer of the path if the store has it.
Result<std::string_view> known_customer(
    Core& core, const Request& request, Route route, IdRoom& room
) {
    const auto id = customer_of(route, request.path, room);
    if (!id) {
        return std::unexpected(segment_fault(customer_segment(route, request.path)));
    }
    store::Reading reading;
    const auto outcome =
        core.store.read(core.store.key_of(*id), *id, core.store.clock().now(), reading);
    if (outcome == store::ReadOutcome::Unknown) {
        return std::unexpected(unknown_customer(*id));
    }
    return *id;
}

wire::DecodeContext context_now(Core& core) {
    const scoring::CompiledPolicy& policy = core.store.policy();
    return {
        policy.policy.currencies,
        core.store.clock().now(),
        core.texts.of(policy).tier_names(),
        wire::OnError::Reject
    };
}

Result<EventBatch> decode_put(Core& core, const Request& request, std::string_view id) {
    thread_local wire::EventReader reader;
    if (!request.query.empty()) {
        const auto none = wire::QueryString::parse(request.query, {});
        if (!none) {
            return std::unexpected(none.error());
        }
    }
    if (media_type(request.content_type) != MediaType::Json) {
        return std::unexpected(unsupported_media_type("application/json"));
    }
    return wire::decode_override(reader, request.body, id, context_now(core));
}

Result<EventBatch> decode_delete(Core& core, const Request& request, std::string_view id) {
    const auto query = wire::QueryString::parse(request.query, {"by", "reason"});
    if (!query) {
        return std::unexpected(query.error());
    }
    for (const std::string_view name : {"by", "reason"}) {
        if (!query->find(name)) {
            return store::fail(
                store::FaultCode::BadParameter, "who clears an override says why", std::string(name)
            );
        }
    }
    return wire::make_override_clear(
        id, *query->find("reason"), *query->find("by"), context_now(core)
    );
}

Result<EventBatch> decode_erase(Core& core, const Request& request, std::string_view id) {
    const auto none = wire::QueryString::parse(request.query, {});
    if (!none) {
        return std::unexpected(none.error());
    }
    EventBatch batch;
    store::Event& event = batch.events.emplace_back();
    event.customer = batch.keep(id);
    event.at = core.store.clock().now();
    event.body.emplace<store::Erase>();
    return batch;
}

template <class Decode>
Handled write_customer(
    Core& core,
    const Request& request,
    Route route,
    ByteWriter& out,
    Deferral& deferral,
    Decode decode
) {
    IdRoom room;
    const auto id = known_customer(core, request, route, room);
    if (!id) {
        wire::write_problem(out, request.reply, id.error());
        return Handled::Now;
    }
    Result<EventBatch> batch = decode(core, request, *id);
    if (!batch) {
        wire::write_problem(out, request.reply, batch.error());
        return Handled::Now;
    }
    const Write what = route == Route::Customer ? Write::Erasure : Write::Override;
    return start_job(
        core, std::make_shared<WriteJob>(core, request, deferral, what, *id, std::move(*batch))
    );
}

}  // namespace

Handled put_override(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    return write_customer(core, request, Route::Override, out, deferral, decode_put);
}

Handled delete_override(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    return write_customer(core, request, Route::Override, out, deferral, decode_delete);
}

Handled delete_customer(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    return write_customer(core, request, Route::Customer, out, deferral, decode_erase);
}

}  // namespace patron::endpoints
