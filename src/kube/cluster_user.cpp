#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"
#include "kube/cluster_parts.hpp"
#include "kube/credentials_file.hpp"
#include "kube/tls_material.hpp"

namespace milo_perf::kube {
namespace {

bool has_token(const KubeconfigUser& user) {
    return !user.token.empty() || !user.token_file.empty();
}
bool has_basic(const KubeconfigUser& user) {
    return !user.username.empty() || !user.password.empty();
}
bool has_certificate(const KubeconfigUser& user) {
    return !user.client_certificate.empty() || !user.client_certificate_pem.empty();
}
bool has_key(const KubeconfigUser& user) {
    return !user.client_key.empty() || !user.client_key_pem.empty();
}

[[noreturn]] void fail(const std::string& name, const KubeconfigUser& user, std::string_view problem) {
    throw UserError(fmt::format("The user '{}' in the kubeconfig {} {}.", name, user.file.string(), problem));
}

void check(const std::string& name, const KubeconfigUser& user) {
    if (!user.unsupported.empty())
        fail(
            name, user,
            fmt::format("has {}, which is not supported: use a token, a client certificate or an exec plugin",
                        user.unsupported.front()));
    if (has_token(user) && has_basic(user))
        fail(name, user,
             "has both a token and a username with password, and only one is allowed: remove one of them");
    if (has_certificate(user) != has_key(user))
        fail(name, user,
             has_key(user)
                 ? "has a client-key without a client-certificate: add client-certificate or "
                   "client-certificate-data"
                 : "has a client-certificate without a client-key: add client-key or client-key-data");
}

std::string authorization_of(const std::string& name, const KubeconfigUser& user,
                             const std::string& bearer_token) {
    if (!bearer_token.empty()) return bearer_authorization(bearer_token, "AUTH_BEARER_TOKEN");
    if (!user.token.empty())
        return bearer_authorization(user.token,
                                    fmt::format("user '{}' of the kubeconfig {}", name, user.file.string()));
    if (has_basic(user)) return basic_authorization(user.username, user.password);
    return {};
}

bool is_loopback(const std::string& host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return host == "localhost" || (!error && address.is_loopback());
}

}  // namespace

std::shared_ptr<Credentials> make_credentials(const std::string& name, const KubeconfigUser& user,
                                              const std::string& bearer_token, std::string cluster_json,
                                              const Environment& environment) {
    check(name, user);
    // As client-go: a plugin is run only when there is nothing else.
    const bool other = !bearer_token.empty() || has_token(user) || has_basic(user) || has_certificate(user);
    if (user.exec && !other) {
        ExecPlugin plugin = *user.exec;
        if (plugin.provide_cluster_info) plugin.cluster_json = std::move(cluster_json);
        return make_exec_credentials(std::move(plugin), environment);
    }
    CredentialFiles files;
    files.authorization = authorization_of(name, user, bearer_token);
    if (bearer_token.empty()) files.token = user.token_file;
    files.client_certificate = user.client_certificate;
    files.client_key = user.client_key;
    files.inline_certificate = {user.client_certificate_pem, user.client_key_pem};
    if (!files.token.empty() || !files.client_certificate.empty() || !files.client_key.empty())
        return make_file_credentials(std::move(files));
    if (has_certificate(user)) {
        const auto problem =
            client_certificate_problem(user.client_certificate_pem, user.client_key_pem, WallClock::now());
        if (problem)
            fail(name, user,
                 fmt::format("has client-certificate-data and client-key-data that cannot be used, for {}: "
                             "get a new kubeconfig or correct them",
                             *problem));
    }
    return make_static_credentials(std::move(files.authorization), std::move(files.inline_certificate));
}

std::vector<std::string> kubeconfig_warnings(const KubeconfigUser& user, bool token_given,
                                             const http::Endpoint& endpoint, const Environment& environment) {
    std::vector<std::string> warnings;
    struct stat status {};
    // The group of a file in a pod's volume is the pod's own.
    const bool in_pod = environment.contains("KUBERNETES_SERVICE_HOST");
    const mode_t loose = in_pod ? S_IRWXO : S_IRWXG | S_IRWXO;
    if (user.holds_secrets() && stat(user.file.c_str(), &status) == 0 && (status.st_mode & loose) != 0)
        warnings.push_back(
            fmt::format("The kubeconfig {} holds secrets and others than its owner can read it "
                        "(mode {:04o}): run chmod 600 on it.",
                        user.file.string(), status.st_mode & 07777));
    const bool sends_secret = token_given || has_token(user) || has_basic(user) || user.exec;
    if (sends_secret && !endpoint.tls && !is_loopback(endpoint.host))
        warnings.push_back(
            fmt::format("The {} {} go unencrypted to http://{}:{}: use an https server.",
                        token_given ? "credentials of AUTH_BEARER_TOKEN for" : "credentials of",
                        "the kubeconfig " + user.file.string(), endpoint.host, endpoint.port));
    return warnings;
}

}  // namespace milo_perf::kube
