#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::stats {

/// Judges from readings passed in whether the client itself was the bottleneck.
///
/// An interval is saturated when the one thread used 90 % of a core or more (at that utilisation a queue's
/// mean wait is ten times its service time, so latencies are the client's as much as the server's), or when
/// the event loop's p99 lag passed 10 ms (from there a send counts as late, and every latency carries that
/// error). A run is saturated when 5 % or more of its load time was.
class ClientMonitor {
  public:
    static constexpr double cpu_limit = 0.9;
    static constexpr Duration lag_limit = std::chrono::milliseconds(10);
    static constexpr double run_limit = 0.05;

    /// How late a timer fired.
    void lag(Duration by);

    /// Ends an interval, about once per second. `cpu` is the CPU time of the process so far; `under_load`
    /// says whether the interval belongs to a load phase (others are left out of the judgement). The first
    /// call only sets the beginning. Returns whether the interval was saturated.
    bool sample(TimePoint now, Duration cpu, bool under_load);

    /// Of all timers, in all phases.
    const Histogram& event_loop_lag() const { return lag_; }

    /// CPU time over wall time of the load intervals (1 is a full core); empty before there is one.
    std::optional<double> cpu_share() const;
    /// CPU share of the newest interval.
    std::optional<double> latest_cpu_share() const { return latest_cpu_share_; }
    /// Share of the load time in saturated intervals; empty before there is one.
    std::optional<double> saturated_share() const;
    bool saturated() const;

    /// Load time that was saturated by CPU, and by lag (an interval can be both).
    Duration saturated_by_cpu() const { return saturated_by_cpu_; }
    Duration saturated_by_lag() const { return saturated_by_lag_; }
    Duration load_time() const { return load_time_; }

  private:
    struct Reading {
        TimePoint at;
        Duration cpu{};
    };

    Histogram lag_;
    Histogram interval_lag_{compact_layout()};
    std::optional<Reading> last_;
    std::optional<double> latest_cpu_share_;
    Duration load_time_{};
    Duration load_cpu_{};
    Duration saturated_time_{};
    Duration saturated_by_cpu_{};
    Duration saturated_by_lag_{};
};

}  // namespace milo_perf::stats
