#pragma once

#include <filesystem>

#include "kube/cluster.hpp"

namespace milo_perf::kube {

/// The folder in which a pod finds its service account.
inline constexpr const char* service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";

/// True inside a pod with a service account: KUBERNETES_SERVICE_HOST and _PORT are set and the token is
/// there.
bool in_cluster_available(const Environment& environment,
                          const std::filesystem::path& folder = service_account_folder);

/// The cluster this pod runs in, with its service account; the token is read again as it rotates. Throws
/// UserError when that cannot be had.
ClusterConfig in_cluster_config(const Environment& environment,
                                const std::filesystem::path& folder = service_account_folder);

}  // namespace milo_perf::kube
