#include "server/endpoints/forecast_list.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/endpoints/forecast_filter.h"
#include "server/endpoints/job.h"
#include "server/wire/list_encoder.h"
#include "server/wire/problem.h"

namespace patron::endpoints {
namespace {

using scoring::Instant;

class ForecastListJob final : public Job {
  public:
    ForecastListJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        ForecastFilter filter,
        const scoring::CompiledPolicy& policy
    )
        : Job(core, request, deferral), filter_(std::move(filter)), policy_(policy) {}

    void start() override;

    const ForecastFilter& filter() const { return filter_; }
    const scoring::DayClock& days() const { return *policy_.days; }

    // One row more than a page, if there is one.
    void on_rows(std::vector<ForecastRows::Row> rows, Instant until, const store::ScanEnd& end);

  private:
    const ForecastFilter filter_;
    const scoring::CompiledPolicy& policy_;  // whose codes the filter's are
};

class ForecastListScan final : public store::Scan {
  public:
    ForecastListScan(std::shared_ptr<ForecastListJob> job, Instant until)
        : job_(std::move(job)), until_(until) {}

    bool wants_profile() const override { return filter().question.who.reads_profile(); }
    std::optional<Instant> wants_transitions_until() const override { return until_; }
    void begin(std::size_t partitions) override { tops_.assign(partitions, no_rows()); }
    void row(std::size_t partition, const store::ScanRow& row) override {
        if (!filter().question.who.matches(row)) {
            return;
        }
        for (const store::FutureTransition& t : row.transitions) {
            if (!filter().matches(t.at, job_->days())) {
                continue;
            }
            wire::each_crossing(t.from, t.to, [&](wire::Crossing crossing) {
                if (filter().matches(crossing)) {
                    tops_[partition].offer({row.id, t.at, crossing, row.spend_longest_window});
                }
            });
        }
    }
    void finish(const store::ScanEnd& end) override {
        ForecastRows all = no_rows();
        for (const ForecastRows& top : tops_) {
            all.offer_all(top);
        }
        job_->on_rows(std::move(all).sorted(), until_, end);
    }
    void abandon() override { job_->fail(stopping()); }

  private:
    const ForecastFilter& filter() const { return job_->filter(); }
    // The one behind the page says whether there is another page.
    ForecastRows no_rows() const {
        return {filter().cursor ? &*filter().cursor : nullptr, filter().limit + 1};
    }

    const std::shared_ptr<ForecastListJob> job_;
    const Instant until_;
    std::vector<ForecastRows> tops_;  // by partition
};

void ForecastListJob::start() {
    // No cursor of ours lies behind what may be asked for anew.
    Instant until = filter_.question.until(core_.store.clock().now());
    if (filter_.cursor) {
        until = std::min(until, filter_.cursor->until);
    }
    unless_refused(core_.store.scan(
        std::make_unique<ForecastListScan>(self<ForecastListJob>(), until), filter_.question.read.at
    ));
}

void ForecastListJob::on_rows(
    std::vector<ForecastRows::Row> rows, Instant until, const store::ScanEnd& end
) {
    if (end.policy != &policy_) {
        fail(policy_switched());
        return;
    }
    std::optional<std::string> next_cursor;
    if (rows.size() > filter_.limit) {
        rows.pop_back();
        const ForecastRows::Row& last = rows.back();
        next_cursor = encode_cursor(ForecastCursor{until, last.at, last.crossing, last.id});
    }
    answer_json([&](wire::ByteWriter& out) {
        const wire::PolicyTexts& texts = core_.texts.of(policy_);
        wire::ListEncoder list(out, "transitions");
        for (const ForecastRows::Row& row : rows) {
            list.next();
            wire::append_forecast_row(out, texts, {row.id, row.at, row.crossing, row.spend});
        }
        list.end_page(texts, {end.seq, end.at}, next_cursor);
    });
}

}  // namespace

Handled get_forecast_customers(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
) {
    const scoring::CompiledPolicy& policy = core.store.policy();
    auto filter = ForecastFilter::parse(request.query, core.texts.of(policy));
    if (!filter) {
        wire::write_problem(out, request.reply, filter.error());
        return Handled::Now;
    }
    const std::uint64_t min_seq = filter->question.read.min_seq;
    return start_job(
        core,
        std::make_shared<ForecastListJob>(core, request, deferral, std::move(*filter), policy),
        min_seq
    );
}

}  // namespace patron::endpoints
