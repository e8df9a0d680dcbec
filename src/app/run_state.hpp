#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/results_store.hpp"
#include "base/process_usage.hpp"
#include "config/settings.hpp"
#include "kube/client.hpp"
#include "kube/environment.hpp"
#include "metrics/client.hpp"
#include "metrics/sampler.hpp"
#include "metrics/snapshot.hpp"
#include "report/progress.hpp"
#include "results/model.hpp"
#include "stats/client_monitor.hpp"
#include "stats/recorder.hpp"
#include "workload/context.hpp"
#include "workload/project_registry.hpp"

namespace milo_perf::app {

/// The cluster that keeps the results ConfigMap, when there is one.
struct ResultsCluster {
    ResultsCluster(boost::asio::any_io_executor executor, kube::ClusterConfig config,
                   const config::Settings& settings, stats::Recorder& recorder);
    kube::Client client;
    ResultsStore store;
};

/// The settings with a test id: theirs, or a random one.
config::Settings identified(config::Settings settings);

/// Everything that one run works with and has found out so far. Results can be made of it at any moment.
struct RunState {
    /// `settings` has its test id. Throws UserError for clusters and queries that cannot be used.
    RunState(boost::asio::any_io_executor executor, config::Settings given,
             const kube::Environment& environment);
    RunState(const RunState&) = delete;
    RunState& operator=(const RunState&) = delete;

    workload::Context context() {
        return {settings, identity, milo, recorder, journal, tallies, origin, origin_wall, resumed};
    }
    /// Requests of the load phases have ended now.
    void load_ended() { last_load_end = WallClock::now(); }
    /// Closes all connections, so that the event loop can end.
    void close();

    config::Settings settings;
    workload::Identity identity;
    TimePoint origin = Clock::now();
    WallTime origin_wall = WallClock::now();
    /// CPU time of the process before the run: other runs of --repeat or a sweep had it.
    Duration cpu_before = process_cpu_time();

    stats::Recorder recorder{origin};
    /// Requests to the results cluster are no part of the run.
    stats::Recorder aside{origin};
    stats::ClientMonitor monitor;
    workload::Journal journal{origin};
    workload::Tallies tallies;
    workload::ProjectRegistry projects;
    report::ProgressNumbers progress;

    kube::Client milo;
    std::unique_ptr<ResultsCluster> results_cluster;
    metrics::VictoriaMetrics victoria_metrics;
    metrics::Source source;
    metrics::Sampler sampler;

    results::Metrics metrics;
    std::vector<results::Phase> phases;
    std::optional<WallTime> last_load_end;
    std::optional<std::string> apiserver_version;
    std::optional<std::string> victoriametrics_version;
    bool resumed = false;
    /// Whether anything was created: from here on results are worth keeping.
    bool begun = false;
};

/// One step of a run, from construction to destruction: in the results' list of phases, in the log and on the
/// progress display.
class PhaseScope {
  public:
    PhaseScope(RunState& run, std::string name);
    ~PhaseScope();
    PhaseScope(const PhaseScope&) = delete;
    PhaseScope& operator=(const PhaseScope&) = delete;

  private:
    RunState& run_;
    TimePoint started_;
    std::size_t index_;
};

}  // namespace milo_perf::app
