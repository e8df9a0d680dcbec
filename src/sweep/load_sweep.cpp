#include "sweep/load_sweep.hpp"

#include <fmt/format.h>

#include <exception>

#include "base/log.hpp"
#include "load/knee_search.hpp"
#include "results/format.hpp"
#include "results/sweep.hpp"
#include "run/steps.hpp"
#include "session/checkpoint.hpp"
#include "session/clusters.hpp"
#include "sweep/step.hpp"
#include "workload/cleanup.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"

namespace milo_perf::sweep {
namespace asio = boost::asio;

namespace {

class LoadSweep {
  public:
    LoadSweep(const SweepPlan& plan, run::RunState& run)
        : plan_(plan),
          run_(run),
          search_(plan.values, {.whole_numbers = plan.whole_numbers(), .limited = plan.limit.has_value()}) {}

    asio::awaitable<SweepOutcome> execute() {
        std::exception_ptr error;
        try {
            co_await run_.session.until_signal(measure());
        } catch (...) {
            error = std::current_exception();
        }
        if (!run_.begun && error) std::rethrow_exception(error);
        conclude(error);
        if (!run_.begun) co_return std::move(outcome_);
        if (!run_.session.signal_code()) co_await remove();
        if (const auto code = run_.session.signal_code()) {
            outcome_.code = *code;
            log::warn(
                "what the sweep created still exists: remove it with milo-perf cleanup --test-id={} "
                "--out-dir={}",
                run_.session.identity.test_id(), plan_.settings.out_dir);
        }
        co_return std::move(outcome_);
    }

  private:
    asio::awaitable<void> measure() {
        co_await run::require_preflight(run_);
        run_.begun = true;
        session::save_checkpoint(run_.session, results::Milestone::init, run_.metrics);
        const workload::Context context = run_.session.context();
        {
            const run::PhaseScope scope(run_, results::PhaseName::projects);
            co_await workload::create_organization(context);
            co_await workload::create_projects(context, run_.projects);
        }
        const std::vector<std::string> projects = run_.ready_projects();
        if (projects.empty())
            throw UserError("No Project became Ready: run milo-perf check.", ExitCode::failed);
        if (run_.projects.waiting_count() > 0)
            run_.session.journal.warning(
                fmt::format("{} Projects never became Ready; the load goes to the other {}.",
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

    void conclude(const std::exception_ptr& error) {
        const std::optional<ExitCode> signal = run_.session.signal_code();
        results::Sweep& sweep = outcome_.sweep;
        if (!run_.begun) {
            outcome_.code = signal.value_or(ExitCode::ok);
            return;
        }
        sweep = begin_sweep(plan_);
        sweep.outcome = results::Outcome::completed;
        if (signal) {
            sweep.outcome = results::Outcome::interrupted;
            sweep.reason = "The sweep was interrupted by a signal.";
            outcome_.code = *signal;
        } else if (error || !stopped_.empty()) {
            sweep.outcome = error ? results::Outcome::failed : results::Outcome::stopped;
            sweep.reason = error ? message_of(error) : stopped_;
            outcome_.code = ExitCode::failed;
        }
        const results::Run facts = run::collect(run_, {});
        sweep.timestamp = facts.timestamp;
        sweep.duration_seconds = facts.duration_seconds;
        sweep.environment = facts.environment;
        sweep.warnings = run_.session.journal.warnings();
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
            sweep.warnings.push_back(
                fmt::format("At {} {:g}, and perhaps at other values, the client itself was {}: the figures "
                            "show the client as "
                            "much as the server.",
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

    asio::awaitable<void> remove() {
        Result<> cleaned;
        try {
            co_await run_.session.until_signal(clean(cleaned));
        } catch (const UserError& failure) {
            cleaned = to_error(failure);
        }
        if (run_.session.signal_code())
            cleaned = Error(ErrorCategory::server, "The cleanup was interrupted.");
        if (cleaned) co_return;
        log::error("{}", cleaned.error().sentence);
        outcome_.sweep.warnings.push_back(cleaned.error().sentence);
        if (outcome_.code == ExitCode::ok) outcome_.code = ExitCode::failed;
    }

    asio::awaitable<void> clean(Result<>& result) {
        const run::PhaseScope scope(run_, results::PhaseName::cleanup);
        const workload::Context context = run_.session.context();
        const workload::CleanupReport report = co_await workload::clean_up(context);
        if (report.complete()) {
            result = co_await session::forget_run(run_.session);
        } else {
            result =
                Error(ErrorCategory::server,
                      fmt::format("{} Projects of the sweep are left: run milo-perf cleanup --test-id={}.",
                                  report.projects_left, run_.session.identity.test_id()));
        }
    }

    const SweepPlan& plan_;
    run::RunState& run_;
    load::KneeSearch search_;
    std::vector<results::SweepStep> steps_;
    std::string stopped_;
    SweepOutcome outcome_;
};

}  // namespace

results::Sweep begin_sweep(const SweepPlan& plan) {
    results::Sweep sweep;
    sweep.test_id = plan.settings.test_id;
    sweep.org_name = plan.settings.organization();
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
    // The sweep's own folder keeps everything; the ConfigMap belongs to runs.
    session::Session session(plan.settings, environment, {session::Part::milo, session::Part::metrics});
    session.interrupt_notice =
        "interrupted: saving what was measured (send the signal again to exit at once)";
    session::ensure_limits(session::most_in_flight(plan.settings)).value();
    session.open().value();
    run::RunState run(session);
    LoadSweep sweep(plan, run);
    return session.run(sweep.execute());
}

}  // namespace milo_perf::sweep
