#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

namespace milo_perf::app {

/// Waits between two runs, on an event loop of its own. Gives ok, or the exit code of the signal that ended
/// it.
ExitCode pause(Duration time);

}  // namespace milo_perf::app
