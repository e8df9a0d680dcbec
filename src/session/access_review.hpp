#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "kube/client.hpp"

namespace milo_perf::session {

/// One right, in the terms of RBAC.
struct Right {
    std::string verb;
    std::string group;
    std::string resource;
    /// Empty: cluster-scoped, or in all namespaces.
    std::string ns;
};

struct Review {
    /// Empty when the server would not say.
    std::optional<bool> allowed;
    /// Why the server would not say, or the reason that it gave.
    std::string message;
};

/// Asks the server whether the caller has a right (SelfSubjectAccessReview, authorization.k8s.io/v1); creates
/// nothing.
boost::asio::awaitable<Review> review_access(kube::Client& client, Right right, stats::SeriesId series);

}  // namespace milo_perf::session
