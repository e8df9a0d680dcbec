#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <span>

#include "results/names.hpp"
#include "run/state.hpp"

/// A run is a list of steps: what is done, under which name, and what is saved when it is done.
namespace milo_perf::run {

struct Step;

/// What a step does. What fails at single objects stands in tallies and journal; throws UserError for what
/// ends the run.
using Action = boost::asio::awaitable<void> (*)(RunState& run, const Step& step);

struct Step {
    results::PhaseName phase;
    Action action;
    /// The snapshot that this step takes or prepares: left out in a resumed run that has it.
    std::optional<results::SnapshotName> snapshot;
    /// How far the run has come with it; from the first one on it has results worth keeping.
    std::optional<results::Milestone> reached;
    /// Left out with RUN_OBJECTS_PHASE=false.
    bool of_objects = false;
};

/// The preflight as the first phase of a run. Throws UserError for what a run does not start without; the
/// rest becomes warnings.
boost::asio::awaitable<void> require_preflight(RunState& run);

/// Does the steps one after another, each as a phase of its own, with a checkpoint at each milestone.
boost::asio::awaitable<void> do_steps(RunState& run, std::span<const Step> steps);

/// The steps of `milo-perf run`.
std::span<const Step> standard_run();

}  // namespace milo_perf::run
