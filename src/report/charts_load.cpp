#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

#include "base/clock.hpp"
#include "report/charts.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::report {
namespace {

using results::TimelinePoint;

constexpr std::size_t most_points = 400;

/// What the run did in one interval, over all phases and, in long runs, several neighbours.
struct Interval {
    double seconds = 0;
    std::uint64_t finished = 0;
    std::uint64_t failed = 0;
    std::uint64_t in_flight = 0;
    std::optional<double> p50;
    std::optional<double> p99;
    /// Nothing was recorded between the interval before and this one.
    bool after_gap = false;
};

struct Intervals {
    std::map<double, Interval> by_offset;
    /// How many neighbours were put together.
    std::size_t group = 1;
};

void raise(std::optional<double>& highest, const std::optional<double>& value) {
    if (value && (!highest || *value > *highest)) highest = value;
}

void add(Interval& interval, const TimelinePoint& point) {
    interval.finished += point.finished;
    interval.failed += point.failed;
    interval.in_flight = std::max(interval.in_flight, point.in_flight);
    raise(interval.p50, point.p50_seconds);
    raise(interval.p99, point.p99_seconds);
}

/// Percentiles cannot be averaged; of neighbours put together the highest stands for all.
Intervals intervals(const results::Run& run) {
    std::map<double, std::vector<const TimelinePoint*>> points;
    for (const auto& point : run.timeline) points[point.offset_seconds].push_back(&point);
    Intervals result;
    result.group = std::max<std::size_t>(1, (points.size() + most_points - 1) / most_points);
    std::size_t number = 0;
    double end = -1;
    Interval* current = nullptr;
    for (const auto& [offset, same] : points) {
        // Where two phases share a moment, thinning may have made one's interval longer.
        double length = 0;
        for (const auto* point : same) length = std::max(length, point->interval_seconds);
        const bool gap = end >= 0 && offset > end + length / 2;
        if (current == nullptr || gap || number % result.group == 0) {
            current = &result.by_offset[offset];
            current->after_gap = gap;
            number = 0;
        }
        ++number;
        current->seconds += length;
        for (const auto* point : same) add(*current, *point);
        end = offset + length;
    }
    return result;
}

void push(Line& line, double offset, const Interval& interval, std::optional<double> value) {
    if (interval.after_gap) line.points.emplace_back(offset - 0.001, std::nullopt);
    line.points.emplace_back(offset, value);
}

std::string grouping_note(const Intervals& all) {
    if (all.group == 1) return {};
    return fmt::format(
        " Each point stands for {} intervals; of percentiles and requests in flight it is the highest.",
        all.group);
}

std::optional<double> milliseconds(std::optional<double> seconds) {
    if (!seconds) return std::nullopt;
    return *seconds * 1e3;
}

/// Percentiles at equal distances on the chart's scale, up to what `count` values can tell.
std::vector<double> percentiles(std::uint64_t count) {
    std::vector<double> result;
    constexpr int steps_per_half = 5;
    double rest = 1;
    for (int half = 0; half < 60 && rest * static_cast<double>(count) >= 1; ++half, rest /= 2) {
        for (int step = 0; step < steps_per_half; ++step) {
            const double above = rest * (1 - step / (2.0 * steps_per_half));
            if (above * static_cast<double>(count) < 1) break;
            result.push_back(100 * (1 - above));
        }
    }
    return result;
}

}  // namespace

std::string series_name(const results::RequestSeries& series) {
    return fmt::format("{} {}", series.verb, series.resource);
}

Chart throughput_over_time(const results::Run& run) {
    Line done{.column = {.label = "Finished per second"}, .points = {}};
    Line failed{.column = {.label = "Failed per second"}, .points = {}};
    Line in_flight{.column = {.label = "In flight", .right_axis = true}, .points = {}};
    const Intervals all = intervals(run);
    for (const auto& [offset, interval] : all.by_offset) {
        const double seconds = interval.seconds > 0 ? interval.seconds : 1;
        push(done, offset, interval, static_cast<double>(interval.finished) / seconds);
        push(failed, offset, interval, static_cast<double>(interval.failed) / seconds);
        push(in_flight, offset, interval, static_cast<double>(interval.in_flight));
    }
    Chart chart;
    chart.id = "chart-throughput";
    chart.title = "Throughput and requests in flight";
    chart.note = "Operations that ended, and how many were under way (right axis)." + grouping_note(all);
    chart.y_label = "operations per second";
    chart.right_label = "in flight";
    chart.phases = true;
    if (!all.by_offset.empty()) put_lines(chart, "Seconds since start", {done, failed, in_flight});
    return chart;
}

Chart latency_over_time(const results::Run& run) {
    Line p50{.column = {.label = "p50"}, .points = {}};
    Line p99{.column = {.label = "p99"}, .points = {}};
    const Intervals all = intervals(run);
    for (const auto& [offset, interval] : all.by_offset) {
        push(p50, offset, interval, milliseconds(interval.p50));
        push(p99, offset, interval, milliseconds(interval.p99));
    }
    Chart chart;
    chart.id = "chart-latency";
    chart.title = "Latency over time";
    chart.note = "Median (p50) and 99th percentile (p99) of the operations that ended in each interval." +
                 grouping_note(all);
    chart.y_label = "ms";
    chart.phases = true;
    chart.logarithmic = true;
    if (!all.by_offset.empty()) put_lines(chart, "Seconds since start", {p50, p99});
    return chart;
}

Chart latency_distribution(const results::Run& run) {
    std::vector<Line> lines;
    std::map<std::string, int> uses;
    for (const auto& series : run.requests) ++uses[series_name(series)];
    for (const auto& series : run.requests) {
        // A watch lasts for minutes by design; a single operation has no distribution.
        if (series.verb == "watch" || series.operation_latency.count < 2 || series.phase == "preflight")
            continue;
        const auto histogram = stats::Histogram::decode(series.operation_latency.histogram);
        if (!histogram || histogram->empty()) continue;
        const std::string name = series_name(series);
        Line line{.column = {.label = uses[name] > 1 ? name + " (" + series.phase + ")" : name},
                  .points = {}};
        for (const double percent : percentiles(histogram->count())) {
            const auto value = histogram->percentile(percent);
            if (value) line.points.emplace_back(percent, to_seconds(*value) * 1e3);
        }
        lines.push_back(std::move(line));
    }
    Chart chart;
    chart.id = "chart-distribution";
    chart.title = "Latency distribution";
    chart.note =
        "The latency that a share of the operations stayed below; to the right the rare slow ones, as far as "
        "the number of operations can tell.";
    chart.kind = Chart::Kind::percentiles;
    chart.y_label = "ms";
    chart.logarithmic = true;
    chart.wide = true;
    if (!lines.empty()) put_lines(chart, "Percentile", lines);
    return chart;
}

}  // namespace milo_perf::report
