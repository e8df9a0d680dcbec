#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "results/files.hpp"
#include "results/model.hpp"
#include "run/state.hpp"

namespace milo_perf::run {

/// Writes the files into OUT_DIR; what could not be written is logged.
results::SavedFiles save_files(const RunState& run, const results::Run& result);

/// How much of the results the ConfigMap has.
enum class InConfigMap { all, thinned };

/// Puts the results into the ConfigMap, thinned if need be; `all` where there is no cluster to keep them.
boost::asio::awaitable<Result<InConfigMap>> publish_configmap(RunState& run, const results::Run& result);

/// Writes the run's own series into VictoriaMetrics, if PUSH_METRICS asks for it.
boost::asio::awaitable<Result<>> push_series(RunState& run, const results::Run& result);

}  // namespace milo_perf::run
