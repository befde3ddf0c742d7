#include "server/endpoints/stats.h"

#include "server/endpoints/job.h"
#include "server/endpoints/read_parameters.h"
#include "server/wire/problem.h"
#include "server/wire/stats_encoder.h"

namespace patron::endpoints {
namespace {

class StatsJob final : public Job {
  public:
    StatsJob(Core& core, const Request& request, Deferral& deferral, ReadParameters parameters)
        : Job(core, request, deferral), parameters_(parameters) {}

    void start() override;

    void on_counts(const wire::StatsCounts& counts, const store::ScanEnd& end) {
        answer_json([&](wire::ByteWriter& out) {
            wire::append_stats(out, core_.texts.of(*end.policy), counts, end);
        });
    }

  private:
    const ReadParameters parameters_;
};

class StatsScan final : public store::Scan {
  public:
    explicit StatsScan(std::shared_ptr<StatsJob> job) : job_(std::move(job)) {}

    bool wants_hashes() const override { return true; }
    void begin(std::size_t partitions) override { counts_.resize(partitions); }
    void row(std::size_t partition, const store::ScanRow& row) override {
        counts_[partition].add(row.reading.standing.state, row.facts_hash, row.state_hash);
    }
    void finish(const store::ScanEnd& end) override {
        wire::StatsCounts all;
        for (const wire::StatsCounts& counts : counts_) {
            all.add(counts);
        }
        job_->on_counts(all, end);
    }
    void abandon() override { job_->fail(stopping()); }

  private:
    const std::shared_ptr<StatsJob> job_;
    std::vector<wire::StatsCounts> counts_;  // by partition
};

void StatsJob::start() {
    unless_refused(core_.store.scan(std::make_unique<StatsScan>(self<StatsJob>()), parameters_.at));
}

}  // namespace

Handled get_stats(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral) {
    const auto parameters = read_only_parameters(request.query);
    if (!parameters) {
        wire::write_problem(out, request.reply, parameters.error());
        return Handled::Now;
    }
    return start_job(
        core, std::make_shared<StatsJob>(core, request, deferral, *parameters), parameters->min_seq
    );
}

}  // namespace patron::endpoints
