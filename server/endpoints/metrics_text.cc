#include "server/endpoints/metrics_text.h"

#include <algorithm>
#include <iterator>

#include <prometheus/text_serializer.h>

#include "server/endpoints/keep_metrics.h"
#include "server/endpoints/metric_families.h"

namespace patron::endpoints {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily beat_duration(const store::StoreMetrics& m) {
    MetricFamily family{
        "patron_beat_duration_seconds",
        "How long a beat of the store takes.",
        MetricType::Histogram,
        {}
    };
    ClientMetric::Histogram& histogram = family.metric.emplace_back().histogram;
    histogram.sample_sum = seconds_of_us(m.beat_us_sum);
    for (std::size_t i = 0; i < m.beat_buckets.size(); ++i) {
        histogram.sample_count += m.beat_buckets[i];
        if (i < store::kBeatBucketsUs.size()) {
            const double bound = seconds_of_us(store::kBeatBucketsUs[i]);
            histogram.bucket.push_back({histogram.sample_count, bound});
        }
    }
    return family;
}

MetricFamily build_info(const Core& core) {
    const BuildInfo& build = core.options.build;
    MetricFamily family{"patron_build_info", "Which Patron this is.", MetricType::Gauge, {}};
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {
        {"version", build.version}, {"commit", build.commit}, {"build_type", build.build_type}
    };
    metric.gauge.value = 1;
    return family;
}

std::vector<MetricFamily> store_families(const Core& core) {
    const store::StoreMetrics m = core.store.metrics();
    return {
        gauge("patron_customers", "Customers known.", m.customers),
        counter("patron_customers_erased_total", "Customers erased.", m.erased),
        gauge("patron_ledger_entries", "Entries kept of customers' events.", m.ledger_entries),
        gauge("patron_store_memory_bytes", "Memory of the store's structures.", m.memory_bytes),
        counter("patron_events_applied_total", "Events applied.", m.events_applied),
        counter("patron_events_duplicate_total", "Events seen before.", m.events_duplicate),
        counter(
            "patron_requests_rejected_total", "Writes refused for content.", m.requests_rejected
        ),
        counter("patron_beats_total", "Beats of the store.", m.beats),
        beat_duration(m),
        gauge("patron_queue_events", "Events waiting for a beat.", m.queue_events),
        gauge("patron_queue_bytes", "Bytes of the events waiting.", m.queue_bytes),
        gauge("patron_queue_questions", "Reads waiting for a beat.", m.queue_questions),
        counter("patron_queue_refused_total", "Work refused at a full queue.", m.queue_refused),
        counter(
            "patron_records_refreshed_total", "Reads that the beat answered.", m.records_refreshed
        ),
        gauge("patron_alarms_armed", "Customers whom time will move.", m.alarms_armed),
        counter("patron_changes_told_total", "Changes told to listeners.", m.changes_told),
        gauge(
            "patron_told_until_seconds",
            "What time had changed by this Unix time has been told.",
            static_cast<double>(m.told_until.ms) / 1000
        ),
        gauge("patron_applied_seq", "Sequence number applied last.", core.store.applied_seq()),
        build_info(core),
    };
}

}  // namespace

std::string metrics_text(const Core& core) {
    std::vector<MetricFamily> families = store_families(core);
    std::ranges::move(keep_metrics(core), std::back_inserter(families));
    if (core.options.more_metrics) {
        std::ranges::move(core.options.more_metrics(), std::back_inserter(families));
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace patron::endpoints
