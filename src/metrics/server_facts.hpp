#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "metrics/response.hpp"

namespace milo_perf::metrics {

/// `short_version` (or else `version`) of the series `vm_app_version` in the text of `/metrics`.
std::optional<std::string> version_in_metrics(std::string_view text);

/// `data.version` of `/api/v1/status/buildinfo`.
std::optional<std::string> version_in_buildinfo(std::string_view body);

/// The server's clock minus ours, from its `time()`, which VictoriaMetrics cuts to whole seconds. 0 when the
/// clocks agree as far as that tells.
double skew_of(double server_seconds, double our_seconds);

/// How far back the probe for the latency offset looks; a larger offset counts as this.
inline constexpr double latency_probe_seconds = 90;

/// The latency offset, from the range answer to `time()` that ends at `end_seconds` in steps of 1 s:
/// VictoriaMetrics repeats the last complete value over the points that it hides, where `time()` would be
/// the point's own time. 0 when nothing is hidden or the answer does not tell.
double latency_offset_of(const QueryResult& range, double end_seconds);

}  // namespace milo_perf::metrics
