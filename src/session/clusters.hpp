#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <optional>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "http/endpoint.hpp"
#include "kube/cluster.hpp"
#include "kube/environment.hpp"
#include "kube/retry.hpp"
#include "metrics/client.hpp"
#include "metrics/queries.hpp"

namespace milo_perf::session {

/// Milo's API server, by MILO_KUBECONFIG_PATH, CONTEXT and AUTH_BEARER_TOKEN. Throws UserError.
kube::ClusterConfig milo_config(const config::Settings& settings, const kube::Environment& environment);

/// Where the results ConfigMap is kept: the cluster of this pod, else KUBECONFIG's. Empty when there is
/// neither: the files are then all there is. Throws UserError for one that is there and cannot be used.
std::optional<kube::ClusterConfig> results_config(const kube::Environment& environment);

/// What the figures are measured of, and where VictoriaMetrics is.
metrics::Source source_of(const config::Settings& settings);
metrics::ServerOptions server_of(const config::Settings& settings, const kube::Environment& environment);

/// Limits of a client that has at most `in_flight` requests at a time.
http::Limits limits_of(const config::Settings& settings, std::size_t in_flight);

kube::RetryPolicy retry_policy_of(const config::Settings& settings);

/// The most requests that a run has in flight at a time.
std::size_t most_in_flight(const config::Settings& settings);

/// Raises the limit of open files so that `connections` fit. Fails, with how to raise it, when the hard limit
/// is too low, and when the system has fewer local ports than that.
Result<> ensure_limits(std::size_t connections);

}  // namespace milo_perf::session
