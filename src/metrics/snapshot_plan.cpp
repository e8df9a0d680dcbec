#include "metrics/snapshot_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace milo_perf::metrics {

std::optional<std::size_t> choose_variant(std::span<const std::optional<double>> values) {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i]) continue;
        if (*values[i] != 0) return i;
        if (!first) first = i;
    }
    return first;
}

std::optional<double> SampleCount::scrape_interval(double window_seconds) const {
    if (most < 2) return std::nullopt;
    return window_seconds / static_cast<double>(most);
}

SampleCount sample_count(const QueryResult& counts) {
    SampleCount count;
    for (const Series& series : counts.series) {
        const std::optional<double> value = series.points.empty() ? std::nullopt : series.points.back().value;
        if (!value || *value <= 0 || *value > 1e12) continue;
        const auto samples = static_cast<std::uint64_t>(*value);
        count.total += samples;
        count.most = std::max(count.most, samples);
        ++count.series;
    }
    return count;
}

FreshnessWait::Step FreshnessWait::looked(double now, std::optional<double> newest) {
    if (!newest || *newest >= wanted_end_) return Step::evaluate;
    const double deadline = wanted_end_ + patience_seconds_ + scrape_interval_seconds_;
    return now >= deadline ? Step::give_up : Step::look_again;
}

FreshnessWait::Step FreshnessWait::unanswered(double now) {
    const double patience = std::min(patience_seconds_, unavailable_patience_seconds);
    return now >= wanted_end_ + patience ? Step::give_up : Step::look_again;
}

bool reaches_into_load(double end, double window_seconds, std::optional<double> last_load_end) {
    return last_load_end && *last_load_end > end - window_seconds;
}

std::string missing_reason(Figure figure, const Source& source, std::optional<double> newest_age_seconds) {
    const std::string matcher = selector(figure, source, LabelVariant{"pod", "", "pod"});
    if (!newest_age_seconds) {
        return fmt::format("no such series: {} (nor with the label pod_name)", matcher);
    }
    return fmt::format("the window of {} has fewer than two samples of {}; the newest is {:.0f} s old",
                       source.window, matcher, *newest_age_seconds);
}

}  // namespace milo_perf::metrics
