
#include <sys/utsname.h>

#include <thread>

#include "base/process_usage.hpp"
#include "base/time_text.hpp"
#include "results/from_stats.hpp"
#include "run/state.hpp"

namespace milo_perf::run {
namespace {

results::Environment environment_of(const RunState& run) {
    results::Environment environment;
    environment.milo_perf_version = MILO_PERF_VERSION;
    environment.compiler = "g++ " __VERSION__;
    utsname system{};
    if (::uname(&system) == 0) {
        environment.host = system.nodename;
        environment.kernel = std::string(system.sysname) + " " + system.release;
    }
    environment.cpus = std::thread::hardware_concurrency();
    environment.apiserver_version = run.apiserver_version;
    environment.victoriametrics_version = run.victoriametrics_version;
    return environment;
}

results::Client client_of(const RunState& run) {
    results::Client client;
    const http::ClientCounters counters = run.session.milo().counters();
    client.cpu_seconds = to_seconds(process_cpu_time() - run.session.cpu_before);
    client.peak_memory_bytes = peak_memory_bytes();
    client.peak_connections = counters.peak_connections;
    client.connections_opened = counters.connections_opened;
    client.tls_sessions_resumed = counters.tls_sessions_resumed;
    results::fill_client(client, run.monitor, run.session.recorder);
    return client;
}

}  // namespace

results::Run collect(const RunState& run, const Ending& ending) {
    const config::Settings& settings = run.settings();
    results::Run result;
    result.test_id = run.session.identity.test_id();
    result.timestamp = iso8601(run.session.origin_wall);
    result.org_name = run.session.identity.org_name();
    result.num_projects = settings.num_projects;
    result.num_secrets_per_project = settings.num_secrets_per_project;
    result.num_configmaps_per_project = settings.num_configmaps_per_project;
    result.projects_ready_seconds = run.projects.all_ready_seconds();
    result.metrics = run.metrics;
    result.outcome = ending.outcome;
    if (!ending.reason.empty()) result.reason = ending.reason;
    result.finished_at = iso8601(WallClock::now());
    result.duration_seconds = to_seconds(Clock::now() - run.session.origin);
    result.load_model = settings.load_model();
    result.settings = config::describe(settings);
    result.environment = environment_of(run);
    result.phases = run.phases;
    result.objects = run.session.tallies.all();
    result.requests = results::request_series(run.session.recorder);
    result.timeline = results::timeline(run.session.recorder.timeline());
    result.readiness =
        run.projects.readiness(settings.ready_slo_seconds, run.session.origin, run.session.origin_wall);
    result.projects = run.projects.to_results(run.session.origin, run.session.origin_wall);
    if (run.sampler) result.samples = run.sampler->series();
    result.client = client_of(run);
    result.warnings = run.session.journal.warnings();
    for (std::string& lacking : results::snapshot_warnings(run.metrics)) {
        result.warnings.push_back(std::move(lacking));
    }
    if (const auto limited = results::client_warning(result.client)) result.warnings.push_back(*limited);
    result.events = run.session.journal.events();
    return result;
}

}  // namespace milo_perf::run
