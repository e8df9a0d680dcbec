#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "metrics/exposition.hpp"
#include "metrics/text_writer.hpp"
#include "results/names.hpp"

namespace milo_perf::metrics {

namespace {

/// Lines of Prometheus text, each with its own time stamp.
class PushWriter {
  public:
    PushWriter(std::string test_id, WallTime origin_wall)
        : test_id_(std::move(test_id)),
          origin_milliseconds_(
              std::chrono::duration_cast<std::chrono::milliseconds>(origin_wall.time_since_epoch()).count()) {
    }

    void sample(std::string_view name, LabelPairs labels, double value, double offset_seconds) {
        labels.emplace(labels.begin(), "test_id", test_id_);
        fmt::format_to(std::back_inserter(text_), "milo_perf_{}{} {} {}\n", name, exposition_labels(labels),
                       exposition_number(value),
                       origin_milliseconds_ + static_cast<std::int64_t>(offset_seconds * 1000));
    }
    void sample(std::string_view name, LabelPairs labels, std::optional<double> value,
                double offset_seconds) {
        if (value) sample(name, std::move(labels), *value, offset_seconds);
    }
    void sample(std::string_view name, LabelPairs labels, std::uint64_t value, double offset_seconds) {
        sample(name, std::move(labels), static_cast<double>(value), offset_seconds);
    }

    std::string text() && { return std::move(text_); }

  private:
    std::string test_id_;
    std::int64_t origin_milliseconds_;
    std::string text_;
};

void add_snapshot(PushWriter& out, std::string_view name, const std::optional<results::Snapshot>& snapshot) {
    if (!snapshot) return;
    const LabelPairs labels{{"snapshot", std::string(name)}};
    const double at = snapshot->offset_seconds;
    out.sample("snapshot_apiserver_cpu_cores", labels, snapshot->apiserver_cpu_cores, at);
    out.sample("snapshot_apiserver_mem_bytes", labels, snapshot->apiserver_mem_bytes, at);
    out.sample("snapshot_etcd_cpu_cores", labels, snapshot->etcd_cpu_cores, at);
    out.sample("snapshot_etcd_mem_bytes", labels, snapshot->etcd_mem_bytes, at);
}

void add_timeline(PushWriter& out, const std::vector<results::TimelinePoint>& timeline) {
    for (const results::TimelinePoint& point : timeline) {
        const LabelPairs labels{{"phase", point.phase}};
        // What happened in an interval is known at its end.
        const double at = point.offset_seconds + point.interval_seconds;
        if (point.interval_seconds > 0) {
            const auto rate = [&](std::uint64_t count) {
                return static_cast<double>(count) / point.interval_seconds;
            };
            out.sample("started_per_second", labels, rate(point.started), at);
            out.sample("finished_per_second", labels, rate(point.finished), at);
            out.sample("failed_per_second", labels, rate(point.failed), at);
        }
        out.sample("in_flight", labels, point.in_flight, at);
        out.sample("latency_p50_seconds", labels, point.p50_seconds, at);
        out.sample("latency_p99_seconds", labels, point.p99_seconds, at);
    }
}

void add_distribution(PushWriter& out, std::string_view name, const LabelPairs& labels,
                      const results::Distribution& distribution, double at) {
    const auto quantile = [&](const char* which, std::optional<double> value) {
        LabelPairs with_quantile = labels;
        with_quantile.emplace_back("quantile", which);
        out.sample(name, std::move(with_quantile), value, at);
    };
    quantile("0", distribution.min_seconds);
    quantile("0.5", distribution.p50_seconds);
    quantile("0.9", distribution.p90_seconds);
    quantile("0.99", distribution.p99_seconds);
    quantile("0.999", distribution.p99_9_seconds);
    quantile("1", distribution.max_seconds);
}

void add_requests(PushWriter& out, const std::vector<results::RequestSeries>& requests, double at) {
    for (const results::RequestSeries& series : requests) {
        const LabelPairs labels{
            {"phase", series.phase}, {"verb", series.verb}, {"resource", series.resource}};
        out.sample("operations", labels, series.operations, at);
        out.sample("operations_failed", labels, series.operations_failed, at);
        out.sample("attempts", labels, series.attempts, at);
        out.sample("retries", labels, series.retries, at);
        out.sample("throughput_per_second", labels, series.throughput_per_second, at);
        add_distribution(out, "operation_latency_seconds", labels, series.operation_latency, at);
        add_distribution(out, "attempt_latency_seconds", labels, series.attempt_latency, at);
    }
}

void add_totals(PushWriter& out, const results::Run& run, double at) {
    out.sample("run_info", {{"outcome", std::string(name_of(run.outcome).json)}, {"org_name", run.org_name}},
               1.0, at);
    out.sample("run_duration_seconds", {}, run.duration_seconds, at);
    out.sample("projects_wanted", {}, run.num_projects, at);
    out.sample("projects_ready", {}, run.readiness.ready, at);
    out.sample("projects_ready_seconds", {}, run.projects_ready_seconds, at);
    out.sample("projects_above_slo", {}, run.readiness.above_slo, at);
    add_distribution(out, "project_ready_seconds", {}, run.readiness.ready_seen, at);
    for (const auto& [resource, count] : run.objects) {
        out.sample("objects_created", {{"resource", resource}}, count.created, at);
        out.sample("objects_failed", {{"resource", resource}}, count.failed, at);
    }
    out.sample("client_cpu_share", {}, run.client.cpu_share, at);
    for (const results::Threshold& threshold : run.thresholds) {
        out.sample("threshold_passed", {{"expression", threshold.expression}}, threshold.passed ? 1.0 : 0.0,
                   at);
    }
}

}  // namespace

std::string push_text(const results::Run& run, WallTime origin_wall) {
    PushWriter out(run.test_id, origin_wall);
    double end = run.duration_seconds.value_or(0);
    for (const results::Phase& phase : run.phases) {
        const double phase_end = phase.offset_seconds + phase.duration_seconds.value_or(0);
        end = std::max(end, phase_end);
        out.sample("phase_duration_seconds", {{"phase", phase.name}}, phase.duration_seconds, phase_end);
    }
    for (const auto& name : results::snapshot_names)
        add_snapshot(out, name.json, snapshot_of(run.metrics, name.value));
    add_timeline(out, run.timeline);
    add_requests(out, run.requests, end);
    add_totals(out, run, end);
    return std::move(out).text();
}

}  // namespace milo_perf::metrics
