#pragma once

#include <string>

#include "results/sweep_model.hpp"

/// Sweeps made up for tests of their page and summary.
namespace milo_perf::report_test {

/// Over OBJECT_CONCURRENCY 4 and 8: the first keeps its limit, the second misses it and has no figures of the
/// server.
results::Sweep load_sweep();

/// Over NUM_PROJECTS: a slope that is told apart from 0, one that is not, and one that there is none of.
results::Sweep projects_sweep();

/// A load sweep in which every text that comes from outside is `text`.
results::Sweep hostile_sweep(const std::string& text);

}  // namespace milo_perf::report_test
