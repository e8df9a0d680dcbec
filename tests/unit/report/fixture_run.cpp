#include "unit/report/fixture_run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "results/from_stats.hpp"
#include "stats/histogram.hpp"
#include "unit/fixtures/run_parts.hpp"

namespace milo_perf::report_test {
namespace {

using results::Outcome;
using results::Run;

constexpr double projects_begin = 15;
constexpr double objects_begin = 140;
constexpr double objects_end = 180;
constexpr double run_end = 300;

results::RequestSeries creates(const char* phase, const char* resource, std::uint64_t count, double median) {
    results::RequestSeries series;
    series.phase = phase;
    series.verb = "create";
    series.resource = resource;
    series.operations = count;
    series.attempts = count;
    series.statuses = {{"201", count}};
    series.throughput_per_second = 250.5;
    series.operation_latency = fixtures::latencies(count, median);
    series.attempt_latency = series.operation_latency;
    series.time_to_first_byte = series.operation_latency;
    return series;
}

void add_retries(results::RequestSeries& series) {
    series.retries = 3;
    series.attempts += 3;
    series.attempts_failed = 3;
    series.statuses["429"] = 2;
    series.errors = {{"reset", 1}};
    series.retries_by_cause = {{"429", 2}, {"reset", 1}};
}

void add_projects(Run& run, std::size_t projects) {
    stats::Histogram ready;
    for (std::size_t i = 0; i < projects; ++i) {
        const double sent = projects_begin + 0.1 * static_cast<double>(i);
        run.projects.push_back(fixtures::project("perf-5f3a9c01", i, sent));
        ready.record(from_seconds(*run.projects.back().ready_seconds));
    }
    run.readiness.projects = run.readiness.ready = projects;
    run.readiness.above_slo_share = 0;
    run.readiness.ready_seen = results::distribution(ready);
    run.projects_ready_seconds = 0.1 * static_cast<double>(projects) + 2.5;
}

void add_timeline(Run& run, const char* phase, double begin, double end, std::uint64_t each) {
    for (double at = begin; at < end; ++at) {
        const auto wave = static_cast<std::uint64_t>(20 + 20 * std::sin(at));
        run.timeline.push_back({.offset_seconds = at,
                                .interval_seconds = 1,
                                .phase = phase,
                                .started = each + wave,
                                .finished = each + wave,
                                .failed = 0,
                                .in_flight = at + 1 < end ? 32U : 0U,
                                .p50_seconds = 0.02 + 0.005 * std::sin(at / 3),
                                .p99_seconds = 0.11 + 0.08 * std::sin(at / 5)});
    }
}

void add_samples(Run& run, const char* name, const char* title, const char* unit, double rest, double busy) {
    results::SampledSeries series{.name = name,
                                  .title = title,
                                  .unit = unit,
                                  .query = "q",
                                  .labels = "",
                                  .offsets_seconds = {},
                                  .values = {}};
    for (double at = 0; at <= run_end; at += 2) {
        const bool load = (at > projects_begin && at < 30) || (at > objects_begin && at < objects_end);
        const double value =
            rest + (load ? busy : 0) + rest * 0.05 * std::sin(at) + busy * 0.1 * (at / run_end);
        series.offsets_seconds.push_back(at);
        const bool gap = at >= 200 && at < 215;
        series.values.push_back(gap ? std::nullopt : std::optional<double>(value));
    }
    run.samples.push_back(std::move(series));
}

void add_phases(Run& run) {
    const auto add = [&run](const char* name, double from, double to) {
        run.phases.push_back({.name = name,
                              .started_at = "2026-05-12T10:00:00.000Z",
                              .offset_seconds = from,
                              .duration_seconds = to - from});
    };
    add("baseline", 0, 14);
    add("organization", 14, projects_begin);
    add("projects", projects_begin, 25);
    add("ready", 25, 28);
    add("stabilize", 28, 120);
    add("snapshot", 120, objects_begin);
    add("objects", objects_begin, objects_end);
    add("stabilize", objects_end, 280);
    add("snapshot", 280, run_end);
}

}  // namespace

Run typical_run(std::size_t projects) {
    Run run;
    run.test_id = "5f3a9c01";
    run.timestamp = "2026-05-12T10:00:00.000Z";
    run.finished_at = "2026-05-12T10:05:00.000Z";
    run.duration_seconds = run_end;
    run.org_name = "perf-5f3a9c01";
    run.num_projects = projects;
    run.num_secrets_per_project = run.num_configmaps_per_project = 100;
    run.outcome = Outcome::completed;
    run.load_model = "closed";
    run.metrics.baseline = fixtures::snapshot(14, 0.2, 400e6);
    run.metrics.after_projects = fixtures::snapshot(120, 0.5, 900e6);
    run.metrics.after_secrets = fixtures::snapshot(290, 0.7, 1400e6);
    run.metrics.after_secrets->window_reaches_into_load = true;
    run.settings = {{"NUM_PROJECTS", std::to_string(projects)},
                    {"APISERVER_POD_REGEX", "milo-apiserver.*"},
                    {"STABILIZE_SECONDS", "90"},
                    {"ORG_NAME", "perf-5f3a9c01"},
                    {"VM_BASE_URL", ""}};
    run.environment = fixtures::environment();
    add_phases(run);
    run.objects["projects"] = {.requested = projects, .created = projects};
    run.objects["secrets"] = {.requested = projects * 100, .created = projects * 100};
    run.objects["configmaps"] = {.requested = projects * 100, .created = projects * 100};
    run.requests.push_back(creates("projects", "projects", projects, 0.05));
    run.requests.push_back(creates("objects", "secrets", projects * 100, 0.02));
    run.requests.push_back(creates("objects", "configmaps", projects * 100, 0.018));
    add_retries(run.requests[1]);
    add_projects(run, projects);
    add_timeline(run, "projects", projects_begin, 25, 10);
    add_timeline(run, "objects", objects_begin, objects_end, 480);
    add_samples(run, "apiserver_cpu_cores", "apiserver CPU", "cores", 0.2, 1.6);
    add_samples(run, "etcd_cpu_cores", "etcd CPU", "cores", 0.05, 0.4);
    add_samples(run, "apiserver_mem_bytes", "apiserver memory", "bytes", 400e6, 700e6);
    add_samples(run, "etcd_mem_bytes", "etcd memory", "bytes", 80e6, 150e6);
    add_samples(run, "etcd_fsync_p99", "etcd fsync duration, p99", "seconds", 0.004, 0.02);
    run.client = fixtures::client();
    run.thresholds.push_back({"secrets.create.p99 < 500ms", 0.141, 0.5, "seconds", true, "within the limit"});
    run.thresholds.push_back({"ready.total < 10s", 12.5, 10, "seconds", false,
                              "ready.total is 12.5 s, 2.5 s (25 %) above the limit of 10 s"});
    run.warnings.push_back("The window of the snapshot after objects reaches into the load.");
    run.events.push_back(
        {.offset_seconds = 200, .source = "victoriametrics", .message = "no answer for 15 s"});
    return run;
}

Run bare_run() {
    Run run;
    run.test_id = "00000000";
    run.outcome = Outcome::failed;
    run.reason = "The Organization could not be created: 403 Forbidden.";
    return run;
}

Run hostile_run(const std::string& text) {
    Run run = typical_run(3);
    run.test_id = run.timestamp = run.org_name = text;
    run.reason = run.finished_at = text;
    run.settings = {{text, text}};
    run.environment = {.milo_perf_version = text,
                       .compiler = text,
                       .host = text,
                       .kernel = text,
                       .cpus = 1,
                       .apiserver_version = text,
                       .victoriametrics_version = text};
    for (auto& phase : run.phases) phase.name = phase.started_at = text;
    for (auto& series : run.requests) {
        series.phase = series.resource = text;
        series.statuses[text] = series.errors[text] = series.failures_by_cause[text] = 1;
    }
    for (auto& project : run.projects) {
        project.name = project.create_outcome = text;
        project.reason = text;
        project.ready_seconds = project.ready_seen_offset_seconds = std::nullopt;
    }
    for (auto& series : run.samples) series.labels = series.title = text;
    run.samples.back().name = run.samples.back().unit = run.samples.back().query = text;
    run.objects = {{text, {.requested = 1}}};
    run.thresholds = {{text, 1, 2, text, false, text}};
    run.warnings = {text};
    run.events = {{.offset_seconds = 1, .source = text, .message = text}};
    for (auto* at : {&run.metrics.baseline, &run.metrics.after_projects, &run.metrics.after_secrets}) {
        for (auto& [name, evidence] : (*at)->evidence) evidence.label_variant = evidence.reason = text;
    }
    return run;
}

}  // namespace milo_perf::report_test
