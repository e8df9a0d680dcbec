#pragma once

#include <vector>

#include "report/chart.hpp"
#include "results/model.hpp"

/// The charts of a run, computed from its results.
namespace milo_perf::report {

/// CPU (cores) and Memory (MB) of both components at the three snapshots.
Chart snapshot_cpu(const results::Run& run);
Chart snapshot_memory(const results::Run& run);
/// The same quantities over the run, as sampled.
Chart sampled_cpu(const results::Run& run);
Chart sampled_memory(const results::Run& run);
/// What else was sampled, one chart for each query.
std::vector<Chart> further_samples(const results::Run& run);

Chart throughput_over_time(const results::Run& run);
Chart latency_over_time(const results::Run& run);
/// Latency by percentile, one line for each verb and resource.
Chart latency_distribution(const results::Run& run);

/// Share of the Projects created and Ready over time.
Chart cumulative_readiness(const results::Run& run);
/// How long each Project took, in the order of their creation.
Chart ready_by_project(const results::Run& run);

/// "create secrets": how a series is called in charts and tables.
std::string series_name(const results::RequestSeries& series);

}  // namespace milo_perf::report
