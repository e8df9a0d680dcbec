#include "stats/linear_fit.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace milo_perf::stats {
namespace {

constexpr double confidence = 0.95;

Point mean_of(std::span<const Point> points) {
    Point mean;
    const auto count = static_cast<double>(points.size());
    for (const Point& point : points) {
        mean.x += point.x / count;
        mean.y += point.y / count;
    }
    return mean;
}

}  // namespace

std::optional<LinearFit> fit_line(std::span<const Point> points) {
    if (points.size() < 3) return std::nullopt;
    const Point mean = mean_of(points);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    // Around the means: sums of raw squares would lose bytes of memory counts to rounding.
    for (const Point& point : points) {
        const double dx = point.x - mean.x;
        const double dy = point.y - mean.y;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    if (!(xx > 0)) return std::nullopt;
    LinearFit fit;
    fit.points = points.size();
    fit.slope = xy / xx;
    fit.intercept = mean.y - fit.slope * mean.x;
    double residuals = 0;
    for (const Point& point : points) {
        const double residual = point.y - (fit.intercept + fit.slope * point.x);
        residuals += residual * residual;
    }
    const auto freedom = static_cast<double>(points.size() - 2);
    fit.slope_standard_error = std::sqrt(residuals / freedom / xx);
    const boost::math::students_t distribution(freedom);
    const double half = boost::math::quantile(distribution, 0.5 + confidence / 2) * fit.slope_standard_error;
    fit.slope_low = fit.slope - half;
    fit.slope_high = fit.slope + half;
    if (yy > 0) fit.r_squared = std::max(0.0, 1 - residuals / yy);
    return fit;
}

}  // namespace milo_perf::stats
