#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "metrics/client.hpp"
#include "metrics/queries.hpp"

namespace milo_perf::metrics {

/// One thing that was looked at before a run.
struct SeriesCheck {
    /// E.g. "VictoriaMetrics", "Milo apiserver CPU".
    std::string subject;
    bool ok = false;
    /// What was found; when not ok, what to do about it.
    std::string message;
};

/// Whether VictoriaMetrics answers, and whether the series of the snapshots exist. Without an answer only
/// the first check is there.
boost::asio::awaitable<std::vector<SeriesCheck>> check_series(VictoriaMetrics& server, const Source& source);

}  // namespace milo_perf::metrics
