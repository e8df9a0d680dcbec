#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "session/session.hpp"

namespace milo_perf::session {

/// One thing that a run needs, as it was found.
struct Check {
    std::string subject;
    bool ok = false;
    /// What was found, or one sentence on what is wrong and what to do.
    std::string message;
    /// A run does not start without it. Others cost it figures, and it says so.
    bool blocking = true;
    /// Good, and yet worth a word when a run begins.
    bool noteworthy = false;
};

/// What a run needs, and the versions of the servers that answered.
struct Preflight {
    std::vector<Check> checks;
    std::optional<std::string> apiserver_version;
    std::optional<std::string> victoriametrics_version;
};

/// Tests what a run needs without creating anything: the kubeconfig, OUT_DIR, the apiserver, Milo's
/// resources, the rights to them, VictoriaMetrics and its series, SAMPLE_QUERIES, the results ConfigMap.
/// Opens the parts that the session asked for; one that cannot be used is a failed check, and the others are
/// tested.
boost::asio::awaitable<Preflight> preflight(Session& session);

/// Sees that Milo answers and serves its resources, for what needs no more than that.
boost::asio::awaitable<Result<>> require_milo(Session& session);

}  // namespace milo_perf::session
