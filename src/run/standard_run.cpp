#include <array>

#include "base/log.hpp"
#include "base/wait.hpp"
#include "metrics/snapshot.hpp"
#include "run/steps.hpp"
#include "workload/objects.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"

namespace milo_perf::run {
namespace asio = boost::asio;
using results::Milestone;
using results::PhaseName;
using results::SnapshotName;

namespace {

/// Ends the load also when what it awaits is cancelled or throws.
class LoadScope {
  public:
    explicit LoadScope(RunState& run) : run_(run) { end_interval(run_.monitor); }
    ~LoadScope() {
        run_.last_load_end = WallClock::now();
        end_interval(run_.monitor);
    }
    LoadScope(const LoadScope&) = delete;
    LoadScope& operator=(const LoadScope&) = delete;

  private:
    RunState& run_;
};

asio::awaitable<void> take_snapshot(RunState& run, const Step& step) {
    const metrics::SnapshotContext context{run.session.origin, run.session.origin_wall, run.last_load_end};
    std::optional<results::Snapshot>& into = snapshot_of(run.metrics, *step.snapshot);
    into = co_await metrics::take_snapshot(run.session.victoria_metrics(), run.session.source, context);
    for (const auto& [figure, evidence] : into->evidence) {
        if (evidence.reason) log::warn("{} is missing: {}", figure, *evidence.reason);
    }
}

asio::awaitable<void> create_organization(RunState& run, const Step& /*step*/) {
    const workload::Context context = run.session.context();
    co_await workload::create_organization(context);
}

/// Creates the Projects, and waits until all are Ready or READY_TIMEOUT_SECONDS is over.
asio::awaitable<void> create_projects(RunState& run, const Step& /*step*/) {
    const LoadScope load(run);
    const workload::Context context = run.session.context();
    co_await workload::create_projects(context, run.projects);
}

asio::awaitable<void> stabilize(RunState& run, const Step& /*step*/) {
    const TimePoint end = Clock::now() + from_seconds(run.settings().stabilize_seconds);
    run.progress.ends_at = end;
    co_await sleep_until(end);
}

asio::awaitable<void> create_objects(RunState& run, const Step& /*step*/) {
    const LoadScope load(run);
    const workload::Context context = run.session.context();
    co_await workload::create_objects(context, run.ready_projects());
}

constexpr std::array steps{
    Step{.phase = PhaseName::baseline,
         .action = take_snapshot,
         .snapshot = SnapshotName::baseline,
         .reached = Milestone::init},
    Step{.phase = PhaseName::organization,
         .action = create_organization,
         .reached = Milestone::organization_created},
    Step{.phase = PhaseName::projects, .action = create_projects, .reached = Milestone::projects_ready},
    Step{.phase = PhaseName::stabilize_after_projects,
         .action = stabilize,
         .snapshot = SnapshotName::after_projects},
    Step{.phase = PhaseName::snapshot_after_projects,
         .action = take_snapshot,
         .snapshot = SnapshotName::after_projects,
         .reached = Milestone::projects_measured},
    Step{.phase = PhaseName::objects,
         .action = create_objects,
         .reached = Milestone::objects_created,
         .of_objects = true},
    Step{.phase = PhaseName::stabilize_after_objects,
         .action = stabilize,
         .snapshot = SnapshotName::after_objects,
         .of_objects = true},
    Step{.phase = PhaseName::snapshot_after_objects,
         .action = take_snapshot,
         .snapshot = SnapshotName::after_objects,
         .of_objects = true},
};

}  // namespace

std::span<const Step> standard_run() {
    return steps;
}

}  // namespace milo_perf::run
