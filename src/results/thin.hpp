#pragma once

#include <cstddef>

#include "results/model.hpp"

/// Making a run smaller for a copy. Each step leaves a run that reads and draws as before, with fewer points.
namespace milo_perf::results::thin {

/// Every second point of each sampled series; first and last stay. False when there is nothing left to take.
bool halve_samples(Run& run, std::size_t least_points);

/// Every second point of the time line within each phase; a phase's first and last stay. The counts of a
/// point that goes are added to its neighbour before it, whose interval grows; its percentiles are the
/// greater of the two, since those of two intervals cannot be joined. False when nothing was taken.
bool halve_timeline(Run& run, std::size_t least_points);

/// Keeps `most` Projects in their order: first those that failed or never got Ready, then the slowest, then
/// an even spread over the rest by time to Ready. False when there were no more.
bool keep_projects(Run& run, std::size_t most);

/// Cuts lists of events and warnings to their first `most`, and every text from outside to `most_bytes`.
void shorten_texts(Run& run, std::size_t most, std::size_t most_bytes);

/// Removes the encoded histograms; figures stay.
void drop_histograms(Run& run);

/// All but the keys of the replaced runner, the outcome and the counts.
Run essentials(const Run& run);

}  // namespace milo_perf::results::thin
