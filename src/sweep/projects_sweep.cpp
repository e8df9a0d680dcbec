#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/time_text.hpp"
#include "results/format.hpp"
#include "results/request_figures.hpp"
#include "results/sweep.hpp"
#include "run/cleanup.hpp"
#include "run/repeat.hpp"
#include "run/run.hpp"
#include "sweep/load_sweep.hpp"
#include "sweep/step.hpp"

namespace milo_perf::sweep {
using results::Outcome;

namespace {

class ProjectsSweep {
  public:
    ProjectsSweep(const SweepPlan& plan, const kube::Environment& environment)
        : plan_(plan), environment_(environment), started_(Clock::now()), started_wall_(WallClock::now()) {}

    SweepOutcome execute() {
        run::check_numbered(with_value(plan_, *std::max_element(plan_.values.begin(), plan_.values.end())),
                            runs());
        // Up, down, up …: what the server gathers over the time of a sweep is then no part of the slope.
        for (unsigned repeat = 1; repeat <= plan_.repeats && going(); ++repeat) {
            std::vector<double> values = plan_.values;
            if (repeat % 2 == 0) std::reverse(values.begin(), values.end());
            for (std::size_t i = 0; i < values.size() && going(); ++i) measure(values[i], repeat);
        }
        return conclude();
    }

  private:
    /// The sweep's own folder keeps everything; the ConfigMap belongs to runs.
    static constexpr bool published = false;

    bool going() const { return outcome_ == Outcome::completed; }

    std::size_t runs() const { return plan_.values.size() * plan_.repeats; }

    void measure(double value, unsigned repeat) {
        const std::size_t number = steps_.size() + 1;
        run::RunPlan run;
        run.settings = run::numbered(with_value(plan_, value), number);
        const std::string folder = run::run_folder(number);
        run.show_progress = false;
        run.publish = published;
        log::info("run {} of {}: {:g} Projects", number, runs(), value);
        const Duration offset = Clock::now() - started_;
        run::RunOutcome outcome;
        try {
            outcome = run::run_once(run, environment_);
        } catch (const UserError& problem) {
            // Before the first run there is nothing to save.
            if (steps_.empty()) throw;
            stop(Outcome::stopped, problem.what(), ExitCode::failed);
            return;
        }
        if (!outcome.result.test_id.empty()) add(outcome.result, value, repeat, offset, folder);
        if (outcome.code == ExitCode::interrupted || outcome.code == ExitCode::terminated) {
            stop(Outcome::interrupted, "The sweep was interrupted by a signal.", outcome.code);
            hint(run.settings);
            return;
        }
        clean(run.settings);
    }

    void add(const results::Run& run, double value, unsigned repeat, Duration offset,
             const std::string& folder) {
        results::SweepStep step{.value = value,
                                .repeat = repeat,
                                .purpose = "given",
                                .started_at = run.timestamp,
                                .offset_seconds = to_seconds(offset)};
        step.baseline = run.metrics.baseline;
        step.after_projects = run.metrics.after_projects;
        step.projects_ready_seconds = run.projects_ready_seconds;
        step.run_folder = folder;
        step.client_cpu_share = run.client.cpu_share;
        step.client_limit = run.client.limit;
        step.error_rate = results::error_rate(run).value;
        for (const results::RequestSeries& series : run.requests) {
            if (series.verb != stats::to_string(stats::Verb::create) || series.resource != "projects")
                continue;
            step.latency = series.operation_latency;
            step.creates = series.operations;
            step.creates_failed = series.operations_failed;
            step.retries = series.retries;
        }
        if (run.outcome == Outcome::failed) step.problem = run.reason;
        environment_facts_ = run.environment;
        for (const std::string& warning : run.warnings)
            warnings_.push_back(fmt::format("{}: {}", folder, warning));
        const double share_never = static_cast<double>(run.readiness.never_ready) /
                                   std::max(1.0, static_cast<double>(run.num_projects));
        const bool failed = step.problem && (step.error_rate.value_or(1) > failing_error_rate ||
                                             share_never > failing_error_rate || !step.after_projects);
        if (failed)
            stop(Outcome::stopped,
                 fmt::format("The server failed at NUM_PROJECTS {:g}: {}", value, *step.problem),
                 ExitCode::failed);
        steps_.push_back(std::move(step));
    }

    void clean(const config::Settings& settings) {
        try {
            const bool another = going() && steps_.size() < runs();
            const ExitCode code =
                another ? run::clear_for_next_run(settings, environment_, published, plan_.settle)
                        : run::cleanup(settings, environment_, published);
            if (code == ExitCode::ok) return;
            stop(Outcome::interrupted, "The sweep was interrupted by a signal.", code);
        } catch (const UserError& problem) {
            stop(Outcome::stopped, problem.what(), ExitCode::failed);
        }
        hint(settings);
    }

    static void hint(const config::Settings& settings) {
        log::warn(
            "objects of the last run may still exist: remove them with milo-perf cleanup --test-id={} "
            "--out-dir={}",
            settings.test_id, settings.out_dir);
    }

    void stop(Outcome outcome, std::string reason, ExitCode code) {
        outcome_ = outcome;
        if (reason_.empty()) reason_ = std::move(reason);
        code_ = code;
    }

    SweepOutcome conclude() {
        SweepOutcome result;
        result.code = code_;
        if (steps_.empty()) return result;
        result.sweep = begin_sweep(plan_);
        result.sweep.timestamp = iso8601(started_wall_);
        result.sweep.outcome = outcome_;
        if (!reason_.empty()) result.sweep.reason = reason_;
        result.sweep.duration_seconds = to_seconds(Clock::now() - started_);
        result.sweep.environment = environment_facts_;
        result.sweep.points = results::sweep_points(steps_);
        result.sweep.slopes = results::sweep_slopes(steps_);
        result.sweep.warnings = std::move(warnings_);
        result.sweep.steps = std::move(steps_);
        return result;
    }

    const SweepPlan& plan_;
    const kube::Environment& environment_;
    TimePoint started_;
    WallTime started_wall_;
    std::vector<results::SweepStep> steps_;
    results::Environment environment_facts_;
    std::vector<std::string> warnings_;
    Outcome outcome_ = Outcome::completed;
    std::string reason_;
    ExitCode code_ = ExitCode::ok;
};

}  // namespace

SweepOutcome projects_sweep(const SweepPlan& plan, const kube::Environment& environment) {
    ProjectsSweep sweep(plan, environment);
    return sweep.execute();
}

}  // namespace milo_perf::sweep
