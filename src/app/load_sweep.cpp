#include "app/load_sweep.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "app/checkpoint.hpp"
#include "app/clusters.hpp"
#include "app/collect.hpp"
#include "app/event_loop.hpp"
#include "app/interrupts.hpp"
#include "app/preflight.hpp"
#include "app/sweep_step.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "load/knee_search.hpp"
#include "results/format.hpp"
#include "results/sweep.hpp"
#include "workload/cleanup.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;

namespace {

std::vector<std::string> ready_projects(RunState& run) {
    std::vector<std::string> names;
    for (const std::size_t index : run.projects.ready_indices())
        names.push_back(run.projects.projects()[index].name);
    return names;
}

class LoadSweep {
  public:
    LoadSweep(const SweepPlan& plan, RunState& run)
        : plan_(plan),
          run_(run),
          search_(plan.values, {.whole_numbers = plan.whole_numbers(), .limited = plan.limit.has_value()}) {}

    asio::awaitable<void> execute() {
        const auto executor = co_await asio::this_coro::executor;
        TaskGroup work(executor);
        active_ = &work;
        Interrupts interrupts(executor, [this] {
            log::warn("interrupted: saving what was measured (once more ends at once)");
            active_->cancel();
        });
        work.spawn(measure());
        std::exception_ptr error;
        try {
            co_await work.join();
        } catch (...) {
            error = std::current_exception();
        }
        if (!run_.begun && !interrupts.received() && error) {
            run_.close();
            std::rethrow_exception(error);
        }
        conclude(error, interrupts);
        if (run_.begun && !interrupts.received()) co_await remove(interrupts, executor);
        if (run_.begun && interrupts.received()) {
            log::warn("what the sweep created is still there: milo-perf cleanup --test-id={} --out-dir={}",
                      run_.identity.test_id(), plan_.settings.out_dir);
        }
        run_.close();
    }

    SweepOutcome take() { return std::move(outcome_); }

  private:
    asio::awaitable<void> measure() {
        co_await require_preflight(run_);
        run_.begun = true;
        co_await save_checkpoint(run_, "init");
        const workload::Context context = run_.context();
        {
            const PhaseScope scope(run_, "projects");
            co_await workload::create_organization(context);
            co_await workload::create_projects(context, run_.projects);
        }
        const std::vector<std::string> projects = ready_projects(run_);
        if (projects.empty())
            throw UserError("No Project became Ready: see milo-perf check.", ExitCode::failed);
        if (run_.projects.waiting_count() > 0)
            run_.journal.warning(fmt::format("{} Projects never became Ready; the load goes to the other {}.",
                                             run_.projects.waiting_count(), projects.size()));
        std::uint32_t next_index = 0;
        while (const std::optional<double> value = search_.next()) {
            const bool going = co_await measure_value(*value, projects, next_index);
            if (!going) break;
        }
    }

    /// All repeats of a value. False when the server has failed.
    asio::awaitable<bool> measure_value(double value, const std::vector<std::string>& projects,
                                        std::uint32_t& next_index) {
        const bool halving = search_.halving();
        for (unsigned repeat = 1; repeat <= plan_.repeats; ++repeat) {
            StepPlan wanted{.value = value, .repeat = repeat, .halving = halving, .projects = projects};
            results::SweepStep step = co_await sweep_step(run_, plan_, std::move(wanted), next_index);
            tell(step);
            steps_.push_back(std::move(step));
            if (steps_.back().problem) {
                stopped_ = fmt::format("The server failed at {} {:g}: {}.", plan_.knob, value,
                                       *steps_.back().problem);
                co_return false;
            }
            const std::optional<std::string> problem = co_await settle_after_step(run_, plan_, projects);
            if (problem) {
                stopped_ = fmt::format("The server failed after {} {:g}: {}.", plan_.knob, value, *problem);
                co_return false;
            }
        }
        const results::SweepPoint point = point_at(value);
        search_.measured(point.keeps_limit.value_or(true), point.throughput_per_second.median.value_or(0));
        co_return true;
    }

    results::SweepPoint point_at(double value) const {
        for (results::SweepPoint& point : results::sweep_points(steps_)) {
            if (point.value == value) return point;
        }
        return {};
    }

    void tell(const results::SweepStep& step) const {
        log::info("{} {:g}, {} of {}: {} creates/s, p50 {}, p99 {}, errors {}{}", plan_.knob, step.value,
                  step.repeat, plan_.repeats, results::number(step.throughput_per_second),
                  results::duration(step.latency.p50_seconds).text(),
                  results::duration(step.latency.p99_seconds).text(), results::percent(step.error_rate),
                  !step.keeps_limit   ? ""
                  : *step.keeps_limit ? ", keeps the limit"
                                      : ", misses the limit");
    }

    void conclude(const std::exception_ptr& error, const Interrupts& interrupts) {
        results::Sweep& sweep = outcome_.sweep;
        if (!run_.begun) {
            outcome_.code = interrupts.exit_code();
            return;
        }
        sweep = begin_sweep(plan_);
        sweep.outcome = "completed";
        if (interrupts.received()) {
            sweep.outcome = "interrupted";
            sweep.reason = "The sweep was interrupted by a signal.";
            outcome_.code = interrupts.exit_code();
        } else if (error || !stopped_.empty()) {
            sweep.outcome = error ? "failed" : "stopped";
            sweep.reason = error ? message_of(error) : stopped_;
            outcome_.code = ExitCode::failed;
        }
        const results::Run facts = collect(run_, {});
        sweep.timestamp = facts.timestamp;
        sweep.duration_seconds = facts.duration_seconds;
        sweep.environment = facts.environment;
        sweep.warnings = run_.journal.warnings();
        sweep.steps = steps_;
        sweep.points = results::sweep_points(steps_);
        sweep.knee = results::sweep_knee(search_, plan_.knob, plan_.limit ? plan_.limit->expression : "");
        add_warnings(sweep);
    }

    void add_warnings(results::Sweep& sweep) const {
        if (search_.contradictory()) {
            sweep.warnings.emplace_back(
                "A value above the first one that missed the limit kept it again: the measurements are "
                "noisy, use a longer --hold or more --repeats.");
        }
        for (const results::SweepStep& step : steps_) {
            if (step.client_limit == "none") continue;
            sweep.warnings.push_back(fmt::format(
                "At {} {:g} and maybe others the client itself was {}: its figures are its own as "
                "much as the server's.",
                plan_.knob, step.value, step.client_limit));
            break;
        }
    }

    static std::string message_of(const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            return failure.what();
        }
    }

    asio::awaitable<void> remove(const Interrupts& interrupts, asio::any_io_executor executor) {
        TaskGroup work(executor);
        active_ = &work;
        work.spawn(clean());
        std::string problem;
        try {
            co_await work.join();
        } catch (const std::exception& failure) {
            problem = failure.what();
        }
        if (interrupts.received()) {
            outcome_.code = interrupts.exit_code();
            problem = "The cleanup was interrupted.";
        }
        if (problem.empty()) co_return;
        log::error("{}", problem);
        outcome_.sweep.warnings.push_back(std::move(problem));
        if (outcome_.code == ExitCode::ok) outcome_.code = ExitCode::failed;
    }

    asio::awaitable<void> clean() {
        const PhaseScope scope(run_, "cleanup");
        const workload::Context context = run_.context();
        const workload::CleanupReport report = co_await workload::clean_up(context);
        if (!report.complete()) {
            throw UserError(
                fmt::format("{} Projects of the sweep are left: run milo-perf cleanup --test-id={}.",
                            report.projects_left, run_.identity.test_id()));
        }
        const std::string problem = co_await forget_run(run_);
        if (!problem.empty()) throw UserError(problem);
    }

    const SweepPlan& plan_;
    RunState& run_;
    /// What a signal ends.
    TaskGroup* active_ = nullptr;
    load::KneeSearch search_;
    std::vector<results::SweepStep> steps_;
    std::string stopped_;
    SweepOutcome outcome_;
};

}  // namespace

results::Sweep begin_sweep(const SweepPlan& plan) {
    results::Sweep sweep;
    sweep.test_id = plan.settings.test_id;
    sweep.org_name =
        plan.settings.org_name.empty() ? "perf-" + plan.settings.test_id : plan.settings.org_name;
    sweep.knob = plan.knob;
    sweep.values = plan.values;
    sweep.repeats = plan.repeats;
    sweep.settle_seconds = to_seconds(plan.settle);
    if (plan.limit) sweep.limit = plan.limit->expression;
    sweep.settings = config::describe(plan.settings);
    sweep.load_model = plan.settings.open_loop() ? "open" : "closed";
    if (!plan.varies_projects()) {
        sweep.warmup_seconds = to_seconds(plan.warmup);
        sweep.hold_seconds = to_seconds(plan.hold);
    }
    return sweep;
}

SweepOutcome load_sweep(const SweepPlan& plan, const kube::Environment& environment) {
    asio::io_context io(1);
    ensure_limits(most_in_flight(plan.settings));
    RunState run(io.get_executor(), plan.settings, environment);
    // The sweep's own folder keeps everything; the ConfigMap belongs to runs.
    run.results_cluster.reset();
    LoadSweep sweep(plan, run);
    run_event_loop(io, sweep.execute());
    return sweep.take();
}

}  // namespace milo_perf::app
