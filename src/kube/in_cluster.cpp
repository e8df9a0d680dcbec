#include "kube/in_cluster.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/error.hpp"
#include "kube/credentials_file.hpp"
#include "kube/name.hpp"
#include "kube/proxy.hpp"
#include "kube/text_file.hpp"
#include "kube/tls_material.hpp"

namespace milo_perf::kube {
namespace {

constexpr std::size_t max_bytes = 4 * 1024 * 1024;

std::uint16_t service_port(const Environment& environment) {
    const std::string_view text = variable(environment, "KUBERNETES_SERVICE_PORT");
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        throw UserError(
            "KUBERNETES_SERVICE_PORT is no port between 1 and 65535: run in a pod, or name a kubeconfig.");
    return port;
}

std::string read_file(const std::filesystem::path& path) {
    TextFile file = read_text_file(path, max_bytes);
    if (!file.problem.empty())
        throw UserError(
            fmt::format("The service account's file {} cannot be read ({}): set "
                        "automountServiceAccountToken for the pod, or name a kubeconfig.",
                        path.string(), file.problem));
    return std::move(file.text);
}

}  // namespace

bool in_cluster_available(const Environment& environment, const std::filesystem::path& folder) {
    std::error_code error;
    return !variable(environment, "KUBERNETES_SERVICE_HOST").empty() &&
           !variable(environment, "KUBERNETES_SERVICE_PORT").empty() &&
           std::filesystem::exists(folder / "token", error);
}

ClusterConfig in_cluster_config(const Environment& environment, const std::filesystem::path& folder) {
    ClusterConfig config;
    config.context = "in-cluster";
    std::string_view host = variable(environment, "KUBERNETES_SERVICE_HOST");
    if (host.empty())
        throw UserError(
            "KUBERNETES_SERVICE_HOST is not set, so this is no pod: run in a pod, or name a kubeconfig.");
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    http::Endpoint& endpoint = config.endpoint;
    endpoint.host = host;
    endpoint.port = service_port(environment);
    endpoint.tls = true;
    endpoint.tls_options.ca_pem = read_file(folder / "ca.crt");
    if (const auto problem = ca_problem(endpoint.tls_options.ca_pem))
        throw UserError(
            fmt::format("The service account's file {} cannot be used, for {}: recreate the pod, or name a "
                        "kubeconfig.",
                        (folder / "ca.crt").string(), *problem));
    endpoint.proxy = proxy_from_environment(environment, endpoint.host, endpoint.port, true);
    config.namespace_ = trimmed(read_file(folder / "namespace"));
    if (const auto problem = label_problem(config.namespace_))
        throw UserError(
            fmt::format("The service account's file {} holds no namespace's name, for {}: recreate the pod, "
                        "or name a kubeconfig.",
                        (folder / "namespace").string(), *problem));
    read_file(folder / "token");
    CredentialFiles files;
    files.token = folder / "token";
    config.credentials = make_file_credentials(std::move(files));
    return config;
}

}  // namespace milo_perf::kube
