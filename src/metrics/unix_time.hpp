#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace milo_perf::metrics {

/// Seconds since 1970 (UTC), as the Prometheus query API takes and gives times.
inline double unix_seconds(WallTime at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
}

/// The inverse.
inline WallTime wall_time(double unix_seconds) {
    return WallTime(
        std::chrono::duration_cast<WallTime::duration>(std::chrono::duration<double>(unix_seconds)));
}

}  // namespace milo_perf::metrics
