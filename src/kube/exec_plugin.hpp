#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "kube/credentials.hpp"
#include "kube/environment.hpp"

namespace milo_perf::kube {

enum class InteractiveMode { never, if_available, always };

/// A kubeconfig user's `exec`: a program that prints credentials (client.authentication.k8s.io v1, v1beta1).
struct ExecPlugin {
    std::string api_version;
    std::string command;
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;
    InteractiveMode interactive_mode = InteractiveMode::if_available;
    bool provide_cluster_info = false;
    std::string install_hint;
    /// JSON object of `spec.cluster`; empty when provide_cluster_info is false.
    std::string cluster_json;
};

/// Whether the plugin gets standard input; nothing when it needs a terminal and there is none.
std::optional<bool> runs_interactively(InteractiveMode mode, bool stdin_is_terminal);

/// KUBERNETES_EXEC_INFO, the JSON that tells the plugin what is asked for.
std::string exec_info(const ExecPlugin& plugin, bool interactive);

/// Reads the ExecCredential that a plugin printed; `problem` says what is wrong with it.
FetchedCredentials parse_exec_credential(const ExecPlugin& plugin, std::string_view output, WallTime now);

/// Credentials from a plugin, which runs without a shell when they are first needed, shortly before they
/// expire, and after a 401. `environment` is what it inherits.
std::shared_ptr<Credentials> make_exec_credentials(ExecPlugin plugin, Environment environment);

}  // namespace milo_perf::kube
