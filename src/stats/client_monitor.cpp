#include "stats/client_monitor.hpp"

#include <utility>

namespace milo_perf::stats {

void ClientMonitor::probe(Duration lag, bool under_load) {
    lag_.record(lag);
    interval_lag_.record(lag);
    interval_under_load_ = interval_under_load_ || under_load;
}

ClientLimit ClientMonitor::sample(TimePoint now, CpuReading reading) {
    const std::optional<Reading> before = std::exchange(last_, Reading{now, reading});
    ClientInterval interval{.lag_p99 = interval_lag_.percentile(99).value_or(Duration{})};
    interval_lag_.clear();
    const bool under_load = std::exchange(interval_under_load_, false);
    if (!before || now <= before->at) return ClientLimit::none;

    interval.wall = now - before->at;
    interval.cpu = reading.cpu - before->cpu.cpu;
    if (reading.run_delay && before->cpu.run_delay) {
        interval.run_delay = *reading.run_delay - *before->cpu.run_delay;
    }
    latest_cpu_share_ = to_seconds(interval.cpu) / to_seconds(interval.wall);
    const ClientLimit limit = client_limit(interval);
    if (under_load) {
        load_time_ += interval.wall;
        load_cpu_ += interval.cpu;
        if (interval.run_delay) load_run_delay_ = load_run_delay_.value_or(Duration{}) + *interval.run_delay;
        if (limit == ClientLimit::saturated) saturated_time_ += interval.wall;
        if (limit == ClientLimit::starved) starved_time_ += interval.wall;
    }
    return limit;
}

std::optional<double> ClientMonitor::share(Duration part) const {
    if (load_time_ == Duration{}) return std::nullopt;
    return to_seconds(part) / to_seconds(load_time_);
}

std::optional<double> ClientMonitor::run_delay_share() const {
    if (!load_run_delay_) return std::nullopt;
    return share(*load_run_delay_);
}

ClientLimit ClientMonitor::limit() const {
    if (share(saturated_time_ + starved_time_).value_or(0) < run_limit) return ClientLimit::none;
    return saturated_time_ >= starved_time_ ? ClientLimit::saturated : ClientLimit::starved;
}

}  // namespace milo_perf::stats
