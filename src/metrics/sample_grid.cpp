#include "metrics/sample_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace milo_perf::metrics {

namespace {
constexpr double gap = std::numeric_limits<double>::quiet_NaN();
/// Times of points are rounded to milliseconds on their way.
constexpr double rounding_seconds = 0.002;
}  // namespace

SampleGrid::SampleGrid(double origin_seconds, double step_seconds)
    : origin_seconds_(origin_seconds), step_seconds_(step_seconds) {}

SampleGrid::Span SampleGrid::missing(double now_seconds) const {
    const double reached = std::floor((now_seconds - origin_seconds_) / step_seconds_ + 1e-9);
    const auto first = static_cast<double>(asked_);
    const double last = std::min(reached, first + static_cast<double>(max_points - 1));
    if (last < first) return {.first_seconds = at(asked_), .last_seconds = at(asked_) - step_seconds_};
    return {.first_seconds = at(asked_), .last_seconds = at(static_cast<std::size_t>(last))};
}

SampleGrid::Span SampleGrid::asked() const {
    if (asked_ == 0)
        return {.first_seconds = origin_seconds_, .last_seconds = origin_seconds_ - step_seconds_};
    return {.first_seconds = origin_seconds_, .last_seconds = at(asked_ - 1)};
}

void SampleGrid::put(Span span, const Series& from, std::vector<double>& values) const {
    for (const Point& point : from.points) {
        if (!point.value || point.time_seconds < span.first_seconds - rounding_seconds ||
            point.time_seconds > span.last_seconds + rounding_seconds) {
            continue;
        }
        const double position = std::round((point.time_seconds - origin_seconds_) / step_seconds_);
        const auto index = static_cast<std::size_t>(position);
        if (position < 0 || std::abs(at(index) - point.time_seconds) > rounding_seconds) continue;
        if (values.size() <= index) values.resize(index + 1, gap);
        values[index] = *point.value;
    }
}

void SampleGrid::add(Span span, const std::vector<Series>& answer) {
    if (span.empty()) return;
    for (const Series& from : answer) {
        std::string labels = labels_text(from.labels);
        auto known = series_.find(labels);
        if (known == series_.end()) {
            if (series_.size() == max_series) {
                overflowed_ = true;
                continue;
            }
            std::vector<double> values;
            put(span, from, values);
            if (!values.empty()) series_.emplace(std::move(labels), std::move(values));
        } else {
            put(span, from, known->second);
        }
    }
    const double last = std::round((span.last_seconds - origin_seconds_) / step_seconds_);
    asked_ = std::max(asked_, static_cast<std::size_t>(std::max(0.0, last)) + 1);
    while (asked_ > max_points) halve();
}

void SampleGrid::halve() {
    for (auto& [labels, values] : series_) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < values.size(); i += 2) values[kept++] = values[i];
        values.resize(kept);
        values.shrink_to_fit();
    }
    asked_ = (asked_ + 1) / 2;
    step_seconds_ *= 2;
}

std::vector<results::SampledSeries> SampleGrid::series(const SampleQuery& query,
                                                       const std::string& promql) const {
    std::vector<results::SampledSeries> result;
    for (const auto& [labels, values] : series_) {
        results::SampledSeries& to = result.emplace_back();
        to.name = query.name;
        to.title = query.title;
        to.unit = query.unit;
        to.query = promql;
        to.labels = labels;
        to.offsets_seconds.reserve(asked_);
        to.values.reserve(asked_);
        for (std::size_t i = 0; i < asked_; ++i) {
            to.offsets_seconds.push_back(static_cast<double>(i) * step_seconds_);
            const bool known = i < values.size() && !std::isnan(values[i]);
            to.values.push_back(known ? std::optional<double>(values[i]) : std::nullopt);
        }
    }
    return result;
}

}  // namespace milo_perf::metrics
