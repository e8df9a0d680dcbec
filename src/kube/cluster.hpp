#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/endpoint.hpp"
#include "kube/credentials.hpp"
#include "kube/environment.hpp"

namespace milo_perf::kube {

/// Where a cluster's kubeconfig is, and what overrides it.
struct KubeconfigSource {
    /// One file, which must be there, or several (KUBECONFIG), of which some may be missing.
    std::vector<std::filesystem::path> paths;
    /// Empty: the file's current-context.
    std::string context;
    /// Replaces the user's token, basic and exec credentials when not empty (AUTH_BEARER_TOKEN). A secret.
    std::string bearer_token;
    /// For proxies and for what exec plugins inherit.
    Environment environment;
};

/// A cluster ready to be spoken to.
struct ClusterConfig {
    http::Endpoint endpoint;
    /// Never null.
    std::shared_ptr<Credentials> credentials;
    /// The context's namespace, or "default".
    std::string namespace_;
    /// The context's name; "in-cluster" for the service account.
    std::string context;
    /// Sentences to be logged; no secrets.
    std::vector<std::string> warnings;
};

/// Reads kubeconfig files and resolves one context, by kubectl's rules. TLS material is checked. Throws
/// UserError: one sentence naming the file and what to do.
ClusterConfig resolve_cluster(const KubeconfigSource& source);

/// Splits KUBECONFIG's value at ':'; when empty, `$HOME/.kube/config`.
std::vector<std::filesystem::path> kubeconfig_paths(const Environment& environment);

}  // namespace milo_perf::kube
