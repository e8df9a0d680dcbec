#pragma once

#include <string>
#include <vector>

#include "app/run_session.hpp"
#include "base/error.hpp"
#include "kube/environment.hpp"

namespace milo_perf::app {

/// Runs a plan `times` times into OUT_DIR/run-01, run-02, …, each with a test id of its own, and removes each
/// run before the next; STABILIZE_SECONDS later the next one begins. Every run is published when it has
/// ended, as a single one is, so that the ConfigMap holds the last, which stays for `cleanup`. A run that
/// fails, or a signal, ends it.
std::vector<RunOutcome> repeat_run(const RunPlan& plan, unsigned times, const kube::Environment& environment);

/// Medians and spread of the runs' figures, as an aligned table.
std::string repeat_summary(const std::vector<RunOutcome>& outcomes);

/// The worst of the runs' exit codes.
ExitCode repeat_code(const std::vector<RunOutcome>& outcomes);

}  // namespace milo_perf::app
