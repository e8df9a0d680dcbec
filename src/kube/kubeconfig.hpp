#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/exec_plugin.hpp"

namespace milo_perf::kube {

/// An entry of `clusters`. Paths are absolute or relative to the current folder, as Kubeconfig is.
struct KubeconfigCluster {
    std::string server;
    std::string tls_server_name;
    bool insecure_skip_tls_verify = false;
    std::filesystem::path certificate_authority;
    /// PEM, decoded from certificate-authority-data.
    std::string certificate_authority_pem;
    std::string proxy_url;
    /// JSON of the extension `client.authentication.k8s.io/exec`; empty when there is none.
    std::string exec_config_json;
    /// The file it stands in.
    std::filesystem::path file;
    /// A sentence on why the entry cannot be used, for who uses it; empty when it can.
    std::string problem;
};

/// Whom a user acts as (`as`, `as-uid`, `as-groups`, `as-user-extra`).
struct Impersonation {
    std::string user;
    std::string uid;
    std::vector<std::string> groups;
    std::map<std::string, std::vector<std::string>> extra;

    bool empty() const { return user.empty() && uid.empty() && groups.empty() && extra.empty(); }
};

/// An entry of `users`.
struct KubeconfigUser {
    std::filesystem::path client_certificate;
    std::filesystem::path client_key;
    /// PEM, decoded from client-certificate-data and client-key-data.
    std::string client_certificate_pem;
    std::string client_key_pem;
    std::string token;
    std::filesystem::path token_file;
    std::string username;
    std::string password;
    std::optional<ExecPlugin> exec;
    /// True when there is an `auth-provider`, which this program does not support.
    bool auth_provider = false;
    Impersonation impersonation;
    std::filesystem::path file;
    /// As the cluster's.
    std::string problem;
    /// The same for what a bearer token stands in for: token, password, plugin.
    std::string credentials_problem;

    /// True when a secret stands in the file itself.
    bool holds_secrets() const { return !token.empty() || !password.empty() || !client_key_pem.empty(); }
};

/// An entry of `contexts`.
struct KubeconfigContext {
    std::string cluster;
    std::string user;
    std::string namespace_;
    std::filesystem::path file;
    std::string problem;
};

/// One kubeconfig file (`v1` `Config`), or several merged ones.
struct Kubeconfig {
    std::string current_context;
    std::map<std::string, KubeconfigCluster, std::less<>> clusters;
    std::map<std::string, KubeconfigUser, std::less<>> users;
    std::map<std::string, KubeconfigContext, std::less<>> contexts;
};

/// Largest file that is read, in bytes.
inline constexpr std::size_t max_kubeconfig_bytes = 4 * 1024 * 1024;

/// Parses a kubeconfig, YAML or JSON; relative paths in it are taken from the folder of `file_name`. An entry
/// that cannot be used keeps its problem, and does not stand in the way of others. Throws UserError, and
/// nothing else, for text that is no kubeconfig.
Kubeconfig parse_kubeconfig(std::string_view yaml, std::string_view file_name);

/// Adds what `later` has and `config` has not, as kubectl merges: the first to set an entry wins.
void merge_kubeconfig(Kubeconfig& config, Kubeconfig later);

/// Reads and merges files. A single one must be there; of several, one. Throws UserError otherwise.
Kubeconfig read_kubeconfig(const std::vector<std::filesystem::path>& paths);

}  // namespace milo_perf::kube
