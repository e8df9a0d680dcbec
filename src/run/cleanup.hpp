#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "kube/environment.hpp"

namespace milo_perf::run {

/// Removes everything of the run with these settings' test id, in a session of its own; its place in the
/// results ConfigMap too when it was `published`. Gives ok, or the exit code of the signal that ended it.
/// Throws UserError when something is left.
ExitCode cleanup(const config::Settings& settings, const kube::Environment& environment, bool published);

/// Removes a run and waits, for `rest` or as long as a baseline looks back, so that the next one does not see
/// the cleanup. Gives and throws as cleanup().
ExitCode clear_for_next_run(const config::Settings& settings, const kube::Environment& environment,
                            bool published, Duration rest);

}  // namespace milo_perf::run
