#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/nursery.hpp"
#include "base/process_usage.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "kube/client.hpp"
#include "kube/environment.hpp"
#include "metrics/client.hpp"
#include "metrics/queries.hpp"
#include "session/checkpoint_writer.hpp"
#include "session/results_store.hpp"
#include "stats/recorder.hpp"
#include "workload/context.hpp"

namespace milo_perf::session {

/// What a command may work with besides an event loop, signals and a recorder.
enum class Part {
    /// A client of Milo's API server.
    milo,
    /// The cluster that keeps the results ConfigMap, where there is one.
    results_cluster,
    /// VictoriaMetrics.
    metrics,
};

/// The cluster that keeps the results ConfigMap.
struct ResultsCluster {
    ResultsCluster(boost::asio::any_io_executor executor, kube::ClusterConfig config,
                   const config::Settings& settings, stats::Recorder& recorder);
    kube::Client client;
    ResultsStore store;
    /// For what is written while a run goes on.
    CheckpointWriter checkpoints;
};

/// One life of a command: its event loop, SIGINT and SIGTERM, what it records, and the parts it asked for.
/// run() closes them when the command's work is done.
class Session {
  public:
    Session(config::Settings settings, const kube::Environment& environment, std::set<Part> parts);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Opens the parts that were asked for; the error is of the first that cannot be used. Connects to
    /// nothing yet.
    Result<> open();
    /// Opens one of them, if it is not open.
    Result<> open(Part part);
    bool asked_for(Part part) const { return parts_.contains(part); }

    /// Runs `main`, and whatever it started, to the end, then closes the parts; what it throws is thrown.
    void run(boost::asio::awaitable<void> main);
    template <class T>
    T run(boost::asio::awaitable<T> main) {
        std::optional<T> result;
        run(keep(std::move(main), result));
        return std::move(*result);
    }

    /// Runs a task that the first signal cancels. Gives true when it ended by itself; false when a signal
    /// ended it, or came before it began. What it throws without a signal is thrown on. The second signal
    /// ends the program at once.
    boost::asio::awaitable<bool> until_signal(boost::asio::awaitable<void> task);

    /// 130 or 143 once a signal has come.
    std::optional<ExitCode> signal_code() const { return signal_code_; }

    /// Logged as a warning when the first signal comes.
    std::string interrupt_notice;

    /// Of open parts.
    kube::Client& milo() { return *milo_; }
    const kube::Client& milo() const { return *milo_; }
    metrics::VictoriaMetrics& victoria_metrics() { return *victoria_metrics_; }
    /// Null when there is none, or it was not asked for.
    ResultsCluster* results_cluster() { return results_cluster_.get(); }

    workload::Context context() {
        return {settings, identity, *milo_, recorder, journal, tallies, origin, origin_wall, resumed};
    }

    const config::Settings settings;
    const workload::Identity identity;
    /// What is measured in VictoriaMetrics.
    const metrics::Source source;
    const TimePoint origin = Clock::now();
    const WallTime origin_wall = WallClock::now();
    /// CPU time of the process before: earlier runs of --repeat or of a sweep had it.
    const Duration cpu_before = process_cpu_time();
    stats::Recorder recorder{origin};
    workload::Journal journal{origin};
    workload::Tallies tallies;
    /// Whether this continues an interrupted run.
    bool resumed = false;

  private:
    template <class T>
    static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> task, std::optional<T>& result) {
        T value = co_await std::move(task);
        result.emplace(std::move(value));
    }

    kube::ClusterConfig warned(kube::ClusterConfig config);
    void open_milo();
    void open_results_cluster();
    void await_signals();
    void close();

    const kube::Environment& environment_;
    std::set<Part> parts_;
    boost::asio::io_context io_{1};
    std::optional<boost::asio::signal_set> signals_;
    std::optional<ExitCode> signal_code_;
    /// What a signal cancels.
    Nursery* interruptible_ = nullptr;
    /// Requests to the results cluster are no part of the run.
    stats::Recorder aside_{origin};
    std::optional<kube::Client> milo_;
    std::optional<metrics::VictoriaMetrics> victoria_metrics_;
    std::unique_ptr<ResultsCluster> results_cluster_;
};

/// The settings with a test id: theirs, or a random one.
config::Settings identified(config::Settings settings);

}  // namespace milo_perf::session
