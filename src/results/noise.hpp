#pragma once

#include <optional>

#include "results/derived.hpp"
#include "results/model.hpp"

namespace milo_perf::results {

/// Which samples of a snapshot's window count. Each is a mean over a window of its own, before it.
enum class Samples {
    all,
    /// Those whose own window lies at rest too: after the load that ended last before the snapshot.
    at_rest
};

/// Standard deviation of a quantity's samples within a snapshot's window, in the quantity's unit; empty with
/// fewer than five. Neighbouring samples depend on each other, so their mean is not taken to be more certain
/// than one of them.
std::optional<double> sample_deviation(const Run& run, const Snapshot& snapshot, Quantity quantity,
                                       Samples which);

/// Samples in a window below which there is no deviation.
inline constexpr unsigned least_samples = 5;

}  // namespace milo_perf::results
