#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "app/run_state.hpp"
#include "results/files.hpp"
#include "results/model.hpp"

namespace milo_perf::app {

/// Writes the files into OUT_DIR; what could not be written is logged.
results::SavedFiles save_files(const RunState& run, const results::Run& result);

/// Puts the results into the ConfigMap, thinned if need be, which `thinned` tells. Gives one sentence when
/// that failed.
boost::asio::awaitable<std::string> publish_configmap(RunState& run, const results::Run& result,
                                                      bool& thinned);

/// Writes the run's own series into VictoriaMetrics (PUSH_METRICS). Gives one sentence when that failed.
boost::asio::awaitable<std::string> push_series(RunState& run, const results::Run& result);

}  // namespace milo_perf::app
