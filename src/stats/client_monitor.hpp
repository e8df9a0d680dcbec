#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "stats/client_limit.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::stats {

/// Of the process since its start.
struct CpuReading {
    Duration cpu{};
    /// Time it could have run but had no CPU; empty where the kernel does not tell.
    std::optional<Duration> run_delay{};
};

/// Judges from readings passed in whether the client itself limited the run: in 5 % or more of its load time.
class ClientMonitor {
  public:
    static constexpr double run_limit = 0.05;

    /// How late a timer fired, and whether requests were in flight then.
    void probe(Duration lag, bool under_load);

    /// Ends an interval, about once per second, and where load begins or ends. It is one of load when a
    /// probe in it found load; others are left out of the judgement. The first call only sets the beginning.
    /// Returns what limited the client in the interval.
    ClientLimit sample(TimePoint now, CpuReading reading);

    /// Of all timers, in all phases.
    const Histogram& event_loop_lag() const { return lag_; }

    /// CPU time over wall time of the load intervals (1 is a full core); empty before there is one.
    std::optional<double> cpu_share() const { return share(load_cpu_); }
    /// Time without a CPU although it could have run, over wall time of the load intervals; empty when the
    /// kernel did not tell.
    std::optional<double> run_delay_share() const;
    /// CPU share of the newest interval.
    std::optional<double> latest_cpu_share() const { return latest_cpu_share_; }
    /// Shares of the load time in intervals so limited; empty before there is one.
    std::optional<double> saturated_share() const { return share(saturated_time_); }
    std::optional<double> starved_share() const { return share(starved_time_); }
    /// What limited the client in the run: of both causes the one with the larger share.
    ClientLimit limit() const;

  private:
    std::optional<double> share(Duration part) const;

    struct Reading {
        TimePoint at;
        CpuReading cpu;
    };

    Histogram lag_;
    Histogram interval_lag_{compact_layout()};
    bool interval_under_load_ = false;
    std::optional<Reading> last_;
    std::optional<double> latest_cpu_share_;
    Duration load_time_{};
    Duration load_cpu_{};
    std::optional<Duration> load_run_delay_;
    Duration saturated_time_{};
    Duration starved_time_{};
};

}  // namespace milo_perf::stats
