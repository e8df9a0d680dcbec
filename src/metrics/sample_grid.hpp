#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "metrics/queries.hpp"
#include "metrics/response.hpp"
#include "results/model.hpp"

namespace milo_perf::metrics {

/// The points of one sampled query on a grid of equal steps, of bounded size: at most `max_points` per
/// series, where the step doubles and every second point is dropped, and at most `max_series` series.
class SampleGrid {
  public:
    static constexpr std::size_t max_points = 2000;
    static constexpr std::size_t max_series = 50;

    /// `origin_seconds` is the time of the grid's first point, seconds since 1970.
    SampleGrid(double origin_seconds, double step_seconds);

    /// The span that is still to be asked for up to `now_seconds`: at most max_points steps. Empty (first
    /// after last) when no grid point has come since.
    struct Span {
        double first_seconds = 0;
        double last_seconds = 0;
        bool empty() const { return last_seconds < first_seconds; }
    };
    Span missing(double now_seconds) const;

    /// Takes the answer for a span from missing(); the next one begins after it. Points off the grid, and
    /// series beyond max_series, are left out.
    void add(Span span, const std::vector<Series>& answer);

    double step_seconds() const { return step_seconds_; }
    bool empty() const { return series_.empty(); }
    /// True when series had to be left out.
    bool overflowed() const { return overflowed_; }

    /// By labels; offsets count from `origin_seconds`.
    std::vector<results::SampledSeries> series(const SampleQuery& query, const std::string& promql,
                                               double origin_seconds) const;

  private:
    void halve();

    double origin_seconds_;
    double step_seconds_;
    /// Grid points that have been asked for.
    std::size_t asked_ = 0;
    bool overflowed_ = false;
    /// By label text; NaN is a gap. Shorter than `asked_` when the last points are gaps.
    std::map<std::string, std::vector<double>> series_;
};

}  // namespace milo_perf::metrics
