#include "server/endpoints/customers.h"

#include "server/endpoints/customer_filter.h"
#include "server/endpoints/job.h"
#include "server/endpoints/top_rows.h"
#include "server/wire/list_encoder.h"
#include "server/wire/problem.h"
#include "server/wire/score_encoder.h"

namespace patron::endpoints {
namespace {

using store::Result;
using wire::ByteWriter;

class ListJob final : public Job {
  public:
    ListJob(
        Core& core,
        const Request& request,
        Deferral& deferral,
        CustomerFilter filter,
        const scoring::CompiledPolicy& policy
    )
        : Job(core, request, deferral), filter_(std::move(filter)), policy_(policy) {}

    void start() override;

    const CustomerFilter& filter() const { return filter_; }
    int currency_digits() const { return policy_.schema.currency_digits; }

    // One row more than a page, if there is one.
    void on_rows(std::vector<RankedCustomer> rows, const store::ScanEnd& end);

  private:
    using Answers = Result<std::vector<std::optional<store::CustomerAnswer>>>;

    void on_answers(const Answers& answers);
    void write(ByteWriter& out, const Answers& answers);

    const CustomerFilter filter_;
    const scoring::CompiledPolicy& policy_;  // whose tiers the filter's bits are
    std::vector<RankedCustomer> rows_;
    std::optional<std::string> next_cursor_;
    store::ScanEnd end_;
};

class ListScan final : public store::Scan {
  public:
    explicit ListScan(std::shared_ptr<ListJob> job) : job_(std::move(job)) {}

    bool wants_outlook() const override { return filter().sort == ListSort::Gap; }
    bool wants_profile() const override { return filter().who.reads_profile(); }
    void begin(std::size_t partitions) override {
        tops_ = std::vector<TopRows>(partitions, TopRows(filter(), rows_wanted()));
    }
    void row(std::size_t partition, const store::ScanRow& row) override {
        if (filter().matches(row)) {
            tops_[partition].offer(filter().rank(row, job_->currency_digits()), row.id);
        }
    }
    void finish(const store::ScanEnd& end) override {
        TopRows all(filter(), rows_wanted());
        for (const TopRows& top : tops_) {
            all.offer_all(top);
        }
        job_->on_rows(std::move(all).sorted(), end);
    }
    void abandon() override { job_->fail(stopping()); }

  private:
    const CustomerFilter& filter() const { return job_->filter(); }
    // The one behind the page says whether there is another page.
    std::size_t rows_wanted() const { return filter().limit + 1; }

    const std::shared_ptr<ListJob> job_;
    std::vector<TopRows> tops_;  // by partition
};

void ListJob::start() {
    unless_refused(core_.store.scan(std::make_unique<ListScan>(self<ListJob>()), filter_.read.at));
}

void ListJob::on_rows(std::vector<RankedCustomer> rows, const store::ScanEnd& end) {
    if (end.policy != &policy_) {
        fail(policy_switched());
        return;
    }
    end_ = end;
    rows_ = std::move(rows);
    if (rows_.size() > filter_.limit) {
        rows_.pop_back();
        const RankedCustomer& last = rows_.back();
        next_cursor_ = encode_cursor(
            {static_cast<std::uint8_t>(filter_.sort), filter_.descending, last.rank, last.id}
        );
    }
    if (rows_.empty()) {
        on_answers({});
        return;
    }
    store::CustomerQuestion question;
    for (const RankedCustomer& row : rows_) {
        question.ids.push_back(row.id);
    }
    question.at = filter_.read.at;
    question.done = [job = self<ListJob>()](auto answers) {
        job->on_answers(answers);
    };
    unless_refused(core_.store.ask(std::move(question)));
}

void ListJob::on_answers(const Answers& answers) {
    if (!answers) {
        fail(answers.error());
        return;
    }
    answer_json([&](ByteWriter& out) { write(out, answers); });
}

void ListJob::write(ByteWriter& out, const Answers& answers) {
    wire::ListEncoder list(out, "customers");
    for (std::size_t i = 0; i < answers->size(); ++i) {
        if ((*answers)[i]) {
            const store::Reading& reading = (*answers)[i]->reading;
            list.next();
            wire::append_score(out, core_.texts.of(*reading.policy), rows_[i].id, reading);
        }
    }
    list.end_page(core_.texts.of(policy_), {end_.seq, end_.at}, next_cursor_);
}

}  // namespace

Handled get_customers(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    const scoring::CompiledPolicy& policy = core.store.policy();
    auto filter = CustomerFilter::parse(request.query, core.texts.of(policy));
    if (!filter) {
        wire::write_problem(out, request.reply, filter.error());
        return Handled::Now;
    }
    const std::uint64_t min_seq = filter->read.min_seq;
    auto job = std::make_shared<ListJob>(core, request, deferral, std::move(*filter), policy);
    return start_job(core, std::move(job), min_seq);
}

}  // namespace patron::endpoints
