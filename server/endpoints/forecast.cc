#include "server/endpoints/forecast.h"

#include <memory>
#include <utility>
#include <vector>

#include "server/endpoints/job.h"
#include "server/wire/forecast_encoder.h"
#include "server/wire/problem.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using scoring::Instant;
using store::Result;
using wire::ForecastCounts;
using wire::QueryString;

class ForecastJob final : public Job {
  public:
    ForecastJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        ForecastQuestion question,
        const scoring::CompiledPolicy& policy
    )
        : Job(core, request, deferral), question_(std::move(question)), policy_(policy) {}

    void start() override;

    const ForecastQuestion& question() const { return question_; }
    const scoring::DayClock& days() const { return *policy_.days; }

    void on_counts(const ForecastCounts& counts, Instant until, const store::ScanEnd& end) {
        if (end.policy != &policy_) {
            fail(policy_switched());
            return;
        }
        answer_json([&](wire::ByteWriter& out) {
            wire::append_forecast(out, core_.texts.of(policy_), counts, question_.days, until, end);
        });
    }

  private:
    const ForecastQuestion question_;
    const scoring::CompiledPolicy& policy_;  // whose tiers the choice's bits are
};

class ForecastScan final : public store::Scan {
  public:
    ForecastScan(std::shared_ptr<ForecastJob> job, Instant until)
        : job_(std::move(job)), until_(until) {}

    bool wants_profile() const override { return job_->question().who.reads_profile(); }
    std::optional<Instant> wants_transitions_until() const override { return until_; }
    void begin(std::size_t partitions) override {
        counts_.assign(partitions, ForecastCounts(job_->days()));
    }
    void row(std::size_t partition, const store::ScanRow& row) override {
        if (job_->question().who.matches(row)) {
            counts_[partition].add(row);
        }
    }
    void finish(const store::ScanEnd& end) override {
        ForecastCounts all(job_->days());
        for (const ForecastCounts& counts : counts_) {
            all.add(counts);
        }
        job_->on_counts(all, until_, end);
    }
    void abandon() override { job_->fail(stopping()); }

  private:
    const std::shared_ptr<ForecastJob> job_;
    const Instant until_;
    std::vector<ForecastCounts> counts_;  // by partition
};

void ForecastJob::start() {
    const Instant until = question_.until(core_.store.clock().now());
    unless_refused(core_.store.scan(
        std::make_unique<ForecastScan>(self<ForecastJob>(), until), question_.read.at
    ));
}

Result<ForecastQuestion> parse(std::string_view query, const wire::PolicyTexts& texts) {
    const auto parsed =
        QueryString::parse(query, CustomerChoice::parameters_and({"days", "at", "min_seq"}));
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    return ForecastQuestion::from(*parsed, texts);
}

}  // namespace

Result<ForecastQuestion> ForecastQuestion::from(
    const QueryString& query, const wire::PolicyTexts& texts
) {
    const auto days = query.count("days", store::limits::kForecastDaysMax);
    if (!days) {
        return std::unexpected(days.error());
    }
    if (*days == 0U) {
        return store::fail(store::FaultCode::BadParameter, "at least one day", "days");
    }
    auto who = CustomerChoice::read(query, texts);
    if (!who) {
        return std::unexpected(std::move(who.error()));
    }
    const auto read = read_parameters(query);
    if (!read) {
        return std::unexpected(read.error());
    }
    return ForecastQuestion{days->value_or(kDaysDefault), std::move(*who), *read};
}

Instant ForecastQuestion::until(Instant now) const {
    return scoring::plus_days(read.at.value_or(now), static_cast<std::int64_t>(days));
}

Handled get_forecast(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
) {
    const scoring::CompiledPolicy& policy = core.store.policy();
    auto question = parse(request.query, core.texts.of(policy));
    if (!question) {
        wire::write_problem(out, request.reply, question.error());
        return Handled::Now;
    }
    const std::uint64_t min_seq = question->read.min_seq;
    return start_job(
        core,
        std::make_shared<ForecastJob>(core, request, deferral, std::move(*question), policy),
        min_seq
    );
}

}  // namespace patron::endpoints
