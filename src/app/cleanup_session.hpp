#pragma once

#include "base/error.hpp"
#include "config/settings.hpp"
#include "kube/environment.hpp"

namespace milo_perf::app {

/// Removes everything of the run with these settings' test id, on an event loop of its own. Gives ok, or the
/// exit code of the signal that ended it. Throws UserError when something is left.
ExitCode cleanup_session(const config::Settings& settings, const kube::Environment& environment);

}  // namespace milo_perf::app
