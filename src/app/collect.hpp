#pragma once

#include <string>

#include "app/run_state.hpp"
#include "results/model.hpp"

namespace milo_perf::app {

/// How a run ended.
struct Ending {
    /// `completed`, `failed` or `interrupted`.
    std::string outcome;
    /// One sentence; empty when completed.
    std::string reason;
};

/// The results of a run as far as it has come.
results::Run collect(const RunState& run, const Ending& ending);

}  // namespace milo_perf::app
