#include "app/monitor.hpp"

#include "base/process_usage.hpp"
#include "base/task_group.hpp"

namespace milo_perf::app {

namespace {
constexpr Duration sample_period = std::chrono::seconds(1);
// A hundred probes to a sample under load, so that its p99 leaves one hiccup out. At rest nothing can be
// late, and a hundred wake-ups a second would be most of what the client uses then.
constexpr Duration probe_period_under_load = std::chrono::milliseconds(10);
constexpr Duration probe_period_at_rest = std::chrono::milliseconds(100);
}  // namespace

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
