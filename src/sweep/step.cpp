#include "sweep/step.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/nursery.hpp"
#include "base/process_usage.hpp"
#include "base/time_text.hpp"
#include "config/values.hpp"
#include "metrics/snapshot.hpp"
#include "results/from_stats.hpp"
#include "results/request_figures.hpp"
#include "workload/cleanup.hpp"
#include "workload/steady_load.hpp"

namespace milo_perf::sweep {
namespace asio = boost::asio;

namespace {

/// The window is the hold itself: it ends now, whatever is still unanswered.
asio::awaitable<void> measure_hold(run::RunState& run, const workload::SteadyLoad& load,
                                   results::SweepStep& into) {
    co_await sleep_until(load.hold_start());
    const Duration cpu_before = process_cpu_time();
    co_await sleep_until(load.hold_end());
    into.client_cpu_share = to_seconds(process_cpu_time() - cpu_before) / to_seconds(load.hold);
    metrics::Source source = run.session.source;
    source.window_seconds = std::round(to_seconds(load.hold));
    source.window = fmt::format("{:.0f}s", source.window_seconds);
    const metrics::SnapshotContext context{run.session.origin, run.session.origin_wall, WallClock::now()};
    into.load = co_await metrics::take_snapshot(run.session.victoria_metrics(), source, context);
}

const results::RequestSeries* creates_of(const std::vector<results::RequestSeries>& all,
                                         const std::string& phase) {
    for (const results::RequestSeries& series : all) {
        if (series.phase == phase && series.verb == stats::to_string(stats::Verb::create)) return &series;
    }
    return nullptr;
}

void judge_limit(const SweepPlan& plan, results::RequestSeries series, results::SweepStep& step) {
    if (!plan.limit) return;
    results::Run run;
    run.load_model = plan.settings.open_loop() ? "open" : "closed";
    series.throughput_per_second = step.throughput_per_second;
    // What was never answered or was refused took longer than any limit.
    series.operations_failed += step.creates_unfinished;
    series.operations = step.creates;
    series.operation_latency =
        results::with_failures_last(series.operation_latency, series.operations, series.operations_failed);
    run.requests.push_back(std::move(series));
    const results::Threshold judged = results::evaluate(*plan.limit, run);
    step.limit_value = judged.value;
    step.keeps_limit = judged.passed && step.creates_unfinished == 0;
}

std::string with_main_failure(const run::RunState& run, std::string problem) {
    const std::string why = run.session.journal.main_failure();
    return why.empty() ? problem : problem + "; mostly " + why;
}

void fill(const run::RunState& run, const SweepPlan& plan, const workload::SteadyCount& count,
          const std::string& phase, results::SweepStep& step) {
    step.creates = count.due;
    step.creates_failed = count.failed;
    step.creates_unfinished = count.unfinished();
    if (count.due > 0) {
        step.error_rate =
            static_cast<double>(count.failed + count.unfinished()) / static_cast<double>(count.due);
    }
    step.throughput_per_second = static_cast<double>(count.completed_in_hold) / to_seconds(plan.hold);
    const std::vector<results::RequestSeries> all = results::request_series(run.session.recorder);
    if (const results::RequestSeries* series = creates_of(all, phase)) {
        step.latency = series->operation_latency;
        step.late_sends = series->late_sends;
        step.retries = series->retries;
        judge_limit(plan, *series, step);
    } else if (plan.limit) {
        step.keeps_limit = false;
    }
    if (step.error_rate.value_or(1) > failing_error_rate) {
        step.problem = with_main_failure(run, fmt::format("{:.0f} % of the creates failed or got no answer",
                                                          100 * step.error_rate.value_or(1)));
    }
}

workload::SteadyLoad load_of(const SweepPlan& plan, double value, std::string phase) {
    const config::Settings settings = with_value(plan, value);
    return {.project_concurrency = settings.project_concurrency,
            .object_concurrency = settings.object_concurrency,
            .qps = settings.qps,
            .start = Clock::now(),
            .warmup = plan.warmup,
            .hold = plan.hold,
            .phase = std::move(phase)};
}

}  // namespace

asio::awaitable<results::SweepStep> sweep_step(run::RunState& run, const SweepPlan& plan, StepPlan wanted,
                                               std::uint32_t& next_index) {
    const std::string phase =
        fmt::format("{}={} #{}", plan.knob, config::format_number(wanted.value), wanted.repeat);
    const run::PhaseScope scope(run, phase);
    const workload::SteadyLoad load = load_of(plan, wanted.value, phase);
    results::SweepStep step{.value = wanted.value,
                            .repeat = wanted.repeat,
                            .purpose = wanted.halving ? "halving" : "given",
                            .started_at = iso8601(WallClock::now()),
                            .offset_seconds = to_seconds(load.start - run.session.origin),
                            .hold_seconds = to_seconds(plan.hold)};
    if (load.qps > 0) {
        step.offered_per_second = load.qps;
    } else {
        step.in_flight = std::uint64_t{load.project_concurrency} * load.object_concurrency;
    }
    const workload::Context context = run.session.context();
    workload::SteadyCount count;
    stats::ClientMonitor monitor;
    co_await with_nursery([&](Nursery& work) {
        work.spawn(workload::steady_load(context, wanted.projects, load, next_index), count);
        work.spawn(measure_hold(run, load, step));
        work.spawn_background(run::monitor_client(monitor, run.session.recorder));
    });
    step.client_limit = stats::to_string(monitor.limit());
    fill(run, plan, count, phase, step);
    co_return step;
}

asio::awaitable<std::optional<std::string>> settle_after_step(run::RunState& run, const SweepPlan& plan,
                                                              const std::vector<std::string>& projects) {
    const run::PhaseScope scope(run, results::PhaseName::settle);
    const workload::Context context = run.session.context();
    const std::size_t left = co_await workload::delete_secrets_of(context, projects);
    if (left == projects.size())
        co_return with_main_failure(run, "the Secrets of no Project could be deleted");
    co_await sleep_until(Clock::now() + plan.settle);
    co_return std::nullopt;
}

}  // namespace milo_perf::sweep
