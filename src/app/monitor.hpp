#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>

#include "stats/client_monitor.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::app {

/// Watches the client itself until cancelled: how late its timers fire, and how much CPU time it uses.
boost::asio::awaitable<void> monitor_client(stats::ClientMonitor& monitor, const stats::Recorder& recorder);

/// Ends the interval that `monitor` judges now: called where load begins and ends, so that a load shorter
/// than a regular interval is judged too.
void end_interval(stats::ClientMonitor& monitor);

/// CPU time of this process so far, user and system.
Duration process_cpu_time();

/// Time the main thread could have run but had no CPU, since its start; empty where the kernel does not tell
/// (/proc/PID/schedstat).
std::optional<Duration> run_delay();

/// Most resident memory of this process so far.
std::uint64_t peak_memory_bytes();

}  // namespace milo_perf::app
