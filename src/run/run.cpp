#include "run/run.hpp"

#include <fmt/format.h>

#include <exception>

#include "base/log.hpp"
#include "kube/rfc3339.hpp"
#include "metrics/exposition.hpp"
#include "metrics/server.hpp"
#include "run/publish.hpp"
#include "run/steps.hpp"
#include "session/clusters.hpp"
#include "workload/resume.hpp"

namespace milo_perf::run {
namespace asio = boost::asio;
using results::Outcome;
using results::PhaseName;

namespace {

/// What an interrupted run may still take to publish its results.
constexpr Duration interrupted_publish_time = std::chrono::seconds(3);
/// The same of one that ended by itself.
constexpr Duration publish_time = std::chrono::seconds(120);
/// Of it, what the ConfigMap may take.
constexpr Duration configmap_time = std::chrono::seconds(60);
/// The same when the results cluster has not answered before.
constexpr Duration unanswered_configmap_time = session::CheckpointWriter::budget;
/// The last samples, likewise.
constexpr Duration interrupted_catch_up_time = std::chrono::seconds(1);
constexpr Duration catch_up_time = std::chrono::seconds(30);

report::ProgressNumbers progress_of(const RunState& run) {
    report::ProgressNumbers numbers = run.progress;
    numbers.in_flight = run.session.recorder.in_flight();
    std::uint64_t total = 0;
    const auto add = [&](const char* resource) {
        const auto found = run.session.tallies.all().find(resource);
        if (found == run.session.tallies.all().end()) return;
        const results::ObjectCount& count = found->second;
        total += count.requested;
        numbers.done += count.created + count.existing;
        numbers.failed += count.failed;
    };
    if (numbers.phase == name_of(PhaseName::projects).json) {
        // Ready is what the phase waits for.
        add("projects");
        numbers.done = run.projects.ready_count();
    } else if (numbers.phase == name_of(PhaseName::objects).json) {
        add("secrets");
        add("configmaps");
    }
    if (total > 0) numbers.total = total;
    return numbers;
}

std::string live_text(const RunState& run) {
    return metrics::openmetrics_text(run.session.recorder,
                                     {.test_id = run.session.identity.test_id(),
                                      .phase = run.progress.phase,
                                      .projects_wanted = run.settings().num_projects,
                                      .projects_ready = run.projects.ready_count(),
                                      .client_cpu_share = run.monitor.latest_cpu_share()});
}

asio::awaitable<void> measure(RunState& run) {
    co_await require_preflight(run);
    if (run.session.resumed) {
        const workload::Context context = run.session.context();
        co_await workload::adopt_projects(context, run.projects);
        log::info("run {} is resumed", run.session.identity.test_id());
    }
    co_await do_steps(run, standard_run());
}

/// Measures with the sampler, the progress display and live metrics beside it.
asio::awaitable<void> measure_accompanied(RunState& run, metrics::MetricsServer* server,
                                          report::Progress* progress) {
    co_await with_nursery([&](Nursery& work) {
        work.spawn(measure(run));
        work.spawn_background(monitor_client(run.monitor, run.session.recorder));
        if (run.sampler) work.spawn_background(run.sampler->run());
        if (run.session.results_cluster() != nullptr)
            work.spawn_background(run.session.results_cluster()->checkpoints.run());
        if (server != nullptr) work.spawn_background(server->run());
        if (progress != nullptr) work.spawn_background(progress->run());
    });
}

/// What is missing of what was requested, as one sentence; empty when nothing is.
std::optional<std::string> shortfall(const RunState& run) {
    std::string missing;
    const auto add = [&missing](std::uint64_t count, std::string_view what) {
        if (count > 0) missing += fmt::format("{}{} {}", missing.empty() ? "" : ", ", count, what);
    };
    for (const auto& [resource, count] : run.session.tallies.all()) {
        add(count.requested - std::min(count.requested, count.created + count.existing),
            fmt::format("{} not created", resource));
    }
    add(run.projects.waiting_count(), "Projects never Ready");
    const std::size_t were_ready = run.projects.deleted_ready_count();
    add(run.projects.deleted_count() - were_ready, "Projects deleted by someone else before they were Ready");
    add(were_ready, "Ready Projects deleted by someone else");
    if (missing.empty()) return std::nullopt;
    const std::string why = run.session.journal.main_failure();
    return fmt::format("The run is incomplete: {}{}.", missing, why.empty() ? "" : "; mostly " + why);
}

Ending ending_of(const RunState& run, const std::exception_ptr& error, bool interrupted) {
    if (interrupted) return {Outcome::interrupted, "The run was interrupted by a signal."};
    if (!error) {
        const std::optional<std::string> missing = shortfall(run);
        return missing ? Ending{Outcome::failed, *missing} : Ending{Outcome::completed, ""};
    }
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return {Outcome::failed, failure.what()};
    }
}

/// What came of publishing.
struct Publication {
    /// Empty: nothing.
    std::optional<InConfigMap> in_configmap;
    std::vector<std::string> problems;
};

/// What the ConfigMap has not of the run's checkpoints, as one sentence; empty when it has them.
std::optional<std::string> unsaved_checkpoint(const RunState& run) {
    const session::ResultsCluster* const cluster = run.session.results_cluster();
    if (cluster == nullptr || !cluster->checkpoints.problem()) return std::nullopt;
    return cluster->checkpoints.problem()->sentence;
}

/// A cluster that has not answered before gets little time.
asio::awaitable<Result<InConfigMap>> publish_results(RunState& run, const results::Run& result) {
    session::ResultsCluster* const cluster = run.session.results_cluster();
    if (cluster == nullptr) co_return InConfigMap::all;
    co_await cluster->checkpoints.finish();
    const Duration time = cluster->checkpoints.given_up() ? unanswered_configmap_time : configmap_time;
    const std::optional<Result<InConfigMap>> published =
        co_await finish_before(Clock::now() + time, publish_configmap(run, result));
    if (published) co_return *published;
    co_return Error(ErrorCategory::server,
                    fmt::format("The results could not be put into ConfigMap {}/{} within {:g} s; they are "
                                "in {}.",
                                cluster->store.ns(), session::ResultsStore::name, to_seconds(time),
                                run.settings().out_dir));
}

asio::awaitable<void> publish(RunState& run, const results::Run& result, Publication& publication) {
    const Result<InConfigMap> configmap = co_await publish_results(run, result);
    if (configmap) publication.in_configmap = *configmap;
    if (!configmap) publication.problems.push_back(configmap.error().sentence);
    if (auto lost = unsaved_checkpoint(run)) {
        const auto& told = result.warnings;
        if (std::find(told.begin(), told.end(), *lost) == told.end())
            publication.problems.push_back(*std::move(lost));
    }
    const Result<> pushed = co_await push_series(run, result);
    if (!pushed) publication.problems.push_back(pushed.error().sentence);
}

asio::awaitable<void> give_up_after(Duration time, asio::awaitable<void> task, bool& done) {
    done = co_await finish_before(Clock::now() + time, std::move(task));
}

ExitCode code_of(const results::Run& result) {
    if (result.outcome != Outcome::completed) return ExitCode::failed;
    for (const results::Threshold& threshold : result.thresholds) {
        if (!threshold.passed) return ExitCode::threshold;
    }
    return ExitCode::ok;
}

/// A run from its first request to its last file.
class WholeRun {
  public:
    WholeRun(const RunPlan& plan, RunState& run) : plan_(plan), run_(run) {}

    asio::awaitable<RunOutcome> execute() {
        std::exception_ptr error;
        try {
            co_await measure_until_signal();
        } catch (...) {
            error = std::current_exception();
        }
        const std::optional<ExitCode> signal = run_.session.signal_code();
        if (!run_.begun) {
            if (error && !signal) std::rethrow_exception(error);
            if (signal) outcome_.code = *signal;
            co_return std::move(outcome_);
        }
        if (run_.sampler) co_await catch_up();
        co_await conclude(ending_of(run_, error, signal.has_value()));
        if (const auto late = run_.session.signal_code()) outcome_.code = *late;
        co_return std::move(outcome_);
    }

  private:
    asio::awaitable<void> measure_until_signal() {
        const auto executor = co_await asio::this_coro::executor;
        // First what can be refused.
        std::optional<metrics::MetricsServer> server;
        if (!run_.settings().metrics_listen.empty()) {
            server.emplace(executor, run_.settings().metrics_listen, [this] { return live_text(run_); });
            log::info("metrics are served on port {}", server->port());
        }
        std::optional<report::Progress> progress;
        if (plan_.show_progress) progress.emplace([this] { return progress_of(run_); });
        metrics::MetricsServer* const serves = server ? &*server : nullptr;
        report::Progress* const shows = progress ? &*progress : nullptr;
        co_await run_.session.until_signal(measure_accompanied(run_, serves, shows));
    }

    /// The last samples.
    asio::awaitable<void> catch_up() {
        bool done = false;
        if (run_.session.signal_code()) {
            co_await give_up_after(interrupted_catch_up_time, run_.sampler->finish(), done);
        } else {
            co_await run_.session.until_signal(give_up_after(catch_up_time, run_.sampler->finish(), done));
        }
    }

    /// Publishes within the time that there is. False when it did not get done.
    asio::awaitable<bool> publish_in_time(Publication& publication) {
        bool done = false;
        if (!run_.session.signal_code()) {
            co_await run_.session.until_signal(
                give_up_after(publish_time, publish(run_, outcome_.result, publication), done));
            if (done || !run_.session.signal_code()) co_return done;
            publication = {};
        }
        co_await give_up_after(interrupted_publish_time, publish(run_, outcome_.result, publication), done);
        co_return done;
    }

    asio::awaitable<void> conclude(Ending ending) {
        results::Run& result = outcome_.result;
        if (auto unsaved = unsaved_checkpoint(run_)) run_.session.journal.warning_once(*std::move(unsaved));
        result = collect(run_, ending);
        result.thresholds = results::evaluate(plan_.thresholds, result);
        outcome_.code = code_of(result);
        const results::SavedFiles saved = save_files(run_, result);
        if (!saved.ok() && outcome_.code == ExitCode::ok) outcome_.code = ExitCode::failed;
        if (!plan_.publish) co_return;
        Publication publication;
        const bool done = co_await publish_in_time(publication);
        if (!done) {
            publication.problems.push_back(fmt::format("{} in time; they are in {}.",
                                                       publication.in_configmap
                                                           ? "The run's series could not be pushed"
                                                           : "The results could not be published",
                                                       run_.settings().out_dir));
        }
        outcome_.partly_published = publication.in_configmap != InConfigMap::all;
        if (publication.problems.empty()) co_return;
        for (std::string& problem : publication.problems) {
            log::error("{}", problem);
            result.warnings.push_back(std::move(problem));
        }
        // So that the files say it too.
        save_files(run_, result);
    }

    const RunPlan& plan_;
    RunState& run_;
    RunOutcome outcome_;
};

/// Snapshots of the interrupted run, on the time line of this one: they lie before its start.
results::Metrics on_this_time_line(results::Metrics metrics, WallTime origin) {
    for (const auto& name : results::snapshot_names) {
        std::optional<results::Snapshot>& snapshot = snapshot_of(metrics, name.value);
        if (!snapshot) continue;
        const auto taken = kube::parse_rfc3339(snapshot->evaluated_at);
        if (taken) snapshot->offset_seconds = to_seconds(*taken - origin);
    }
    return metrics;
}

}  // namespace

RunOutcome run_once(const RunPlan& plan, const kube::Environment& environment) {
    std::set<session::Part> parts{session::Part::milo, session::Part::metrics};
    if (plan.publish) parts.insert(session::Part::results_cluster);
    session::Session session(plan.settings, environment, std::move(parts));
    session.resumed = plan.resumed;
    session.interrupt_notice =
        "interrupted: saving what was measured (send the signal again to exit at once)";
    session.open().value();
    RunState run(session);
    run.metrics = on_this_time_line(plan.metrics, session.origin_wall);
    // Read also when nothing is sampled: a file that cannot be used is refused before anything is created.
    auto queries = metrics::load_sample_queries(session.source, session.settings.sample_queries);
    if (session.settings.sample_seconds > 0) {
        run.sampler.emplace(
            session.victoria_metrics(), std::move(queries), session.settings.sample_seconds,
            session.origin_wall,
            [&session](std::string message) { session.journal.event("victoriametrics", std::move(message)); },
            session.source.window_seconds);
    }
    session::ensure_limits(session::most_in_flight(session.settings)).value();
    WholeRun whole(plan, run);
    return session.run(whole.execute());
}

}  // namespace milo_perf::run
