#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <optional>

#include "config/settings.hpp"
#include "http/endpoint.hpp"
#include "kube/cluster.hpp"
#include "kube/environment.hpp"
#include "kube/retry.hpp"

namespace milo_perf::app {

/// Milo's API server, by MILO_KUBECONFIG_PATH, CONTEXT and AUTH_BEARER_TOKEN. Throws UserError.
kube::ClusterConfig milo_cluster(const config::Settings& settings, const kube::Environment& environment);

/// Where the results ConfigMap is kept: the cluster of this pod, else KUBECONFIG's. Empty when there is
/// neither: the files are then all there is. Throws UserError for one that is there and cannot be used.
std::optional<kube::ClusterConfig> results_cluster(const kube::Environment& environment);

/// Limits of a client that has at most `in_flight` requests at a time.
http::Limits limits_of(const config::Settings& settings, std::size_t in_flight);

kube::RetryPolicy retry_policy_of(const config::Settings& settings);

/// The most requests that a run has in flight at a time.
std::size_t most_in_flight(const config::Settings& settings);

/// Raises the limit of open files so that `connections` fit. Throws UserError with how to raise it when the
/// hard limit is too low, and when the system has fewer local ports than that.
void ensure_limits(std::size_t connections);

}  // namespace milo_perf::app
