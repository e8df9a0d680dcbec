#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "app/run_state.hpp"

namespace milo_perf::app {

/// Saves how far a run has come; called after each step that created something.
using Checkpointer = std::function<boost::asio::awaitable<void>(std::string phase)>;

/// The run itself: baseline, Organization, Projects, stabilize, snapshot, objects, stabilize, snapshot. What
/// fails at single objects stands in tallies and journal; throws UserError for what ends the run.
/// A snapshot that `run.metrics` already has (of the run that is resumed) is not taken again.
boost::asio::awaitable<void> run_phases(RunState& run, Checkpointer checkpoint);

}  // namespace milo_perf::app
