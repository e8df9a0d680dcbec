#include "app/monitor.hpp"

#include <sys/resource.h>

#include <fstream>

#include "base/task_group.hpp"

namespace milo_perf::app {

namespace {
// A hundred probes to a sample, so that its p99 leaves one hiccup out.
constexpr Duration lag_probe_period = std::chrono::milliseconds(10);
constexpr int probes_per_sample = 100;

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
        for (int i = 0; i < probes_per_sample; ++i) {
            const TimePoint due = Clock::now() + lag_probe_period;
            co_await sleep_until(due);
            monitor.lag(Clock::now() - due);
        }
        const stats::CpuReading reading{process_cpu_time(), run_delay()};
        monitor.sample(Clock::now(), reading, recorder.in_flight() > 0);
    }
}

}  // namespace milo_perf::app
