#pragma once

#include <optional>

#include "results/derived.hpp"
#include "results/model.hpp"

namespace milo_perf::results {

/// Standard deviation of a quantity's samples at rest within a snapshot's window, in the quantity's unit;
/// empty with fewer than five. Each sample is a mean over a window of its own, before it: at rest are those
/// whose own window lies after the load that ended last before the snapshot. Neighbouring samples depend on
/// each other, so their mean is not taken to be more certain than one of them.
std::optional<double> sample_deviation(const Run& run, const Snapshot& snapshot, Quantity quantity);

/// Samples in a window below which there is no deviation.
inline constexpr unsigned least_samples = 5;

}  // namespace milo_perf::results
