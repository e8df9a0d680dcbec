#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "kube/cluster_parts.hpp"
#include "kube/proxy.hpp"
#include "kube/server_url.hpp"
#include "kube/text_file.hpp"
#include "kube/tls_material.hpp"

namespace milo_perf::kube {
namespace {

constexpr std::size_t max_ca_bytes = 4 * 1024 * 1024;

bool has_ca(const KubeconfigCluster& cluster) {
    return !cluster.certificate_authority.empty() || !cluster.certificate_authority_pem.empty();
}

ServerUrl server_of(const std::string& name, const KubeconfigCluster& cluster, bool client_certificate) {
    if (cluster.server.empty())
        throw UserError(fmt::format("The cluster '{}' in the kubeconfig {} has no server: add its URL there.",
                                    name, cluster.file.string()));
    std::string text = cluster.server;
    // As client-go completes a server without a scheme.
    const bool tls = has_ca(cluster) || client_certificate || cluster.insecure_skip_tls_verify;
    if (text.find("://") == std::string::npos) text.insert(0, tls ? "https://" : "http://");
    ParsedServerUrl parsed = parse_server_url(text);
    if (!parsed.url)
        throw UserError(
            fmt::format("The server of cluster '{}' in the kubeconfig {} cannot be used, for {}: put a URL "
                        "such as https://host:6443 there.",
                        name, cluster.file.string(), parsed.problem));
    return std::move(*parsed.url);
}

std::string read_ca(const std::string& name, const KubeconfigCluster& cluster) {
    std::string pem = cluster.certificate_authority_pem;
    std::string place = "certificate-authority-data";
    if (!cluster.certificate_authority.empty()) {
        place = fmt::format("certificate-authority {}", cluster.certificate_authority.string());
        TextFile file = read_text_file(cluster.certificate_authority, max_ca_bytes);
        if (!file.problem.empty())
            throw UserError(
                fmt::format("The {} of cluster '{}' in the kubeconfig {} cannot be read ({}): correct the "
                            "path or put the file there.",
                            place, name, cluster.file.string(), file.problem));
        pem = std::move(file.text);
    }
    if (const auto problem = ca_problem(pem))
        throw UserError(
            fmt::format("The {} of cluster '{}' in the kubeconfig {} cannot be used, for {}: put the "
                        "server's CA certificates there as PEM.",
                        place, name, cluster.file.string(), *problem));
    return pem;
}

}  // namespace

http::Endpoint make_endpoint(const std::string& name, const KubeconfigCluster& cluster,
                             bool client_certificate, const Environment& environment,
                             std::string& authorization) {
    // As client-go: a query and a fragment are dropped, and user and password are Basic credentials.
    ServerUrl server = server_of(name, cluster, client_certificate);
    if (server.has_user) authorization = basic_authorization(server.user, server.password);
    http::Endpoint endpoint;
    endpoint.host = std::move(server.host);
    endpoint.port = server.port;
    endpoint.tls = server.tls;
    endpoint.path_prefix = std::move(server.path);
    endpoint.tls_options.verify = !cluster.insecure_skip_tls_verify;
    endpoint.tls_options.server_name = cluster.tls_server_name;
    if (endpoint.tls && has_ca(cluster) && cluster.insecure_skip_tls_verify)
        throw UserError(
            fmt::format("The cluster '{}' in the kubeconfig {} has both a certificate-authority and "
                        "insecure-skip-tls-verify, and specifying a root certificates file with the "
                        "insecure flag is not allowed: remove one of them.",
                        name, cluster.file.string()));
    if (endpoint.tls && has_ca(cluster)) endpoint.tls_options.ca_pem = read_ca(name, cluster);
    endpoint.proxy =
        cluster.proxy_url.empty()
            ? proxy_from_environment(environment, endpoint.host, endpoint.port, endpoint.tls)
            : parse_proxy_url(cluster.proxy_url, fmt::format("proxy-url of cluster '{}' in the kubeconfig {}",
                                                             name, cluster.file.string()));
    return endpoint;
}

std::string exec_cluster_json(const KubeconfigCluster& cluster, const std::string& ca_pem) {
    boost::json::object object;
    object["server"] = cluster.server;
    if (!cluster.tls_server_name.empty()) object["tls-server-name"] = cluster.tls_server_name;
    if (cluster.insecure_skip_tls_verify) object["insecure-skip-tls-verify"] = true;
    if (!ca_pem.empty()) object["certificate-authority-data"] = encode_base64(ca_pem);
    if (!cluster.proxy_url.empty()) object["proxy-url"] = cluster.proxy_url;
    if (!cluster.exec_config_json.empty()) object["config"] = boost::json::parse(cluster.exec_config_json);
    return boost::json::serialize(object);
}

}  // namespace milo_perf::kube
