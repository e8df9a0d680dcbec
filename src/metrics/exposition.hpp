#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "results/model.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::metrics {

/// What the live text tells beside the recorder's counts.
struct LiveState {
    std::string test_id;
    /// The step the run is in ("projects"); empty for none.
    std::string phase;
    std::uint64_t projects_wanted = 0;
    std::uint64_t projects_ready = 0;
    /// CPU share of the newest interval; 1 is one core.
    std::optional<double> client_cpu_share;
};

/// The state of a run as OpenMetrics 1.0 text, `# EOF` included.
std::string openmetrics_text(const stats::Recorder& recorder, const LiveState& state);

/// A finished run as Prometheus text for `/api/v1/import/prometheus`: series `milo_perf_*` with the label
/// test_id and time stamps in milliseconds; what has a place in the run's time line stands at that time.
std::string push_text(const results::Run& run, WallTime origin_wall);

}  // namespace milo_perf::metrics
