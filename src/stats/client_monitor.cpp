#include "stats/client_monitor.hpp"

#include <utility>

namespace milo_perf::stats {

void ClientMonitor::lag(Duration by) {
    lag_.record(by);
    interval_lag_.record(by);
}

bool ClientMonitor::sample(TimePoint now, Duration cpu, bool under_load) {
    const std::optional<Reading> before = std::exchange(last_, Reading{now, cpu});
    const Duration lag_p99 = interval_lag_.percentile(99).value_or(Duration{});
    interval_lag_.clear();
    if (!before || now <= before->at) return false;

    const Duration wall = now - before->at;
    const Duration used = cpu - before->cpu;
    latest_cpu_share_ = to_seconds(used) / to_seconds(wall);
    const bool by_cpu = *latest_cpu_share_ >= cpu_limit;
    const bool by_lag = lag_p99 > lag_limit;
    if (under_load) {
        load_time_ += wall;
        load_cpu_ += used;
        if (by_cpu) saturated_by_cpu_ += wall;
        if (by_lag) saturated_by_lag_ += wall;
        if (by_cpu || by_lag) saturated_time_ += wall;
    }
    return by_cpu || by_lag;
}

std::optional<double> ClientMonitor::cpu_share() const {
    if (load_time_ == Duration{}) return std::nullopt;
    return to_seconds(load_cpu_) / to_seconds(load_time_);
}

std::optional<double> ClientMonitor::saturated_share() const {
    if (load_time_ == Duration{}) return std::nullopt;
    return to_seconds(saturated_time_) / to_seconds(load_time_);
}

bool ClientMonitor::saturated() const {
    return saturated_share().value_or(0) >= run_limit;
}

}  // namespace milo_perf::stats
