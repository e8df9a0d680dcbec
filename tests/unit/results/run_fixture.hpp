#pragma once

#include <fmt/format.h>

#include <cmath>
#include <regex>
#include <string>

#include "results/model.hpp"
#include "unit/fixtures/run_parts.hpp"

/// A run as a control plane of some size would give it, the same on every call: for tests of what reads runs.
namespace milo_perf::results::fixture {

/// JSON with its fractions rounded to 12 digits: Boost.JSON 1.81 reads decimal numbers to within one unit in
/// the last place.
inline std::string rounded(const std::string& json) {
    static const std::regex fraction(R"(-?\d+\.\d+(e[-+]?\d+)?)");
    std::string result;
    std::size_t end = 0;
    for (std::sregex_iterator at(json.begin(), json.end(), fraction), none; at != none; ++at) {
        const auto begin = static_cast<std::size_t>(at->position());
        result += json.substr(end, begin - end) + fmt::format("{:.12g}", std::stod(at->str()));
        end = begin + static_cast<std::size_t>(at->length());
    }
    return result + json.substr(end);
}

using fixtures::latencies;
using fixtures::snapshot;

inline RequestSeries creates(const std::string& phase, const std::string& resource, std::uint64_t count) {
    RequestSeries result;
    result.phase = phase;
    result.verb = "create";
    result.resource = resource;
    result.operations = count;
    result.attempts = count + 2;
    result.attempts_failed = 2;
    result.retries = 2;
    result.statuses = {{"201", count}, {"429", 1}};
    result.errors = {{"reset", 1}};
    result.retries_by_cause = {{"429", 1}, {"reset", 1}};
    result.backoff_seconds = 1.25;
    result.connections_new = 8;
    result.connections_reused = count - 6;
    result.bytes_sent = count * 700;
    result.bytes_received = count * 900;
    result.throughput_per_second = 800;
    result.operation_latency = latencies(count, 0.010);
    result.attempt_latency = latencies(count + 2, 0.009);
    result.connection_wait = latencies(count, 0.0001);
    result.connect = latencies(8, 0.004);
    result.time_to_first_byte = latencies(count, 0.008);
    result.body = latencies(count, 0.0002);
    return result;
}

inline SampledSeries sampled(const std::string& name, const std::string& unit, double base, double seconds) {
    SampledSeries series;
    series.name = name;
    series.title = name;
    series.unit = unit;
    series.query = fmt::format("sum({}{{pod=~\"milo-apiserver.*\"}})", name);
    for (int i = 0; i * 5 <= seconds; ++i) {
        series.offsets_seconds.push_back(i * 5);
        series.values.push_back(base * (1 + 0.02 * std::sin(i)));
    }
    if (series.values.size() > 8) series.values[7].reset();
    return series;
}

/// A completed run in closed loop; `seconds` is its length, which makes time line and samples long.
inline Run run(std::uint64_t projects = 20, std::uint64_t objects_per_kind = 10, double seconds = 200) {
    Run result;
    result.test_id = "0badcafe";
    result.timestamp = "2026-05-04T10:00:00.000000+00:00";
    result.org_name = "perf-0badcafe";
    result.num_projects = projects;
    result.num_secrets_per_project = result.num_configmaps_per_project = objects_per_kind;
    result.projects_ready_seconds = 12.5;
    const double base = 400e6;
    const auto count = static_cast<double>(projects);
    result.metrics.baseline = snapshot(60, 0.10, base);
    result.metrics.after_projects = snapshot(seconds / 2, 0.10 + 0.001 * count, base + 1e6 * count);
    result.metrics.after_secrets = snapshot(seconds, 0.10 + 0.002 * count, base + 3e6 * count);
    result.outcome = results::Outcome::completed;
    result.finished_at = "2026-05-04T10:10:00.000000+00:00";
    result.duration_seconds = seconds;
    result.load_model = "closed";
    result.settings = {{"NUM_PROJECTS", std::to_string(projects)},
                       {"RUN_OBJECTS_PHASE", "true"},
                       {"OBJECT_CONCURRENCY", "8"},
                       {"OUT_DIR", "/work/out"}};
    result.environment = fixtures::environment();
    result.phases = {{"baseline", result.timestamp, 0, 5.0},
                     {"projects", result.timestamp, 5, seconds / 4},
                     {"objects", result.timestamp, seconds / 2, seconds / 4}};
    const std::uint64_t objects = projects * objects_per_kind;
    result.objects = {{"projects", {projects, projects, 0, 0}},
                      {"secrets", {objects, objects - 1, 1, 0}},
                      {"configmaps", {objects, objects, 0, 0}}};
    result.requests = {creates("projects", "projects", projects), creates("objects", "secrets", objects),
                       creates("objects", "configmaps", objects)};
    for (int i = 0; i < seconds; ++i) {
        const bool early = i < seconds / 2;
        result.timeline.push_back({.offset_seconds = static_cast<double>(i),
                                   .interval_seconds = 1,
                                   .phase = early ? "projects" : "objects",
                                   .started = 800,
                                   .finished = 799,
                                   .failed = 1,
                                   .in_flight = 32,
                                   .p50_seconds = 0.01,
                                   .p99_seconds = 0.05});
    }
    for (std::uint64_t i = 0; i < projects; ++i) {
        result.projects.push_back(fixtures::project(result.org_name, i, 5 + 0.02 * static_cast<double>(i)));
    }
    result.readiness = {.projects = projects,
                        .ready = projects,
                        .never_ready = 0,
                        .slo_seconds = 60,
                        .above_slo = 0,
                        .above_slo_share = 0.0,
                        .ready_seen = latencies(projects, 2),
                        .ready_by_server = latencies(projects, 2)};
    result.samples = {sampled("apiserver_cpu_cores", "cores", 0.2, seconds),
                      sampled("apiserver_mem_bytes", "bytes", base, seconds)};
    result.client = fixtures::client();
    result.warnings = {"etcd's newest sample was 12 s old."};
    result.events = {{12.5, "watch", "The watch was closed and continued."}};
    return result;
}

}  // namespace milo_perf::results::fixture
