#pragma once

#include "base/error.hpp"
#include "kube/environment.hpp"
#include "results/sweep_model.hpp"
#include "sweep/plan.hpp"

namespace milo_perf::sweep {

/// How a sweep ended.
struct SweepOutcome {
    /// Empty test id: it ended before it began.
    results::Sweep sweep;
    ExitCode code = ExitCode::ok;
};

/// A sweep of load: one Organization and its Projects are made, then each step holds a load on them, and its
/// objects are deleted. At the end, or when the server fails, everything is removed. An interrupt ends it as
/// it ends a run: what was measured is kept, and what was created stays for `cleanup`. Throws UserError when
/// it could not even begin.
SweepOutcome load_sweep(const SweepPlan& plan, const kube::Environment& environment);

/// A sweep over NUM_PROJECTS: every step is a run of its own without objects, removed after it.
SweepOutcome projects_sweep(const SweepPlan& plan, const kube::Environment& environment);

/// What both begin with.
results::Sweep begin_sweep(const SweepPlan& plan);

}  // namespace milo_perf::sweep
