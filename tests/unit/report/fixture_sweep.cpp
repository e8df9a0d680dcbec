#include "unit/report/fixture_sweep.hpp"

#include <utility>

namespace milo_perf::report_test {
namespace {

results::Spread spread(double median, double least, double most) {
    return {.median = median, .least = least, .most = most, .repeats = 3};
}

results::Sweep sweep_over(std::string knob) {
    results::Sweep sweep;
    sweep.test_id = "abc";
    sweep.timestamp = "2026-11-24T12:00:00+00:00";
    sweep.knob = std::move(knob);
    sweep.outcome = results::Outcome::completed;
    sweep.repeats = 3;
    sweep.settings = {{"NUM_PROJECTS", "8"}};
    sweep.environment.milo_perf_version = "1.2.3";
    return sweep;
}

}  // namespace

results::Sweep load_sweep() {
    results::Sweep sweep = sweep_over("OBJECT_CONCURRENCY");
    sweep.limit = "secrets.create.p99 < 20ms";
    sweep.load_model = "closed";
    results::SweepPoint kept{.value = 4, .repeats = 3};
    kept.throughput_per_second = spread(1200, 1140, 1260);
    kept.p50_seconds = spread(0.0028, 0.0028, 0.0028);
    kept.p99_seconds = spread(0.011, 0.011, 0.011);
    kept.error_rate = spread(0, 0, 0);
    kept.apiserver_cpu_cores = spread(0.988, 0.9, 1);
    kept.keeps_limit = true;
    sweep.points = {kept, {.value = 8, .repeats = 3, .keeps_limit = false}};
    sweep.knee = results::SweepKnee{.value = 4, .verdict = "4 keeps it, 8 does not."};
    sweep.warnings = {"The client was starved."};
    sweep.steps = {{.value = 4, .repeat = 1, .purpose = "given", .keeps_limit = true},
                   {.value = 8, .repeat = 1, .purpose = "given", .keeps_limit = false}};
    return sweep;
}

results::Sweep projects_sweep() {
    results::Sweep sweep = sweep_over("NUM_PROJECTS");
    results::SweepPoint point{.value = 100, .repeats = 3};
    point.projects_ready_seconds = spread(0.674, 0.6, 0.7);
    point.apiserver_cpu_cores = spread(-0.005, -0.01, 0);
    point.apiserver_mem_bytes = spread(25.1e6, 20e6, 30e6);
    point.etcd_cpu_cores = spread(0.012, 0.01, 0.02);
    point.etcd_mem_bytes = spread(909e3, 800e3, 1e6);
    sweep.points = {point};
    sweep.slopes = {
        {.figure = "etcd_mem_bytes", .points = 12, .per_project = 14.9e3, .low = 6.66e3, .high = 23.2e3},
        {.figure = "etcd_cpu_cores", .points = 12, .per_project = -29.8e-6, .low = -146e-6, .high = 86.2e-6},
        {.figure = "apiserver_cpu_cores", .points = 1, .method = "a slope needs three runs"}};
    sweep.steps = {{.value = 100, .repeat = 1, .projects_ready_seconds = 0.674, .run_folder = "run-01"}};
    return sweep;
}

results::Sweep hostile_sweep(const std::string& text) {
    results::Sweep sweep = load_sweep();
    sweep.test_id = sweep.timestamp = text;
    sweep.reason = sweep.knee->verdict = text;
    sweep.settings = {{"ORG_NAME", text}};
    sweep.environment.milo_perf_version = text;
    sweep.warnings = {text};
    sweep.steps[0].problem = text;
    return sweep;
}

}  // namespace milo_perf::report_test
