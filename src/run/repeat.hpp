#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "kube/environment.hpp"
#include "run/run.hpp"

namespace milo_perf::run {

/// Runs a plan `times` times into OUT_DIR/run-01, run-02, …, each with a test id of its own, and removes each
/// run before the next; STABILIZE_SECONDS later the next one begins. Every run is published when it has
/// ended, as a single one is, so that the ConfigMap holds the last, which stays for `cleanup`. A run that
/// fails, or a signal, ends it.
std::vector<RunOutcome> repeat_run(const RunPlan& plan, unsigned times, const kube::Environment& environment);

/// Medians and spread of the runs' figures, as an aligned table.
std::string repeat_summary(const std::vector<RunOutcome>& outcomes);

/// The worst of the runs' exit codes.
ExitCode repeat_code(const std::vector<RunOutcome>& outcomes);

/// The folder of the n-th of several runs within their OUT_DIR, counted from 1: "run-01".
std::string run_folder(std::size_t number);

/// The settings of the n-th of several runs: its own folder, and its own TEST_ID after theirs ("id-01"), if
/// they have one.
config::Settings numbered(config::Settings settings, std::size_t number);

/// Throws UserError when the TEST_ID of the n-th run would be too long: to be asked before the first.
void check_numbered(const config::Settings& settings, std::size_t number);

}  // namespace milo_perf::run
