#pragma once

#include <chrono>

namespace milo_perf {

/// The clock of every latency and deadline: monotonic, nanoseconds.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::nanoseconds;

/// The clock of time stamps that people and other machines read (UTC).
using WallClock = std::chrono::system_clock;
using WallTime = WallClock::time_point;

/// A duration in seconds, as results and reports carry it.
constexpr double to_seconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}

/// Seconds as a duration; the inverse of to_seconds.
constexpr Duration from_seconds(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace milo_perf
