#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metrics/sampler.hpp"
#include "report/progress.hpp"
#include "results/model.hpp"
#include "results/names.hpp"
#include "session/session.hpp"
#include "stats/client_monitor.hpp"
#include "workload/project_registry.hpp"

namespace milo_perf::run {

/// What a run has found out so far. Results can be made of it at any moment.
struct RunState {
    explicit RunState(session::Session& session);
    RunState(const RunState&) = delete;
    RunState& operator=(const RunState&) = delete;

    const config::Settings& settings() const { return session.settings; }
    /// Names of the Projects that are Ready.
    std::vector<std::string> ready_projects() const;

    session::Session& session;
    stats::ClientMonitor monitor;
    workload::ProjectRegistry projects;
    report::ProgressNumbers progress;
    /// Follows series over the whole run; empty where nothing is sampled.
    std::optional<metrics::Sampler> sampler;

    results::Metrics metrics;
    std::vector<results::Phase> phases;
    /// When requests of the load phases ended last.
    std::optional<WallTime> last_load_end;
    std::optional<std::string> apiserver_version;
    std::optional<std::string> victoriametrics_version;
    /// Whether anything was created: from here on results are worth keeping.
    bool begun = false;
};

/// One step of a run, from construction to destruction: in the results' list of phases, in the log and on the
/// progress display.
class PhaseScope {
  public:
    PhaseScope(RunState& run, results::PhaseName name);
    PhaseScope(RunState& run, std::string name);
    ~PhaseScope();
    PhaseScope(const PhaseScope&) = delete;
    PhaseScope& operator=(const PhaseScope&) = delete;

  private:
    RunState& run_;
    TimePoint started_;
    std::size_t index_;
};

/// Watches the client itself until cancelled: how late its timers fire, and how much CPU time it uses.
boost::asio::awaitable<void> monitor_client(stats::ClientMonitor& monitor, const stats::Recorder& recorder);

/// Ends the interval that `monitor` judges now: called where load begins and ends, so that a load shorter
/// than a regular interval is judged too.
void end_interval(stats::ClientMonitor& monitor);

/// How a run ended.
struct Ending {
    results::Outcome outcome = results::Outcome::unknown;
    /// One sentence; empty when completed.
    std::string reason;
};

/// The results of a run as far as it has come.
results::Run collect(const RunState& run, const Ending& ending);

}  // namespace milo_perf::run
