#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/endpoint.hpp"
#include "kube/cluster.hpp"
#include "kube/kubeconfig.hpp"

namespace milo_perf::kube {

/// Where a kubeconfig's cluster is and how its TLS is verified; reads its CA file. Throws UserError.
/// `client_certificate` tells whether the user has one: then a server without a scheme is an https one.
/// `authorization` gets the user and password that stand in the server's URL, if any, as Authorization.
http::Endpoint make_endpoint(const std::string& name, const KubeconfigCluster& cluster,
                             bool client_certificate, const Environment& environment,
                             std::string& authorization);

/// A user's credentials. When it is not empty, `authorization` is used in place of token, basic and exec
/// ones, which are then not looked at. Throws UserError for contradicting, unsupported or unreadable ones.
std::shared_ptr<Credentials> make_credentials(const std::string& name, const KubeconfigUser& user,
                                              const std::string& authorization, std::string cluster_json,
                                              const Environment& environment);

/// The header fields with which a user acts as another; empty when it does not. Throws UserError for a value
/// that no field may hold.
std::string impersonation_fields(const std::string& name, const KubeconfigUser& user);

/// `spec.cluster` of an ExecCredential for a cluster whose CA is `ca_pem`.
std::string exec_cluster_json(const KubeconfigCluster& cluster, const std::string& ca_pem);

/// A sentence for each thing that is allowed and unwise.
std::vector<std::string> kubeconfig_warnings(const KubeconfigUser& user, bool token_given,
                                             const http::Endpoint& endpoint, const Environment& environment);

}  // namespace milo_perf::kube
