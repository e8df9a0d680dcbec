#include "session/clusters.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "config/values.hpp"
#include "kube/in_cluster.hpp"

namespace milo_perf::session {
namespace {
/// Files beside the connections: standard streams, results, epoll, VictoriaMetrics, the results cluster.
constexpr std::size_t other_descriptors = 64;
}  // namespace

kube::ClusterConfig milo_config(const config::Settings& settings, const kube::Environment& environment) {
    kube::KubeconfigSource source;
    source.paths = {settings.milo_kubeconfig_path};
    source.context = settings.context;
    source.bearer_token = settings.auth_bearer_token;
    source.environment = environment;
    return kube::resolve_cluster(source);
}

std::optional<kube::ClusterConfig> results_config(const kube::Environment& environment) {
    if (kube::in_cluster_available(environment)) return kube::in_cluster_config(environment);
    if (kube::variable(environment, "KUBECONFIG").empty()) return std::nullopt;
    kube::KubeconfigSource source;
    source.paths = kube::kubeconfig_paths(environment);
    source.environment = environment;
    return kube::resolve_cluster(source);
}

metrics::Source source_of(const config::Settings& settings) {
    return {settings.milo_namespace, settings.apiserver_pod_regex, settings.etcd_pod_regex,
            settings.measure_window, settings.measure_window_seconds};
}

metrics::ServerOptions server_of(const config::Settings& settings, const kube::Environment& environment) {
    return {.base_url = settings.vm_base_url,
            .header_fields = config::parse_headers(settings.vm_headers).value_or(""),
            .ca_file = settings.vm_ca_file,
            .bearer_token_file = settings.vm_bearer_token_file,
            .environment = environment};
}

http::Limits limits_of(const config::Settings& settings, std::size_t in_flight) {
    http::Limits limits;
    // One more for the watch, one for whatever else the run asks meanwhile.
    limits.max_connections = in_flight + 2;
    limits.connect_timeout = from_seconds(settings.connect_timeout_seconds);
    limits.request_timeout = from_seconds(settings.request_timeout_seconds);
    return limits;
}

kube::RetryPolicy retry_policy_of(const config::Settings& settings) {
    kube::RetryPolicy policy;
    policy.max_attempts = settings.retry_max_attempts;
    return policy;
}

std::size_t most_in_flight(const config::Settings& settings) {
    std::size_t most =
        settings.project_qps > 0 ? settings.max_in_flight : settings.project_create_concurrency;
    if (!settings.run_objects_phase) return most;
    const std::size_t objects =
        settings.open_loop()
            ? settings.max_in_flight
            : static_cast<std::size_t>(settings.project_concurrency) * settings.object_concurrency;
    return std::max(most, objects);
}

namespace {

/// Ports that connections may leave from; 0 when the system does not say.
std::size_t local_ports() {
    std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
    std::size_t first = 0;
    std::size_t last = 0;
    return file >> first >> last && last >= first ? last - first + 1 : 0;
}

Result<> ensure_ports(std::size_t connections) {
    const std::size_t ports = local_ports();
    if (ports == 0 || connections <= ports) return {};
    return Error(ErrorCategory::input,
                 fmt::format("{} requests in flight need as many local ports and the system has {}: widen "
                             "net.ipv4.ip_local_port_range with sysctl, or lower PROJECT_CONCURRENCY, "
                             "OBJECT_CONCURRENCY, PROJECT_CREATE_CONCURRENCY or MAX_IN_FLIGHT.",
                             connections, ports));
}

Result<> ensure_descriptors(std::size_t connections) {
    const rlim_t needed = connections + other_descriptors;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return {};
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed) {
        return Error(
            ErrorCategory::input,
            fmt::format("{} requests in flight need {} open files and the limit is {}: raise it with "
                        "ulimit -n {}, or lower PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, "
                        "PROJECT_CREATE_CONCURRENCY or MAX_IN_FLIGHT.",
                        connections, needed, limit.rlim_max, needed));
    }
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? needed : limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
    return Error(ErrorCategory::input,
                 fmt::format("The limit of open files could not be raised to {}: raise it with ulimit -n {}.",
                             needed, needed));
}

}  // namespace

Result<> ensure_limits(std::size_t connections) {
    if (const Result<> ports = ensure_ports(connections); !ports) return ports;
    return ensure_descriptors(connections);
}

}  // namespace milo_perf::session
