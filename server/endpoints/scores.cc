#include "server/endpoints/scores.h"

#include <algorithm>
#include <array>

#include "server/endpoints/job.h"
#include "server/endpoints/media_type.h"
#include "server/endpoints/read_parameters.h"
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

// Scores in order as JSON, with gaps where the beat has to be asked.
struct PartialList {
    struct Gap {
        std::size_t position;  // in `items`
        std::string id;
    };
    ByteWriter items{16 * 1024};
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
        for (const PartialList::Gap& gap : list_.gaps) {
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
        const std::string_view items = list_.items.view();
        wire::ListEncoder list(out, "scores");
        std::size_t copied = 0;
        for (std::size_t i = 0; i < list_.gaps.size(); ++i) {
            const PartialList::Gap& gap = list_.gaps[i];
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

// One id: its score, null, or a gap.
void read_one(
    Core& core, store::CustomerKey key, std::string_view id, scoring::Instant now, PartialList& list
) {
    Reading reading;
    const ReadOutcome outcome =
        may_exist(id) ? core.store.read(key, id, now, reading) : ReadOutcome::Unknown;
    switch (outcome) {
        case ReadOutcome::Found:
            append_one(list.items, core.texts.of(*reading.policy), id, reading, list.members);
            break;
        case ReadOutcome::Unknown:
            list.items.append("null");
            break;
        case ReadOutcome::AskTheBeat:
            list.gaps.emplace_back(list.items.size(), std::string(id));
            break;
    }
}

void read_all(Core& core, const wire::IdList& ids, scoring::Instant now, PartialList& list) {
    std::array<store::CustomerKey, kGroup> keys{};
    for (std::size_t begin = 0; begin < ids.ids.size(); begin += kGroup) {
        const std::size_t end = std::min(begin + kGroup, ids.ids.size());
        for (std::size_t i = begin; i < end; ++i) {
            if (may_exist(ids.ids[i])) {
                keys[i - begin] = core.store.key_of(ids.ids[i]);
                core.store.prefetch(keys[i - begin]);
            }
        }
        for (std::size_t i = begin; i < end; ++i) {
            core.store.prefetch_record(keys[i - begin]);
        }
        for (std::size_t i = begin; i < end; ++i) {
            if (i != 0) {
                list.items.append(',');
            }
            read_one(core, keys[i - begin], ids.ids[i], now, list);
        }
    }
}

// Nothing is read here: every customer is asked about at the instant given.
void ask_all(const wire::IdList& ids, PartialList& list) {
    for (std::size_t i = 0; i < ids.ids.size(); ++i) {
        if (i != 0) {
            list.items.append(',');
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
    } else {
        read_all(core, *ids, list.stamp.as_of, list);
    }
    if (list.gaps.empty() && visible) {
        write_json(out, request.reply, [&](ByteWriter& body) {
            wire::ListEncoder scores(body, "scores");
            body.append(list.items.view());
            scores.end(core.texts.of(core.store.policy()), list.stamp);
        });
        return Handled::Now;
    }
    auto job = std::make_shared<ScoresJob>(core, request, deferral, std::move(list), *parameters);
    return start_job(core, std::move(job), parameters->min_seq);
}

}  // namespace patron::endpoints
