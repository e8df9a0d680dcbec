#include "app/phases.hpp"

#include "app/monitor.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "workload/objects.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> snapshot(RunState& run, std::optional<results::Snapshot>& into, std::string phase) {
    const PhaseScope scope(run, std::move(phase));
    const metrics::SnapshotContext context{run.origin, run.origin_wall, run.last_load_end};
    into = co_await metrics::take_snapshot(run.victoria_metrics, run.source, context);
    for (const auto& [figure, evidence] : into->evidence) {
        if (evidence.reason) log::warn("{} is missing: {}", figure, *evidence.reason);
    }
}

asio::awaitable<void> stabilize(RunState& run, std::string phase) {
    const PhaseScope scope(run, std::move(phase));
    const TimePoint end = Clock::now() + from_seconds(run.settings.stabilize_seconds);
    run.progress.ends_at = end;
    co_await sleep_until(end);
}

asio::awaitable<void> organization(RunState& run) {
    const PhaseScope scope(run, "organization");
    const workload::Context context = run.context();
    co_await workload::create_organization(context);
}

/// Ends the load also when what it awaits is cancelled or throws.
class LoadScope {
  public:
    explicit LoadScope(RunState& run) : run_(run) { end_interval(run_.monitor); }
    ~LoadScope() {
        run_.load_ended();
        end_interval(run_.monitor);
    }
    LoadScope(const LoadScope&) = delete;
    LoadScope& operator=(const LoadScope&) = delete;

  private:
    RunState& run_;
};

asio::awaitable<void> projects(RunState& run) {
    const PhaseScope scope(run, "projects");
    const LoadScope load(run);
    const workload::Context context = run.context();
    co_await workload::create_projects(context, run.projects);
}

asio::awaitable<void> objects(RunState& run) {
    const PhaseScope scope(run, "objects");
    const LoadScope load(run);
    const workload::Context context = run.context();
    std::vector<std::string> ready;
    for (const std::size_t index : run.projects.ready_indices()) {
        ready.push_back(run.projects.projects()[index].name);
    }
    co_await workload::create_objects(context, std::move(ready));
}

}  // namespace

asio::awaitable<void> run_phases(RunState& run, Checkpointer checkpoint) {
    if (!run.metrics.baseline) co_await snapshot(run, run.metrics.baseline, "baseline");
    run.begun = true;
    co_await checkpoint("init");
    co_await organization(run);
    co_await checkpoint("org-created");
    co_await projects(run);
    co_await checkpoint("projects-ready");
    if (!run.metrics.after_projects) {
        co_await stabilize(run, "stabilize_after_projects");
        co_await snapshot(run, run.metrics.after_projects, "snapshot_after_projects");
        co_await checkpoint("projects-measured");
    }
    if (!run.settings.run_objects_phase) co_return;
    co_await objects(run);
    co_await checkpoint("objects-created");
    co_await stabilize(run, "stabilize_after_objects");
    co_await snapshot(run, run.metrics.after_secrets, "snapshot_after_objects");
}

}  // namespace milo_perf::app
