#pragma once

#include <vector>

#include "config/settings.hpp"
#include "session/preflight.hpp"

namespace milo_perf::session {

/// Whether a run would take these settings, without asking a server, beside what preflight() looks at:
/// THRESHOLDS, RAMP and METRICS_LISTEN where they are set, and the system's limits where they do not suffice.
std::vector<Check> check_settings(const config::Settings& settings);

/// Sees, without asking a server, that a run with these settings would not be refused: what check_settings()
/// looks at, SAMPLE_QUERIES, OUT_DIR, and what gives access to VictoriaMetrics. Throws UserError.
void require_settings(const config::Settings& settings);

}  // namespace milo_perf::session
