#include "server/endpoints/ingest_reply.h"

#include <algorithm>

#include "server/wire/json_string.h"
#include "server/wire/problem.h"
#include "server/wire/score_encoder.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using store::Fault;
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

}  // namespace

std::int64_t IngestItems::item_of(std::int64_t event) const {
    const auto place = static_cast<std::size_t>(event);
    return event >= 0 && place < index.size() ? index[place] : event;
}

void IngestItems::take(std::vector<Fault> of_store) {
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

void append_ingest_head(
    ByteWriter& out, const store::IngestReply& reply, const IngestItems& items
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
}

void append_ingest_scores(ByteWriter& out, Core& core, const CustomerAnswers& scores) {
    out.append(R"(,"scores":{)");
    bool first = true;
    for (const auto& [id, answer] : scores) {
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

}  // namespace patron::endpoints
