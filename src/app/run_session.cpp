#include "app/run_session.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "app/checkpoint.hpp"
#include "app/clusters.hpp"
#include "app/collect.hpp"
#include "app/event_loop.hpp"
#include "app/interrupts.hpp"
#include "app/monitor.hpp"
#include "app/phases.hpp"
#include "app/preflight.hpp"
#include "app/publish.hpp"
#include "base/deadline.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "kube/rfc3339.hpp"
#include "metrics/exposition.hpp"
#include "metrics/server.hpp"
#include "workload/resume.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;

namespace {

/// What an interrupted run may still take to publish its results.
constexpr Duration interrupted_publish_time = std::chrono::seconds(3);
/// The same of one that ended by itself.
constexpr Duration publish_time = std::chrono::seconds(120);
/// The last samples, likewise.
constexpr Duration interrupted_catch_up_time = std::chrono::seconds(1);
constexpr Duration catch_up_time = std::chrono::seconds(30);

/// The coroutines that live beside a run.
class Companions {
  public:
    Companions(asio::any_io_executor executor, RunState& run, bool show_progress)
        : group_(executor), progress_([&run] { return progress_of(run); }) {
        // First what can be refused.
        if (!run.settings.metrics_listen.empty()) {
            server_.emplace(executor, run.settings.metrics_listen, [&run] { return live_text(run); });
            log::info("metrics are served on port {}", server_->port());
            group_.spawn(server_->run());
        }
        group_.spawn(monitor_client(run.monitor, run.recorder));
        if (run.settings.sample_seconds > 0) group_.spawn(run.sampler.run());
        if (show_progress) group_.spawn(progress_.run());
    }

    asio::awaitable<void> stop() {
        group_.cancel();
        co_await group_.join();
    }

  private:
    static report::ProgressNumbers progress_of(const RunState& run);
    static std::string live_text(const RunState& run);

    TaskGroup group_;
    report::Progress progress_;
    std::optional<metrics::MetricsServer> server_;
};

report::ProgressNumbers Companions::progress_of(const RunState& run) {
    report::ProgressNumbers numbers = run.progress;
    numbers.in_flight = run.recorder.in_flight();
    std::uint64_t total = 0;
    const auto add = [&](const char* resource) {
        const auto found = run.tallies.all().find(resource);
        if (found == run.tallies.all().end()) return;
        const results::ObjectCount& count = found->second;
        total += count.requested;
        numbers.done += count.created + count.existing;
        numbers.failed += count.failed;
    };
    if (numbers.phase == "projects") {
        // Ready is what the phase waits for.
        add("projects");
        numbers.done = run.projects.ready_count();
    } else if (numbers.phase == "objects") {
        add("secrets");
        add("configmaps");
    }
    if (total > 0) numbers.total = total;
    return numbers;
}

std::string Companions::live_text(const RunState& run) {
    return metrics::openmetrics_text(run.recorder, {.test_id = run.identity.test_id(),
                                                    .phase = run.progress.phase,
                                                    .projects_wanted = run.settings.num_projects,
                                                    .projects_ready = run.projects.ready_count(),
                                                    .client_cpu_share = run.monitor.latest_cpu_share()});
}

asio::awaitable<void> whole_run(RunState& run, const RunPlan& plan) {
    co_await require_preflight(run);
    if (plan.resumed) {
        const workload::Context context = run.context();
        co_await workload::adopt_projects(context, run.projects);
        log::info("run {} is resumed", run.identity.test_id());
    }
    Checkpointer checkpoint = [&run](std::string phase) { return save_checkpoint(run, std::move(phase)); };
    co_await run_phases(run, std::move(checkpoint));
}

/// What is missing of what was wanted, as one sentence; empty when nothing is.
std::string shortfall(const RunState& run) {
    std::string missing;
    const auto add = [&missing](std::uint64_t count, std::string_view what) {
        if (count > 0) missing += fmt::format("{}{} {}", missing.empty() ? "" : ", ", count, what);
    };
    for (const auto& [resource, count] : run.tallies.all()) {
        add(count.requested - std::min(count.requested, count.created + count.existing),
            fmt::format("{} not created", resource));
    }
    add(run.projects.waiting_count(), "Projects never Ready");
    add(run.projects.deleted_count(), "Projects deleted during the run");
    if (missing.empty()) return missing;
    const std::string why = run.journal.main_failure();
    return fmt::format("Not all of the run came about: {}{}.", missing, why.empty() ? "" : "; mostly " + why);
}

Ending ending_of(const RunState& run, const std::exception_ptr& error, bool interrupted) {
    if (interrupted) return {"interrupted", "The run was interrupted by a signal."};
    if (!error) {
        std::string missing = shortfall(run);
        return missing.empty() ? Ending{"completed", ""} : Ending{"failed", std::move(missing)};
    }
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return {"failed", failure.what()};
    }
}

/// What came of publishing.
struct Publication {
    /// The ConfigMap has the results, or there is none to have them.
    bool in_configmap = false;
    /// What it has is thinned.
    bool thinned = false;
    std::vector<std::string> problems;
};

asio::awaitable<void> publish(RunState& run, const results::Run& result, Publication& publication) {
    const std::string configmap = co_await publish_configmap(run, result, publication.thinned);
    publication.in_configmap = configmap.empty();
    if (!configmap.empty()) publication.problems.push_back(configmap);
    const std::string push = co_await push_series(run, result);
    if (!push.empty()) publication.problems.push_back(push);
}

asio::awaitable<void> finish_in(Duration time, asio::awaitable<void> task, bool& done) {
    done = co_await finish_before(Clock::now() + time, std::move(task));
}

class Session {
  public:
    Session(const RunPlan& plan, RunState& run) : plan_(plan), run_(run) {}

    asio::awaitable<void> execute() {
        const auto executor = co_await asio::this_coro::executor;
        TaskGroup work(executor);
        Interrupts interrupts(executor, [this, &work] {
            log::warn("interrupted: saving what was measured (once more ends at once)");
            work.cancel();
            if (ending_ != nullptr) ending_->cancel();
        });
        Companions companions(executor, run_, plan_.show_progress);
        work.spawn(whole_run(run_, plan_));
        std::exception_ptr error;
        try {
            co_await work.join();
        } catch (...) {
            error = std::current_exception();
        }
        co_await companions.stop();
        const bool interrupted = interrupts.received().has_value();
        if (!run_.begun) {
            run_.close();
            if (interrupted)
                outcome_.code = interrupts.exit_code();
            else if (error)
                std::rethrow_exception(error);
            co_return;
        }
        if (run_.settings.sample_seconds > 0) {
            co_await interruptibly(interrupted ? interrupted_catch_up_time : catch_up_time,
                                   run_.sampler.finish());
        }
        const Ending ending = ending_of(run_, error, interrupted);
        co_await conclude(ending, interrupts);
        if (interrupts.received()) {
            outcome_.code = interrupts.exit_code();
        }
        run_.close();
    }

    RunOutcome take() { return std::move(outcome_); }

  private:
    /// Ends also at a signal. True when the task ended by itself.
    asio::awaitable<bool> interruptibly(Duration time, asio::awaitable<void> task) {
        TaskGroup group(co_await asio::this_coro::executor);
        bool done = false;
        group.spawn(finish_in(time, std::move(task), done));
        ending_ = &group;
        std::exception_ptr error;
        try {
            co_await group.join();
        } catch (...) {
            error = std::current_exception();
        }
        ending_ = nullptr;
        if (error) std::rethrow_exception(error);
        co_return done;
    }

    /// Publishes within the time that there is. False when it did not get done.
    asio::awaitable<bool> publish_in_time(const Interrupts& interrupts, Publication& publication) {
        if (!interrupts.received()) {
            const bool done =
                co_await interruptibly(publish_time, publish(run_, outcome_.result, publication));
            if (done || !interrupts.received()) co_return done;
            publication = {};
        }
        const bool done = co_await finish_before(Clock::now() + interrupted_publish_time,
                                                 publish(run_, outcome_.result, publication));
        co_return done;
    }

    asio::awaitable<void> conclude(Ending ending, const Interrupts& interrupts) {
        results::Run& result = outcome_.result;
        result = collect(run_, ending);
        result.thresholds = results::evaluate(plan_.thresholds, result);
        outcome_.code = code_of(result);
        results::SavedFiles saved = save_files(run_, result);
        if (!saved.ok() && outcome_.code == ExitCode::ok) outcome_.code = ExitCode::failed;
        if (!plan_.publish) co_return;
        Publication publication;
        const bool done = co_await publish_in_time(interrupts, publication);
        if (!done) {
            publication.problems.push_back(fmt::format("{} in time; they are in {}.",
                                                       publication.in_configmap
                                                           ? "The run's series could not be pushed"
                                                           : "The results could not be published",
                                                       run_.settings.out_dir));
        }
        outcome_.partly_published = !publication.in_configmap || publication.thinned;
        if (publication.problems.empty()) co_return;
        for (std::string& problem : publication.problems) {
            log::error("{}", problem);
            result.warnings.push_back(std::move(problem));
        }
        // So that the files say it too.
        save_files(run_, result);
    }

    static ExitCode code_of(const results::Run& result) {
        if (result.outcome != "completed") return ExitCode::failed;
        for (const results::Threshold& threshold : result.thresholds) {
            if (!threshold.passed) return ExitCode::threshold;
        }
        return ExitCode::ok;
    }

    const RunPlan& plan_;
    RunState& run_;
    RunOutcome outcome_;
    /// What a signal ends while the run is concluded.
    TaskGroup* ending_ = nullptr;
};

/// Snapshots of the interrupted run, on the time line of this one: they lie before its start.
results::Metrics on_this_time_line(results::Metrics metrics, WallTime origin) {
    for (auto* snapshot : {&metrics.baseline, &metrics.after_projects, &metrics.after_secrets}) {
        if (!*snapshot) continue;
        const auto taken = kube::parse_rfc3339((*snapshot)->evaluated_at);
        if (taken) (*snapshot)->offset_seconds = to_seconds(*taken - origin);
    }
    return metrics;
}

}  // namespace

RunOutcome run_session(const RunPlan& plan, const kube::Environment& environment) {
    asio::io_context io(1);
    RunState run(io.get_executor(), plan.settings, environment);
    run.resumed = plan.resumed;
    run.metrics = on_this_time_line(plan.metrics, run.origin_wall);
    if (!plan.publish) run.results_cluster.reset();
    ensure_limits(most_in_flight(plan.settings));
    Session session(plan, run);
    run_event_loop(io, session.execute());
    return session.take();
}

}  // namespace milo_perf::app
