#include "server/endpoints/stats.h"

#include <array>

#include "server/endpoints/job.h"
#include "server/endpoints/read_parameters.h"
#include "server/wire/problem.h"
#include "server/wire/stats_encoder.h"

namespace patron::endpoints {
namespace {

using store::Result;

struct StatsQuestion {
    ReadParameters read;
    bool hashes = false;
};

Result<StatsQuestion> parse(std::string_view text) {
    static constexpr std::array<std::string_view, 2> kFlags{"false", "true"};
    const auto query = wire::QueryString::parse(text, {"at", "min_seq", "hashes"});
    if (!query) {
        return std::unexpected(query.error());
    }
    const auto read = read_parameters(*query);
    if (!read) {
        return std::unexpected(read.error());
    }
    const auto hashes = query->choice("hashes", kFlags);
    if (!hashes) {
        return std::unexpected(hashes.error());
    }
    return StatsQuestion{*read, *hashes == 1U};
}

class StatsJob final : public Job {
  public:
    StatsJob(Core& core, const Request& request, Deferral& deferral, StatsQuestion question)
        : Job(core, request, deferral), question_(question) {}

    void start() override;

    void on_counts(const wire::StatsCounts& counts, const store::ScanEnd& end) {
        answer_json([&](wire::ByteWriter& out) {
            wire::append_stats(out, core_.texts.of(*end.policy), counts, end);
        });
    }

  private:
    const StatsQuestion question_;
};

class StatsScan final : public store::Scan {
  public:
    StatsScan(std::shared_ptr<StatsJob> job, bool hashes) : job_(std::move(job)), hashes_(hashes) {}

    bool wants_hashes() const override { return hashes_; }
    void begin(std::size_t partitions) override { counts_.resize(partitions); }
    void row(std::size_t partition, const store::ScanRow& row) override {
        counts_[partition].add(row);
    }
    void finish(const store::ScanEnd& end) override {
        wire::StatsCounts all;
        all.hashed = hashes_;
        for (const wire::StatsCounts& counts : counts_) {
            all.add(counts);
        }
        job_->on_counts(all, end);
    }
    void abandon() override { job_->fail(stopping()); }

  private:
    const std::shared_ptr<StatsJob> job_;
    const bool hashes_;
    std::vector<wire::StatsCounts> counts_;  // by partition
};

void StatsJob::start() {
    auto scan = std::make_unique<StatsScan>(self<StatsJob>(), question_.hashes);
    unless_refused(core_.store.scan(std::move(scan), question_.read.at));
}

}  // namespace

Handled get_stats(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral) {
    const auto question = parse(request.query);
    if (!question) {
        wire::write_problem(out, request.reply, question.error());
        return Handled::Now;
    }
    return start_job(
        core, std::make_shared<StatsJob>(core, request, deferral, *question), question->read.min_seq
    );
}

}  // namespace patron::endpoints
