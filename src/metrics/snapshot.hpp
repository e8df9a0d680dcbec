#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "metrics/client.hpp"
#include "metrics/queries.hpp"
#include "results/model.hpp"

namespace milo_perf::metrics {

/// Where a snapshot stands in its run.
struct SnapshotContext {
    /// Start of the run, by both clocks.
    TimePoint origin;
    WallTime origin_wall;
    /// When the newest request of the run ended; empty when there was none yet.
    std::optional<WallTime> last_load_end;
    /// How long to wait for the newest samples at most, beside one scrape interval.
    Duration patience = std::chrono::seconds(60);
};

/// CPU and memory of both components over the window that ends now. VictoriaMetrics shows samples later than
/// it takes them (scrape interval, remote write, `-search.latencyOffset`), so this waits, as long as it must
/// and no longer than allowed, until samples of the window's end can be seen. What never comes is missing,
/// with a reason. Throws only operation_aborted when cancelled.
boost::asio::awaitable<results::Snapshot> take_snapshot(VictoriaMetrics& server, const Source& source,
                                                        SnapshotContext context);

}  // namespace milo_perf::metrics
