#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "app/run_state.hpp"
#include "results/files.hpp"

/// What is kept of a run while it goes on, in OUT_DIR and in the results ConfigMap, so that it can be cleaned
/// up or resumed whatever happens to this process. In the ConfigMap each run that is not cleaned up has a key
/// of its own, `run.<test_id>`; `test_id`, `org_name` and `phase` are those of the newest.
namespace milo_perf::app {

/// Saves how far the run has come, in both places. What cannot be written is warned of once.
boost::asio::awaitable<void> save_checkpoint(RunState& run, std::string phase);

/// Settings and results of a run that is known from before: the one of `test_id`, or the newest when that is
/// empty. OUT_DIR is looked at first, then, on an event loop of its own, the ConfigMap. Empty when there is
/// none.
std::optional<results::Checkpoint> find_checkpoint(const config::Settings& settings,
                                                   const kube::Environment& environment,
                                                   const std::string& test_id);

/// Takes a run that was cleaned up out of both places; the ConfigMap goes when no other run needs it. Gives
/// one sentence when that failed.
boost::asio::awaitable<std::string> forget_run(RunState& run);

}  // namespace milo_perf::app
