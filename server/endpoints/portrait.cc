#include "server/endpoints/portrait.h"

#include "server/endpoints/customer_path.h"
#include "server/endpoints/job.h"
#include "server/endpoints/read_parameters.h"
#include "server/wire/portrait_encoder.h"
#include "server/wire/problem.h"

namespace patron::endpoints {
namespace {

using store::Result;

class PortraitJob final : public Job {
  public:
    PortraitJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        std::string_view id,
        ReadParameters parameters
    )
        : Job(core, request, deferral), id_(id), parameters_(parameters) {}

    void start() override {
        store::CustomerQuestion question;
        question.ids.push_back(id_);
        question.at = parameters_.at;
        question.portrait = true;
        question.done = [job = self<PortraitJob>()](auto answers) {
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
        const store::CustomerAnswer& found = *answers->front();
        answer_json([&](wire::ByteWriter& out) {
            wire::append_portrait(out, core_.texts.of(*found.reading.policy), id_, found);
        });
    }

    const std::string id_;
    const ReadParameters parameters_;
};

}  // namespace

Handled get_portrait(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
) {
    IdRoom room;
    const auto id = customer_of(Route::Customer, request.path, room);
    if (!id) {
        const auto segment = customer_segment(Route::Customer, request.path);
        wire::write_problem(out, request.reply, segment_fault(segment));
        return Handled::Now;
    }
    const auto parameters = read_only_parameters(request.query);
    if (!parameters) {
        wire::write_problem(out, request.reply, parameters.error());
        return Handled::Now;
    }
    return start_job(
        core,
        std::make_shared<PortraitJob>(core, request, deferral, *id, *parameters),
        parameters->min_seq
    );
}

}  // namespace patron::endpoints
