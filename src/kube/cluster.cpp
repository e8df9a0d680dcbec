#include "kube/cluster.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "kube/cluster_parts.hpp"
#include "kube/kubeconfig.hpp"

namespace milo_perf::kube {
namespace {

std::string names_of(const std::vector<std::filesystem::path>& paths) {
    std::string names;
    for (const auto& path : paths) names += (names.empty() ? "" : ", ") + path.string();
    return names;
}

template <class Map>
std::string keys_of(const Map& map) {
    std::string keys;
    for (const auto& [key, value] : map) keys += fmt::format("{}'{}'", keys.empty() ? "" : ", ", key);
    return keys.empty() ? "none" : keys;
}

const KubeconfigContext& context_of(const Kubeconfig& config, const std::string& name,
                                    const KubeconfigSource& source) {
    if (name.empty())
        throw UserError(
            fmt::format("The kubeconfig {} has no current-context and no context was named: name one of "
                        "its contexts ({}).",
                        names_of(source.paths), keys_of(config.contexts)));
    const auto found = config.contexts.find(name);
    if (found == config.contexts.end())
        throw UserError(fmt::format("The kubeconfig {} has no context '{}': name one that it has ({}).",
                                    names_of(source.paths), name, keys_of(config.contexts)));
    if (!found->second.problem.empty()) throw UserError(found->second.problem);
    return found->second;
}

const KubeconfigCluster& cluster_of(const Kubeconfig& config, const KubeconfigContext& context,
                                    const std::string& name) {
    const auto found = config.clusters.find(context.cluster);
    if (context.cluster.empty() || found == config.clusters.end())
        throw UserError(
            fmt::format("The context '{}' of the kubeconfig {} names the cluster '{}', which does not exist: "
                        "name one that exists ({}).",
                        name, context.file.string(), context.cluster, keys_of(config.clusters)));
    if (!found->second.problem.empty()) throw UserError(found->second.problem);
    return found->second;
}

KubeconfigUser user_of(const Kubeconfig& config, const KubeconfigContext& context, const std::string& name,
                       bool token_given) {
    const auto found = config.users.find(context.user);
    if (found == config.users.end() && (context.user.empty() || token_given)) {
        KubeconfigUser anonymous;
        anonymous.file = context.file;
        return anonymous;
    }
    if (found == config.users.end())
        throw UserError(
            fmt::format("The context '{}' of the kubeconfig {} names the user '{}', which does not exist: "
                        "name one that exists ({}).",
                        name, context.file.string(), context.user, keys_of(config.users)));
    if (!found->second.problem.empty()) throw UserError(found->second.problem);
    return found->second;
}

}  // namespace

std::vector<std::filesystem::path> kubeconfig_paths(const Environment& environment) {
    std::vector<std::filesystem::path> paths;
    std::string_view rest = variable(environment, "KUBECONFIG");
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const std::string_view path = rest.substr(0, colon);
        if (!path.empty()) paths.emplace_back(path);
        rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
    const std::string_view home = variable(environment, "HOME");
    if (paths.empty() && !home.empty()) paths.push_back(std::filesystem::path(home) / ".kube" / "config");
    return paths;
}

ClusterConfig resolve_cluster(const KubeconfigSource& source) {
    const Kubeconfig config = read_kubeconfig(source.paths);
    ClusterConfig resolved;
    resolved.context = source.context.empty() ? config.current_context : source.context;
    const KubeconfigContext& context = context_of(config, resolved.context, source);
    const KubeconfigCluster& cluster = cluster_of(config, context, resolved.context);
    const KubeconfigUser user = user_of(config, context, resolved.context, !source.bearer_token.empty());
    resolved.namespace_ = context.namespace_.empty() ? std::string("default") : context.namespace_;
    const bool certificate = !user.client_certificate.empty() || !user.client_certificate_pem.empty();
    std::string authorization;
    resolved.endpoint =
        make_endpoint(context.cluster, cluster, certificate, source.environment, authorization);
    if (!source.bearer_token.empty())
        authorization = bearer_authorization(source.bearer_token, "AUTH_BEARER_TOKEN");
    resolved.endpoint.header_fields = impersonation_fields(context.user, user);
    http::TlsOptions& tls = resolved.endpoint.tls_options;
    resolved.credentials = make_credentials(context.user, user, authorization,
                                            exec_cluster_json(cluster, tls.ca_pem), source.environment);
    tls.client_certificate_pem = resolved.credentials->client_certificate().certificate_pem;
    tls.client_key_pem = resolved.credentials->client_certificate().key_pem;
    resolved.warnings =
        kubeconfig_warnings(user, !source.bearer_token.empty(), resolved.endpoint, source.environment);
    return resolved;
}

}  // namespace milo_perf::kube
