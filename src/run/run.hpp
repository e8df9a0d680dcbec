#pragma once

#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "kube/environment.hpp"
#include "results/model.hpp"
#include "results/thresholds.hpp"

namespace milo_perf::run {

/// What is to be run.
struct RunPlan {
    /// With a test id.
    config::Settings settings;
    std::vector<results::ThresholdRule> thresholds;
    bool show_progress = true;
    /// Continue the interrupted run of this test id, with the snapshots that it took.
    bool resumed = false;
    results::Metrics metrics;
    /// Put the results into the ConfigMap, and keep checkpoints there.
    bool publish = true;
};

/// How a run ended.
struct RunOutcome {
    /// Empty test id: it ended before it began.
    results::Run result;
    ExitCode code = ExitCode::ok;
    /// The ConfigMap has not all of the results: none of them, or a thinned copy.
    bool partly_published = false;
};

/// One whole run, from preflight to published results, in a session of its own. SIGINT and SIGTERM end it
/// early; whatever it has measured is saved. Throws UserError when it could not even begin.
RunOutcome run_once(const RunPlan& plan, const kube::Environment& environment);

}  // namespace milo_perf::run
