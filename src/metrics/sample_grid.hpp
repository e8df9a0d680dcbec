#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "metrics/queries.hpp"
#include "metrics/response.hpp"
#include "results/model.hpp"

namespace milo_perf::metrics {

/// The points of one sampled query on a grid of equal steps, of bounded size: beyond `max_points` the step
/// doubles and every second point is dropped; series beyond `max_series` are left out. Times are seconds
/// since 1970.
class SampleGrid {
  public:
    static constexpr std::size_t max_points = 2000;
    static constexpr std::size_t max_series = 50;

    /// Grid points from first to last, both included; none when last is before first.
    struct Span {
        double first_seconds = 0;
        double last_seconds = 0;
        bool empty() const { return last_seconds < first_seconds; }
    };

    /// `origin_seconds` is the first point.
    SampleGrid(double origin_seconds, double step_seconds);

    /// What is still to be asked for up to `now_seconds`, max_points at most.
    Span missing(double now_seconds) const;
    /// Everything that has been asked for: asking again fills gaps.
    Span asked() const;

    /// Takes the answer for a span; missing() begins after it from now on. Points off the grid or outside
    /// the span are left out; a point without a value takes away none that is there.
    void add(Span span, const std::vector<Series>& answer);

    double step_seconds() const { return step_seconds_; }
    bool empty() const { return series_.empty(); }
    /// True when series had to be left out.
    bool overflowed() const { return overflowed_; }

    /// By labels; offsets count from the origin.
    std::vector<results::SampledSeries> series(const SampleQuery& query, const std::string& promql) const;

  private:
    double at(std::size_t index) const {
        return origin_seconds_ + static_cast<double>(index) * step_seconds_;
    }
    void put(Span span, const Series& from, std::vector<double>& values) const;
    void halve();

    double origin_seconds_;
    double step_seconds_;
    std::size_t asked_ = 0;
    bool overflowed_ = false;
    /// By label text; NaN is a gap, and so is what is missing at the end.
    std::map<std::string, std::vector<double>> series_;
};

}  // namespace milo_perf::metrics
