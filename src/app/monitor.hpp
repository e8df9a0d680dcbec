#pragma once

#include <boost/asio/awaitable.hpp>

#include "stats/client_monitor.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::app {

/// Watches the client itself until cancelled: how late its timers fire, and how much CPU time it uses.
boost::asio::awaitable<void> monitor_client(stats::ClientMonitor& monitor, const stats::Recorder& recorder);

/// Ends the interval that `monitor` judges now: called where load begins and ends, so that a load shorter
/// than a regular interval is judged too.
void end_interval(stats::ClientMonitor& monitor);

}  // namespace milo_perf::app
