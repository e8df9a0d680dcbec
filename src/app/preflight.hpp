#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "app/run_state.hpp"

namespace milo_perf::app {

/// One thing that a run needs, as it was found.
struct Check {
    std::string subject;
    bool ok = false;
    /// What was found, or one sentence on what is wrong and what to do.
    std::string message;
    /// A run does not start without it. Others cost it figures, and it says so.
    bool blocking = true;
};

/// Tests what a run needs without creating anything: the apiserver, Milo's resources, the rights to them,
/// VictoriaMetrics and its series, OUT_DIR, the results ConfigMap. Notes the servers' versions.
boost::asio::awaitable<std::vector<Check>> preflight(RunState& run);

/// Does the same as the first phase of a run. Throws UserError for what a run does not start without; the
/// rest becomes warnings.
boost::asio::awaitable<void> require_preflight(RunState& run);

/// Sees that Milo answers and serves its resources, for what needs no more than that. Throws UserError.
boost::asio::awaitable<void> require_milo(RunState& run);

}  // namespace milo_perf::app
