#include "server/endpoints/scores.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "server/endpoints/job.h"
#include "server/endpoints/json_reply.h"
#include "server/endpoints/media_type.h"
#include "server/endpoints/read_parameters.h"
#include "server/endpoints/wanted_outlook.h"
#include "server/wire/id_list_decoder.h"
#include "server/wire/list_encoder.h"
#include "server/wire/problem.h"
#include "server/wire/score_encoder.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using store::Reading;
using store::ReadOutcome;
using store::Result;
using wire::ByteWriter;

constexpr std::size_t kGroup = 32;  // enough loads in flight to hide one miss

// Some id that the store may be asked about.
bool may_exist(std::string_view id) {
    return !id.empty() && id.size() <= store::limits::kCustomerIdBytesMax;
}

void append_one(
    ByteWriter& out,
    const wire::PolicyTexts& texts,
    std::string_view id,
    const Reading& reading,
    wire::ScoreMembers members
) {
    if (members == wire::kAllScoreMembers) [[likely]] {
        wire::append_score(out, texts, id, reading);
    } else {
        wire::append_score_members(out, texts, id, reading, members);
    }
}

struct Gap {
    std::size_t position;  // among the bytes of the items
    std::string id;
};

// Scores in order as JSON, with gaps where the beat has to be asked.
struct PartialList {
    std::string items;
    std::vector<Gap> gaps;
    wire::AnswerStamp stamp;
    wire::ScoreMembers members = wire::kAllScoreMembers;
};

class ScoresJob final : public Job {
  public:
    ScoresJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        PartialList list,
        ReadParameters parameters
    )
        : Job(core, request, deferral), list_(std::move(list)), parameters_(parameters) {}

    void start() override {
        store::CustomerQuestion question;
        for (const Gap& gap : list_.gaps) {
            question.ids.push_back(gap.id);
        }
        question.at = parameters_.at;
        question.done = [job = self<ScoresJob>()](auto answers) {
            job->on_answers(answers);
        };
        unless_refused(core_.store.ask(std::move(question)));
    }

  private:
    using Answers = Result<std::vector<std::optional<store::CustomerAnswer>>>;

    void on_answers(const Answers& answers) {
        if (!answers) {
            fail(answers.error());
            return;
        }
        answer_json([&](ByteWriter& out) { write_merged(out, *answers); });
    }

    void write_merged(
        ByteWriter& out, const std::vector<std::optional<store::CustomerAnswer>>& answers
    ) {
        const std::string_view items = list_.items;
        wire::ListEncoder list(out, "scores");
        std::size_t copied = 0;
        for (std::size_t i = 0; i < list_.gaps.size(); ++i) {
            const Gap& gap = list_.gaps[i];
            out.append(items.substr(copied, gap.position - copied));
            copied = gap.position;
            if (!answers[i]) {
                out.append("null");
                continue;
            }
            const Reading& reading = answers[i]->reading;
            append_one(out, core_.texts.of(*reading.policy), gap.id, reading, list_.members);
        }
        out.append(items.substr(copied));
        list.end(core_.texts.of(core_.store.policy()), list_.stamp);
    }

    const PartialList list_;
    const ReadParameters parameters_;
};

// A group of ids, as read together: its scores, null, or gaps.
class GroupReader {
  public:
    // The items begin where `out` ends.
    GroupReader(Core& core, const PartialList& list, std::size_t items_at)
        : core_(core), now_(list.stamp.as_of), members_(list.members), items_at_(items_at) {}

    void append(std::span<const std::string_view> ids, ByteWriter& out, std::vector<Gap>& gaps) {
        read(ids);
        std::size_t at = 0;
        for (const std::string_view id : ids) {
            if (!std::exchange(first_, false)) {
                out.append(',');
            }
            append_score(id, may_exist(id) ? &room()[at++] : nullptr, out, gaps);
        }
    }

  private:
    using Room = std::array<store::ScoreRead, kGroup>;

    static Room& room() {
        thread_local Room reads;  // building it costs more than a read
        return reads;
    }

    void read(std::span<const std::string_view> ids) {
        std::size_t size = 0;
        for (const std::string_view id : ids) {
            if (may_exist(id)) {
                store::ScoreRead& read = room()[size++];
                read.id = id;
                read.key = core_.store.key_of(id);
                core_.store.prefetch(read.key);
            }
        }
        const std::span reads = std::span(room()).first(size);
        for (const store::ScoreRead& read : reads) {
            core_.store.prefetch_record(read.key);
        }
        core_.store.read_together(reads, now_, outlook_of(members_));
    }

    void append_score(
        std::string_view id, const store::ScoreRead* read, ByteWriter& out, std::vector<Gap>& gaps
    ) {
        switch (read != nullptr ? read->outcome : ReadOutcome::Unknown) {
            case ReadOutcome::Found:
                append_one(out, core_.texts.of(*read->reading.policy), id, read->reading, members_);
                break;
            case ReadOutcome::Unknown:
                out.append("null");
                break;
            case ReadOutcome::AskTheBeat:
                gaps.emplace_back(out.size() - items_at_, std::string(id));
                break;
        }
    }

    Core& core_;
    const scoring::Instant now_;
    const wire::ScoreMembers members_;
    const std::size_t items_at_;
    bool first_ = true;
};

// The whole answer, if no customer has to be asked about; else nothing, and `list` is what is known.
bool answered_now(
    Core& core, const Request& request, const wire::IdList& ids, ByteWriter& out, PartialList& list
) {
    const std::size_t start = out.size();
    wire::HttpReply reply(out, request.reply);
    reply.begin(200, kJsonType);
    wire::ListEncoder scores(reply.body(), "scores");
    const std::size_t items_at = out.size();
    GroupReader reader(core, list, items_at);
    std::span<const std::string_view> left = ids.ids;
    while (!left.empty()) {
        const std::size_t group = std::min(left.size(), kGroup);
        reader.append(left.first(group), out, list.gaps);
        left = left.subspan(group);
    }
    if (list.gaps.empty()) {
        scores.end(core.texts.of(core.store.policy()), list.stamp);
        reply.finish();
        return true;
    }
    list.items = out.view().substr(items_at);
    out.truncate(start);
    return false;
}

void write_items(Core& core, const Request& request, ByteWriter& out, const PartialList& list) {
    write_json(out, request.reply, [&](ByteWriter& body) {
        wire::ListEncoder scores(body, "scores");
        body.append(list.items);
        scores.end(core.texts.of(core.store.policy()), list.stamp);
    });
}

// Nothing is read here: every customer is asked about at the instant given.
void ask_all(const wire::IdList& ids, PartialList& list) {
    for (std::size_t i = 0; i < ids.ids.size(); ++i) {
        if (i != 0) {
            list.items += ',';
        }
        if (may_exist(ids.ids[i])) {
            list.gaps.emplace_back(list.items.size(), std::string(ids.ids[i]));
        } else {
            list.items.append("null");
        }
    }
}

}  // namespace

Handled post_scores(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    thread_local wire::IdListDecoder decoder;
    const auto refuse = [&](const store::Fault& fault) {
        wire::write_problem(out, request.reply, fault);
        return Handled::Now;
    };
    if (media_type(request.content_type) != MediaType::Json) {
        return refuse(unsupported_media_type("application/json"));
    }
    const auto parameters = read_only_parameters(request.query);
    if (!parameters) {
        return refuse(parameters.error());
    }
    const auto ids = decoder.decode(request.body);
    if (!ids) {
        return refuse(ids.error());
    }
    PartialList list;
    list.members = ids->members;
    const std::uint64_t applied = core.store.applied_seq();
    const bool visible = parameters->min_seq <= applied;
    list.stamp = {
        std::max(applied, parameters->min_seq), parameters->at.value_or(core.store.clock().now())
    };
    if (parameters->at || !visible) {
        ask_all(*ids, list);
        if (list.gaps.empty() && visible) {
            write_items(core, request, out, list);
            return Handled::Now;
        }
    } else if (answered_now(core, request, *ids, out, list)) {
        return Handled::Now;
    }
    auto job = std::make_shared<ScoresJob>(core, request, deferral, std::move(list), *parameters);
    return start_job(core, std::move(job), parameters->min_seq);
}

}  // namespace patron::endpoints
