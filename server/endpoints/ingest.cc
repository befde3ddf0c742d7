#include "server/endpoints/ingest.h"

#include <algorithm>
#include <array>

#include "server/endpoints/job.h"
#include "server/endpoints/media_type.h"
#include "server/wire/event_decoder.h"
#include "server/wire/json_string.h"
#include "server/wire/problem.h"
#include "server/wire/query_string.h"
#include "server/wire/score_encoder.h"

namespace patron::endpoints {
namespace {

using store::Fault;
using store::IngestReply;
using store::Result;
using wire::ByteWriter;

void append_refusal(ByteWriter& out, const Fault& fault) {
    out.append(R"({"index":)");
    out.append_int(fault.index);
    out.append(R"(,"code":")");
    out.append(wire::problem_kind(fault.code).code);
    out.append(R"(","field":)");
    if (fault.field.empty()) {
        out.append("null");
    } else {
        wire::append_json_string(out, fault.field);
    }
    out.append(R"(,"detail":)");
    wire::append_json_string(out, fault.detail);
    out.append('}');
}

// What the decoder knows of the items and the store does not.
struct Items {
    std::vector<std::uint32_t> index;  // of every event handed over
    std::vector<Fault> rejected;
    std::size_t rejected_count = 0;

    std::int64_t item_of(std::int64_t event) const {
        const auto place = static_cast<std::size_t>(event);
        return event >= 0 && place < index.size() ? index[place] : event;
    }
    // The store counts events; a caller counts the items of the body.
    void take(std::vector<Fault> of_store) {
        rejected_count += of_store.size();
        for (Fault& fault : of_store) {
            fault.index = item_of(fault.index);
            rejected.push_back(std::move(fault));
        }
        std::ranges::stable_sort(rejected, {}, &Fault::index);
        if (rejected.size() > store::limits::kRejectedListedMax) {
            rejected.resize(store::limits::kRejectedListedMax);
        }
    }
};

void append_scores(ByteWriter& out, Core& core, const IngestReply& reply) {
    out.append(R"(,"scores":{)");
    bool first = true;
    for (const auto& [id, answer] : reply.scores) {
        if (!first) {
            out.append(',');
        }
        first = false;
        wire::append_json_string(out, id);
        out.append(':');
        wire::append_score(out, core.texts.of(*answer.reading.policy), id, answer.reading);
    }
    out.append('}');
}

void append_reply(
    ByteWriter& out, Core& core, const IngestReply& reply, const Items& items, bool with_scores
) {
    out.append(R"({"accepted":)");
    out.append_uint(reply.accepted);
    out.append(R"(,"duplicates":)");
    out.append_uint(reply.duplicates);
    out.append(R"(,"seq":)");
    out.append_uint(reply.seq);
    out.append(R"(,"rejected_count":)");
    out.append_uint(items.rejected_count);
    out.append(R"(,"rejected":[)");
    for (std::size_t i = 0; i < items.rejected.size(); ++i) {
        if (i != 0) {
            out.append(',');
        }
        append_refusal(out, items.rejected[i]);
    }
    out.append(']');
    if (with_scores) {
        append_scores(out, core, reply);
    }
    out.append('}');
}

struct IngestParameters {
    wire::OnError on_error = wire::OnError::Reject;
    bool return_scores = false;
};

Result<IngestParameters> parameters_of(const Request& request) {
    const auto query = wire::QueryString::parse(request.query, {"on_error", "return"});
    if (!query) {
        return std::unexpected(query.error());
    }
    constexpr std::array<std::string_view, 2> kOnError{"reject", "skip"};
    constexpr std::array<std::string_view, 1> kReturn{"score"};
    const auto on_error = query->choice("on_error", kOnError);
    const auto wanted = query->choice("return", kReturn);
    if (!on_error) {
        return std::unexpected(on_error.error());
    }
    if (!wanted) {
        return std::unexpected(wanted.error());
    }
    const bool skip = on_error->value_or(0) == 1;
    return IngestParameters{
        skip ? wire::OnError::Skip : wire::OnError::Reject, wanted->has_value()
    };
}

class IngestJob final : public Job {
  public:
    IngestJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        wire::DecodedEvents events,
        IngestParameters parameters
    )
        : Job(core, request, deferral)
        , batch_(std::move(events.batch))
        , items_{std::move(events.index), std::move(events.rejected), events.rejected_count}
        , parameters_(parameters) {}

    void start() override {
        const bool skip = parameters_.on_error == wire::OnError::Skip;
        store::IngestRequest request;
        request.batch = std::move(batch_);
        request.on_error = skip ? store::OnError::Skip : store::OnError::Reject;
        request.return_scores_max =
            parameters_.return_scores ? store::limits::kReturnedScoresMax : 0;
        request.done = [job = self<IngestJob>()](Result<IngestReply> reply) {
            job->on_reply(std::move(reply));
        };
        unless_refused(core_.store.submit(std::move(request)));
    }

  private:
    void on_reply(Result<IngestReply> reply) {
        if (!reply) {
            Fault fault = std::move(reply.error());
            fault.index = items_.item_of(fault.index);
            fail(fault);
            return;
        }
        items_.take(std::move(reply->rejected));
        answer_json([&](ByteWriter& out) {
            append_reply(out, core_, *reply, items_, parameters_.return_scores);
        });
    }

    store::EventBatch batch_;
    Items items_;
    const IngestParameters parameters_;
};

}  // namespace

Handled post_events(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    thread_local wire::EventDecoder decoder;
    const auto refuse = [&](const Fault& fault) {
        wire::write_problem(out, request.reply, fault);
        return Handled::Now;
    };
    const MediaType type = media_type(request.content_type);
    if (type == MediaType::Other) {
        return refuse(unsupported_media_type("application/json or application/x-ndjson"));
    }
    const auto parameters = parameters_of(request);
    if (!parameters) {
        return refuse(parameters.error());
    }
    const scoring::CompiledPolicy& policy = core.store.policy();
    const wire::DecodeContext context{
        policy.policy.currencies,
        core.store.clock().now(),
        core.texts.of(policy).tier_names(),
        parameters->on_error
    };
    const auto form = type == MediaType::Json ? wire::BodyForm::Json : wire::BodyForm::Ndjson;
    auto events = decoder.decode(request.body, form, context);
    if (!events) {
        return refuse(events.error());
    }
    if (events->batch.events.empty()) {
        IngestReply nothing;
        nothing.seq = core.store.applied_seq();
        const Items items{{}, std::move(events->rejected), events->rejected_count};
        write_json(out, request.reply, [&](ByteWriter& body) {
            append_reply(body, core, nothing, items, parameters->return_scores);
        });
        return Handled::Now;
    }
    return start_job(
        core, std::make_shared<IngestJob>(core, request, deferral, std::move(*events), *parameters)
    );
}

}  // namespace patron::endpoints
