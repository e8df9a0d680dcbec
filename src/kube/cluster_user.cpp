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

/// Checks what a bearer token would stand in for.
void check_credentials(const std::string& name, const KubeconfigUser& user) {
    if (!user.credentials_problem.empty()) throw UserError(user.credentials_problem);
    if (has_token(user) && has_basic(user))
        fail(name, user,
             "has both a token and a username with password, and only one is allowed: remove one of them");
    if (user.auth_provider && !has_token(user) && !has_basic(user))
        fail(
            name, user,
            "has auth-provider, which is not supported: use a token, a client certificate or an exec plugin");
}

/// Whether an exec plugin has to be run: as client-go, only when there is nothing else.
bool needs_plugin(const KubeconfigUser& user) {
    return user.exec && !has_token(user) && !has_basic(user) && !has_certificate(user);
}

std::string authorization_of(const std::string& name, const KubeconfigUser& user) {
    if (!user.token.empty())
        return bearer_authorization(user.token,
                                    fmt::format("user '{}' of the kubeconfig {}", name, user.file.string()));
    if (has_basic(user)) return basic_authorization(user.username, user.password);
    return {};
}

/// `key` as a part of a header field's name; what a name cannot hold, and '%', is percent-encoded.
std::string escaped_field_name(std::string_view key) {
    constexpr std::string_view marks = "!#$&'*+-.^_`|~";
    std::string escaped;
    for (const char c : key) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || marks.find(c) != std::string_view::npos)
            escaped += c;
        else
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return escaped;
}

bool is_loopback(const std::string& host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return host == "localhost" || (!error && address.is_loopback());
}

}  // namespace

std::shared_ptr<Credentials> make_credentials(const std::string& name, const KubeconfigUser& user,
                                              const std::string& authorization, std::string cluster_json,
                                              const Environment& environment) {
    const bool given = !authorization.empty();
    if (!given) check_credentials(name, user);
    // A key alone is of no use, and as client-go does, left alone.
    if (has_certificate(user) && !has_key(user))
        fail(name, user, "has a client-certificate without a client-key: add client-key or client-key-data");
    if (!given && needs_plugin(user)) {
        ExecPlugin plugin = *user.exec;
        if (plugin.provide_cluster_info) plugin.cluster_json = std::move(cluster_json);
        return make_exec_credentials(std::move(plugin), environment);
    }
    CredentialFiles files;
    files.authorization = given ? authorization : authorization_of(name, user);
    if (!given) files.token = user.token_file;
    if (has_certificate(user)) {
        files.client_certificate = user.client_certificate;
        files.client_key = user.client_key;
        files.inline_certificate = {user.client_certificate_pem, user.client_key_pem};
    }
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

std::string impersonation_fields(const std::string& name, const KubeconfigUser& user) {
    std::string fields;
    const auto add = [&](std::string_view field, std::string_view what, const std::string& value) {
        if (!http::is_field_value(value))
            fail(name, user, fmt::format("has {} with a line break or the like: correct it", what));
        fields += fmt::format("{}: {}\r\n", field, value);
    };
    const Impersonation& as = user.impersonation;
    if (as.user.empty()) return fields;
    add("Impersonate-User", "as", as.user);
    if (!as.uid.empty()) add("Impersonate-Uid", "as-uid", as.uid);
    for (const std::string& group : as.groups) add("Impersonate-Group", "as-groups", group);
    for (const auto& [key, values] : as.extra) {
        const std::string field = "Impersonate-Extra-" + escaped_field_name(key);
        for (const std::string& value : values) add(field, "as-user-extra", value);
    }
    return fields;
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
