#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace milo_perf::stats {

/// A straight line through measured points, by ordinary least squares.
struct LinearFit {
    std::size_t points = 0;
    double slope = 0;
    double intercept = 0;
    double slope_standard_error = 0;
    /// The slope's 95 % confidence interval (Student's t, points − 2 degrees of freedom).
    double slope_low = 0;
    double slope_high = 0;
    /// Share of the variance that the line explains; empty when all y are the same.
    std::optional<double> r_squared;
};

struct Point {
    double x = 0;
    double y = 0;
};

/// Empty when a confidence interval cannot be had: fewer than three points, or all at the same x.
std::optional<LinearFit> fit_line(std::span<const Point> points);

}  // namespace milo_perf::stats
