#include "app/run_state.hpp"

#include "app/clusters.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"

namespace milo_perf::app {
namespace {

/// Requests to the results cluster are few and one after another.
constexpr std::size_t results_connections = 2;
constexpr Duration results_request_timeout = std::chrono::seconds(15);

http::Limits results_limits(const config::Settings& settings) {
    http::Limits limits = limits_of(settings, results_connections);
    limits.request_timeout = std::min(limits.request_timeout, results_request_timeout);
    return limits;
}

metrics::Source source_of(const config::Settings& settings) {
    return {settings.milo_namespace, settings.apiserver_pod_regex, settings.etcd_pod_regex,
            settings.measure_window, settings.measure_window_seconds};
}

kube::ClusterConfig warned(kube::ClusterConfig config, workload::Journal& journal) {
    // Both clusters may have the same kubeconfig.
    for (const std::string& warning : config.warnings) journal.warning_once(warning);
    return config;
}

}  // namespace

config::Settings identified(config::Settings settings) {
    if (settings.test_id.empty()) settings.test_id = workload::random_test_id();
    return settings;
}

ResultsCluster::ResultsCluster(boost::asio::any_io_executor executor, kube::ClusterConfig config,
                               const config::Settings& settings, stats::Recorder& recorder)
    : client(executor, std::move(config), results_limits(settings), retry_policy_of(settings), recorder),
      store(client, settings.target_namespace, recorder) {}

RunState::RunState(boost::asio::any_io_executor executor, config::Settings given,
                   const kube::Environment& environment)
    : settings(std::move(given)),
      identity(settings.test_id, settings.org_name, settings.num_projects),
      projects(identity, settings.num_projects),
      milo(executor, warned(milo_cluster(settings, environment), journal),
           limits_of(settings, most_in_flight(settings)), retry_policy_of(settings), recorder),
      victoria_metrics(executor, settings.vm_base_url),
      source(source_of(settings)),
      sampler(
          victoria_metrics, metrics::load_sample_queries(source, settings.sample_queries),
          settings.sample_seconds, origin_wall,
          [this](std::string message) { journal.event("victoriametrics", std::move(message)); },
          source.window_seconds) {
    if (auto config = app::results_cluster(environment)) {
        results_cluster =
            std::make_unique<ResultsCluster>(executor, warned(std::move(*config), journal), settings, aside);
    }
}

void RunState::close() {
    milo.close();
    victoria_metrics.close();
    if (results_cluster) results_cluster->client.close();
}

PhaseScope::PhaseScope(RunState& run, std::string name) : run_(run), started_(Clock::now()) {
    log::info("phase {}", name);
    index_ = run_.phases.size();
    run_.progress = {.phase = name, .started = started_};
    run_.phases.push_back(
        {std::move(name), iso8601(WallClock::now()), to_seconds(started_ - run_.origin), std::nullopt});
}

PhaseScope::~PhaseScope() {
    run_.phases[index_].duration_seconds = to_seconds(Clock::now() - started_);
    run_.progress = {};
}

}  // namespace milo_perf::app
