#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "kube/client.hpp"
#include "stats/recorder.hpp"
#include "workload/identity.hpp"
#include "workload/journal.hpp"
#include "workload/tally.hpp"

namespace milo_perf::workload {

/// What every step of a run works with; all of it outlives the steps.
struct Context {
    const config::Settings& settings;
    const Identity& identity;
    kube::Client& milo;
    stats::Recorder& recorder;
    Journal& journal;
    Tallies& tallies;
    /// Start of the run, by both clocks.
    TimePoint origin;
    WallTime origin_wall;
    /// Whether the run continues an interrupted one.
    bool resumed = false;

    double offset(TimePoint at) const { return to_seconds(at - origin); }
};

}  // namespace milo_perf::workload
