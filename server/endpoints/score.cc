#include "server/endpoints/score.h"

#include <algorithm>
#include <array>

#include "server/endpoints/customer_path.h"
#include "server/endpoints/job.h"
#include "server/endpoints/read_parameters.h"
#include "server/endpoints/score_reply.h"
#include "server/wire/problem.h"

namespace patron::endpoints {
namespace {

using store::ReadOutcome;
using store::Result;

class ScoreJob final : public Job {
  public:
    ScoreJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        std::string_view id,
        ReadParameters parameters
    )
        : Job(core, request, deferral)
        , id_(id)
        , if_none_match_(request.if_none_match)
        , parameters_(parameters) {}

    void start() override {
        store::CustomerQuestion question;
        question.ids.push_back(id_);
        question.at = parameters_.at;
        question.done = [job = self<ScoreJob>()](auto answers) {
            job->on_answers(answers);
        };
        unless_refused(core_.store.ask(std::move(question)));
    }

  private:
    void on_answers(const Result<std::vector<std::optional<store::CustomerAnswer>>>& answers) {
        if (!answers) {
            fail(answers.error());
            return;
        }
        if (!answers->front()) {
            fail(unknown_customer(id_));
            return;
        }
        const store::Reading& reading = answers->front()->reading;
        wire::ByteWriter out;
        write_score_reply(
            out, reply_, core_.texts.of(*reading.policy), id_, reading, if_none_match_
        );
        answer(std::string(out.view()));
    }

    const std::string id_;
    const std::string if_none_match_;
    const ReadParameters parameters_;
};

// From what was read, if that can be.
bool write_answer(
    Core& core, const Request& request, const store::ScoreRead& read, wire::ByteWriter& out
) {
    switch (read.outcome) {
        case ReadOutcome::Found:
            write_score_reply(
                out,
                request.reply,
                core.texts.of(*read.reading.policy),
                read.id,
                read.reading,
                request.if_none_match
            );
            return true;
        case ReadOutcome::Unknown:
            wire::write_problem(out, request.reply, unknown_customer(read.id));
            return true;
        case ReadOutcome::AskTheBeat:
            break;
    }
    return false;
}

// Answers from the published record, if it can.
bool answered_now(
    Core& core,
    const Request& request,
    std::uint64_t id_hash,
    std::string_view id,
    wire::ByteWriter& out
) {
    store::ScoreRead read{{id_hash}, id, {}, {}};
    read.outcome = core.store.read(read.key, id, core.store.clock().now(), read.reading);
    return write_answer(core, request, read, out);
}

}  // namespace

Handled get_score(
    Core& core, const Request& request, Prepared prepared, wire::ByteWriter& out, Deferral& deferral
) {
    IdRoom room;
    const auto id = customer_of(Route::Score, request.path, room);
    if (!id) {
        const auto segment = customer_segment(Route::Score, request.path);
        wire::write_problem(out, request.reply, segment_fault(segment));
        return Handled::Now;
    }
    ReadParameters parameters;
    if (!request.query.empty()) {
        const auto asked = read_only_parameters(request.query);
        if (!asked) {
            wire::write_problem(out, request.reply, asked.error());
            return Handled::Now;
        }
        parameters = *asked;
    }
    const bool of_now = !parameters.at && parameters.min_seq <= core.store.applied_seq();
    if (of_now && answered_now(core, request, prepared.id_hash, *id, out)) {
        return Handled::Now;
    }
    return start_job(
        core,
        std::make_shared<ScoreJob>(core, request, deferral, *id, parameters),
        parameters.min_seq
    );
}

std::size_t get_scores_together(
    Core& core, std::span<const Exchange> asked, wire::ByteWriter& out, std::span<std::size_t> ends
) {
    constexpr std::size_t kGroup = 32;
    thread_local std::array<store::ScoreRead, kGroup> room;  // building it costs more than one read
    const std::size_t group = std::min(asked.size(), kGroup);
    for (std::size_t i = 0; i < group; ++i) {
        room[i].key = {asked[i].prepared.id_hash};
        room[i].id = asked[i].prepared.id;
    }
    const std::span reads = std::span(room).first(group);
    core.store.read_together(reads, core.store.clock().now());
    for (std::size_t i = 0; i < group; ++i) {
        if (!write_answer(core, *asked[i].request, reads[i], out)) {
            return i;
        }
        ends[i] = out.size();
    }
    return group;
}

}  // namespace patron::endpoints
