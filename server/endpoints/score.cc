#include "server/endpoints/score.h"

#include <algorithm>
#include <array>

#include "server/endpoints/customer_path.h"
#include "server/endpoints/job.h"
#include "server/endpoints/json_reply.h"
#include "server/endpoints/read_parameters.h"
#include "server/endpoints/score_reply.h"
#include "server/endpoints/wanted_outlook.h"
#include "server/wire/problem.h"
#include "server/wire/score_encoder.h"

namespace patron::endpoints {
namespace {

using store::ReadOutcome;
using store::Result;

struct ScoreParameters {
    ReadParameters read;
    wire::ScoreMembers members = wire::kAllScoreMembers;
};

Result<ScoreParameters> parse(std::string_view text) {
    const auto query = wire::QueryString::parse(text, {"at", "min_seq", "fields"});
    if (!query) {
        return std::unexpected(query.error());
    }
    const auto read = read_parameters(*query);
    if (!read) {
        return std::unexpected(read.error());
    }
    const auto members = query->choices("fields", wire::kScoreMemberNames);
    if (!members) {
        return std::unexpected(members.error());
    }
    return ScoreParameters{*read, *members == 0 ? wire::kAllScoreMembers : *members};
}

// Where only some members are wanted, there is no entity tag: it would say more than the answer.
void write_reading(
    wire::ByteWriter& out,
    const wire::ReplyOptions& options,
    const wire::PolicyTexts& texts,
    std::string_view id,
    const store::Reading& reading,
    std::string_view if_none_match,
    wire::ScoreMembers members
) {
    if (members == wire::kAllScoreMembers) [[likely]] {
        write_score_reply(out, options, texts, id, reading, if_none_match);
        return;
    }
    write_json(out, options, [&](wire::ByteWriter& body) {
        wire::append_score_members(body, texts, id, reading, members);
    });
}

class ScoreJob final : public Job {
  public:
    ScoreJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        std::string_view id,
        ScoreParameters parameters
    )
        : Job(core, request, deferral)
        , id_(id)
        , if_none_match_(request.if_none_match)
        , parameters_(parameters) {}

    void start() override {
        store::CustomerQuestion question;
        question.ids.push_back(id_);
        question.at = parameters_.read.at;
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
        write_reading(
            out,
            reply_,
            core_.texts.of(*reading.policy),
            id_,
            reading,
            if_none_match_,
            parameters_.members
        );
        answer(std::string(out.view()));
    }

    const std::string id_;
    const std::string if_none_match_;
    const ScoreParameters parameters_;
};

// From what was read, if that can be.
bool write_answer(
    Core& core,
    const Request& request,
    const store::ScoreRead& read,
    wire::ScoreMembers members,
    wire::ByteWriter& out
) {
    switch (read.outcome) {
        case ReadOutcome::Found:
            write_reading(
                out,
                request.reply,
                core.texts.of(*read.reading.policy),
                read.id,
                read.reading,
                request.if_none_match,
                members
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
    wire::ScoreMembers members,
    wire::ByteWriter& out
) {
    store::ScoreRead read{{id_hash}, id, {}, {}};
    read.outcome =
        core.store.read(read.key, id, core.store.clock().now(), read.reading, outlook_of(members));
    return write_answer(core, request, read, members, out);
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
    ScoreParameters parameters;
    if (!request.query.empty()) {
        const auto asked = parse(request.query);
        if (!asked) {
            wire::write_problem(out, request.reply, asked.error());
            return Handled::Now;
        }
        parameters = *asked;
    }
    const ReadParameters& read = parameters.read;
    const bool of_now = !read.at && read.min_seq <= core.store.applied_seq();
    if (of_now && answered_now(core, request, prepared.id_hash, *id, parameters.members, out)) {
        return Handled::Now;
    }
    return start_job(
        core, std::make_shared<ScoreJob>(core, request, deferral, *id, parameters), read.min_seq
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
        if (!write_answer(core, *asked[i].request, reads[i], wire::kAllScoreMembers, out)) {
            return i;
        }
        ends[i] = out.size();
    }
    return group;
}

}  // namespace patron::endpoints
