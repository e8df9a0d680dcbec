#include "app/monitor.hpp"

#include <sys/resource.h>

#include <fstream>

#include "base/task_group.hpp"

namespace milo_perf::app {

namespace {
constexpr Duration sample_period = std::chrono::seconds(1);
// A hundred probes to a sample under load, so that its p99 leaves one hiccup out. At rest nothing can be
// late, and a hundred wake-ups a second would be most of what the client uses then.
constexpr Duration probe_period_under_load = std::chrono::milliseconds(10);
constexpr Duration probe_period_at_rest = std::chrono::milliseconds(100);

Duration duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}
}  // namespace

Duration process_cpu_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
}

std::optional<Duration> run_delay() {
    std::ifstream file("/proc/self/schedstat");
    std::int64_t on_cpu = 0;
    std::int64_t waiting = 0;
    if (!(file >> on_cpu >> waiting)) return std::nullopt;
    return std::chrono::nanoseconds(waiting);
}

std::uint64_t peak_memory_bytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

boost::asio::awaitable<void> monitor_client(stats::ClientMonitor& monitor, const stats::Recorder& recorder) {
    for (;;) {
        const TimePoint sample_due = Clock::now() + sample_period;
        while (Clock::now() < sample_due) {
            const bool under_load = recorder.in_flight() > 0;
            const TimePoint due =
                Clock::now() + (under_load ? probe_period_under_load : probe_period_at_rest);
            co_await sleep_until(due);
            monitor.probe(Clock::now() - due, recorder.in_flight() > 0);
        }
        end_interval(monitor);
    }
}

void end_interval(stats::ClientMonitor& monitor) {
    const stats::CpuReading reading{process_cpu_time(), run_delay()};
    monitor.sample(Clock::now(), reading);
}

}  // namespace milo_perf::app
