#pragma once

#include <cstddef>

#include "results/model.hpp"

/// Runs made up for tests of reports; every figure is computed, so that tests know what to expect.
namespace milo_perf::report_test {

/// A completed run: three snapshots, `projects` Projects with 100 Secrets and 100 ConfigMaps each, samples
/// every 5 s with a gap, one retry, two thresholds (one failed), a warning and an event.
results::Run typical_run(std::size_t projects = 100);

/// What a run is that ended before anything was measured.
results::Run bare_run();

/// A typical run in which every text that comes from outside is `text`.
results::Run hostile_run(const std::string& text);

}  // namespace milo_perf::report_test
