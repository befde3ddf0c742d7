#include "server/endpoints/ingest_replay.h"

#include "server/endpoints/ingest_reply.h"
#include "server/endpoints/job.h"

namespace patron::endpoints {
namespace {

using store::CustomerAnswer;
using wire::ByteWriter;

using Answers = store::Result<std::vector<std::optional<CustomerAnswer>>>;

template <class Write>
void write_marked(ByteWriter& out, wire::ReplyOptions options, Write write) {
    wire::HttpReply reply(out, options);
    reply.begin(200, kJsonType);
    reply.header("Idempotency-Replayed", "true");
    write(reply.body());
    reply.finish();
}

class ReplayJob final : public Job {
  public:
    ReplayJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        std::string kept,
        std::vector<std::string> customers
    )
        : Job(core, request, deferral), kept_(std::move(kept)), customers_(std::move(customers)) {}

    void start() override {
        store::CustomerQuestion question;
        question.ids = customers_;
        question.done = [job = self<ReplayJob>()](Answers answers) {
            job->on_answers(std::move(answers));
        };
        unless_refused(core_.store.ask(std::move(question)));
    }

  private:
    void on_answers(Answers answers) {
        if (!answers) {
            fail(answers.error());
            return;
        }
        CustomerAnswers scores;
        for (std::size_t i = 0; i < answers->size(); ++i) {
            if (std::optional<CustomerAnswer>& known = (*answers)[i]) {
                scores.emplace_back(customers_[i], std::move(*known));
            }
        }
        ByteWriter out;
        write_marked(out, reply_, [&](ByteWriter& body) {
            body.append(kept_);
            append_ingest_scores(body, core_, scores);
            body.append('}');
        });
        answer(std::string(out.view()));
    }

    const std::string kept_;
    const std::vector<std::string> customers_;
};

}  // namespace

void write_replay(ByteWriter& out, wire::ReplyOptions options, std::string_view kept) {
    write_marked(out, options, [&](ByteWriter& body) {
        body.append(kept);
        body.append('}');
    });
}

Handled replay_with_scores(
    Core& core,
    const Request& request,
    Deferral& deferral,
    std::string kept,
    std::vector<std::string> customers
) {
    return start_job(
        core,
        std::make_shared<ReplayJob>(core, request, deferral, std::move(kept), std::move(customers))
    );
}

}  // namespace patron::endpoints
