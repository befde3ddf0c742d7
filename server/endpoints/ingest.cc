#include "server/endpoints/ingest.h"

#include <array>
#include <unordered_set>

#include "server/endpoints/ingest_replay.h"
#include "server/endpoints/ingest_reply.h"
#include "server/endpoints/job.h"
#include "server/endpoints/media_type.h"
#include "server/endpoints/request_key.h"
#include "server/wire/event_decoder.h"
#include "server/wire/problem.h"
#include "server/wire/query_string.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using store::Fault;
using store::IngestReply;
using store::Result;
using wire::ByteWriter;

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
        IngestParameters parameters,
        std::optional<KeyHold> key
    )
        : Job(core, request, deferral)
        , batch_(std::move(events.batch))
        , items_{std::move(events.index), std::move(events.rejected), events.rejected_count}
        , parameters_(parameters)
        , key_(std::move(key)) {}

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
        if (key_) {
            request.idempotency = key_->pass_on();
            request.idempotency->render = [job = self<IngestJob>()](const IngestReply& reply) {
                return job->kept_part(reply);
            };
        }
        const auto refused = core_.store.submit(std::move(request));
        if (refused && key_) {
            key_->release();
        }
        unless_refused(refused);
    }

  private:
    std::string kept_part(const IngestReply& reply) const {
        IngestItems items = items_;
        items.take(reply.rejected);
        ByteWriter out;
        append_ingest_head(out, reply, items);
        return std::string(out.view());
    }

    void on_reply(Result<IngestReply> reply) {
        if (!reply) {
            Fault fault = std::move(reply.error());
            fault.index = items_.item_of(fault.index);
            fail(fault);
            return;
        }
        items_.take(std::move(reply->rejected));
        answer_json([&](ByteWriter& out) {
            append_ingest_head(out, *reply, items_);
            if (parameters_.return_scores) {
                append_ingest_scores(out, core_, reply->scores);
            }
            out.append('}');
        });
    }

    store::EventBatch batch_;
    IngestItems items_;
    const IngestParameters parameters_;
    std::optional<KeyHold> key_;
};

// Nothing that the store would have to know of: no event, no key.
void write_no_events(
    Core& core,
    const Request& request,
    wire::DecodedEvents& events,
    IngestParameters parameters,
    ByteWriter& out
) {
    IngestReply nothing;
    nothing.seq = core.store.applied_seq();
    const IngestItems items{{}, std::move(events.rejected), events.rejected_count};
    write_json(out, request.reply, [&](ByteWriter& body) {
        append_ingest_head(body, nothing, items);
        body.append(parameters.return_scores ? R"(,"scores":{}})" : "}");
    });
}

wire::EventDecoder& decoder_of_thread() {
    thread_local wire::EventDecoder decoder;
    return decoder;
}

Result<wire::DecodedEvents> decode(
    Core& core, const Request& request, MediaType type, wire::OnError on_error
) {
    const scoring::CompiledPolicy& policy = core.store.policy();
    const wire::DecodeContext context{
        policy.policy.currencies,
        core.store.clock().now(),
        core.texts.of(policy).tier_names(),
        on_error
    };
    const auto form = type == MediaType::Json ? wire::BodyForm::Json : wire::BodyForm::Ndjson;
    return decoder_of_thread().decode(request.body, form, context);
}

// Of the body alone, in order of first touch.
std::vector<std::string> customers_of(const wire::DecodedEvents& events) {
    std::vector<std::string> ids;
    std::unordered_set<std::string_view> named;
    for (const store::Event& event : events.batch.events) {
        if (ids.size() < store::limits::kReturnedScoresMax && named.insert(event.customer).second) {
            ids.emplace_back(event.customer);
        }
    }
    return ids;
}

}  // namespace

Handled post_events(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
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
    auto key = begin_key(core, request);
    if (!key) {
        return refuse(key.error());
    }
    if (key->answer && !parameters->return_scores) {
        write_replay(out, request.reply, *key->answer);
        return Handled::Now;
    }
    auto events = decode(core, request, type, parameters->on_error);
    if (key->answer) {
        auto ids = events ? customers_of(*events) : std::vector<std::string>();
        return replay_with_scores(core, request, deferral, std::move(*key->answer), std::move(ids));
    }
    if (!events) {
        return refuse(events.error());
    }
    if (events->batch.events.empty() && !key->hold) {
        write_no_events(core, request, *events, *parameters, out);
        return Handled::Now;
    }
    return start_job(
        core,
        std::make_shared<IngestJob>(
            core, request, deferral, std::move(*events), *parameters, std::move(key->hold)
        )
    );
}

}  // namespace patron::endpoints
