#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>

#include "load/open_loop.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::workload {

/// Starts the `number`-th operation, which was due at `planned`.
using PlannedOperation = std::function<boost::asio::awaitable<void>(std::uint64_t number, TimePoint planned)>;
/// Which series the `number`-th operation belongs to.
using SeriesOf = std::function<stats::SeriesId(std::uint64_t number)>;

/// Drives an open loop to its end: every operation at its planned time, or late when the limit of operations
/// in flight holds it up; late and dropped ones are recorded, and those that were never due count as dropped.
/// Returns when all have ended.
boost::asio::awaitable<void> drive_open_loop(load::OpenLoop& loop, stats::Recorder& recorder,
                                             SeriesOf series_of, PlannedOperation operation);

}  // namespace milo_perf::workload
