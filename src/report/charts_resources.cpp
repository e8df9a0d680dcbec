#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>

#include "report/charts.hpp"
#include "report/format.hpp"
#include "results/names.hpp"

namespace milo_perf::report {
namespace {

using results::SampledSeries;
using results::Snapshot;

constexpr double bytes_per_mb = 1e6;
/// More points than a screen has columns would only make the page larger.
constexpr std::size_t most_points = 400;

using Member = std::optional<double> Snapshot::*;

std::string cell(const std::optional<Snapshot>& snapshot, Member member, double scale) {
    const std::optional<double> value = snapshot ? (*snapshot).*member : std::nullopt;
    return value ? plain(*value / scale) : std::string(not_available);
}

Chart snapshot_bars(const results::Run& run, Member apiserver, Member etcd, double scale) {
    Chart chart;
    chart.kind = Chart::Kind::bars;
    chart.columns = {{.label = "Snapshot"}, {.label = "apiserver"}, {.label = "etcd"}};
    for (const auto& name : results::snapshot_names) {
        const std::optional<Snapshot>& snapshot = snapshot_of(run.metrics, name.value);
        chart.rows.push_back(
            {std::string(name.title), cell(snapshot, apiserver, scale), cell(snapshot, etcd, scale)});
    }
    return chart;
}

std::string_view axis_label(std::string_view unit) {
    if (unit == "bytes") return "MB";
    if (unit == "per_second") return "per second";
    return unit;
}

/// Of each group of neighbours the highest value, so that no peak is lost.
Line thinned(const SampledSeries& series, std::string label, double scale) {
    Line line{.column = {.label = std::move(label)}, .points = {}};
    const std::size_t size = std::min(series.offsets_seconds.size(), series.values.size());
    // What was before the run stands behind the baseline's noise alone.
    std::size_t first = 0;
    while (first < size && series.offsets_seconds[first] < 0) ++first;
    const std::size_t group = std::max<std::size_t>(1, (size - first + most_points - 1) / most_points);
    for (std::size_t begin = first; begin < size; begin += group) {
        std::optional<double> highest;
        for (std::size_t i = begin; i < std::min(begin + group, size); ++i) {
            const std::optional<double>& value = series.values[i];
            if (value && (!highest || *value > *highest)) highest = value;
        }
        if (highest) *highest /= scale;
        line.points.emplace_back(series.offsets_seconds[begin], highest);
    }
    return line;
}

bool any_thinned(const std::vector<const SampledSeries*>& all) {
    return std::any_of(all.begin(), all.end(),
                       [](const auto* series) { return series->offsets_seconds.size() > most_points; });
}

/// Of a single label its value says it all.
std::string label_of(const SampledSeries& series) {
    if (series.labels.empty()) return series.title;
    const std::size_t begin = series.labels.find("=\"");
    const bool single =
        begin != std::string::npos && series.labels.find("=\"", begin + 1) == std::string::npos;
    if (!single || series.labels.size() < begin + 4 || series.labels.back() != '"') return series.labels;
    return series.labels.substr(begin + 2, series.labels.size() - begin - 3);
}

Chart sampled(const std::vector<const SampledSeries*>& all, std::string_view unit,
              const std::vector<std::string>& labels) {
    const double scale = unit == "bytes" ? bytes_per_mb : 1;
    std::vector<Line> lines;
    for (std::size_t i = 0; i < all.size(); ++i) lines.push_back(thinned(*all[i], labels[i], scale));
    Chart chart;
    chart.kind = Chart::Kind::lines;
    chart.phases = true;
    chart.y_label = axis_label(unit);
    if (!lines.empty()) put_lines(chart, "Seconds since start", lines);
    if (any_thinned(all)) chart.note = " Each point is the highest of several samples.";
    return chart;
}

Chart components(const results::Run& run, std::string_view suffix, std::string_view unit) {
    std::vector<const SampledSeries*> all;
    std::vector<std::string> labels;
    for (const std::string component : {"apiserver", "etcd"}) {
        for (const auto& series : run.samples) {
            if (series.name != fmt::format("{}_{}", component, suffix)) continue;
            all.push_back(&series);
            labels.push_back(series.labels.empty() ? component : component + " " + series.labels);
        }
    }
    return sampled(all, unit, labels);
}

bool is_component(std::string_view name) {
    constexpr std::array names{"apiserver_cpu_cores", "apiserver_mem_bytes", "etcd_cpu_cores",
                               "etcd_mem_bytes"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string time_note(const results::Run& run) {
    std::string note = "Shaded: the phases of the run. A break in a line is a gap in the metrics.";
    const auto window = run.settings.find("MEASURE_WINDOW");
    if (window != run.settings.end()) {
        note += fmt::format(" Each point is the mean of the {} before it.", window->second);
    }
    return note;
}

}  // namespace

Chart snapshot_cpu(const results::Run& run) {
    Chart chart = snapshot_bars(run, &Snapshot::apiserver_cpu_cores, &Snapshot::etcd_cpu_cores, 1);
    chart.id = "chart-snapshot-cpu";
    chart.title = "CPU (cores)";
    chart.y_label = "cores";
    chart.note = "CPU in use at each snapshot, after things had settled.";
    return chart;
}

Chart snapshot_memory(const results::Run& run) {
    Chart chart = snapshot_bars(run, &Snapshot::apiserver_mem_bytes, &Snapshot::etcd_mem_bytes, bytes_per_mb);
    chart.id = "chart-snapshot-memory";
    chart.title = "Memory (MB)";
    chart.y_label = "MB";
    chart.note = "Working set at each snapshot; 1 MB is 1,000,000 bytes.";
    return chart;
}

Chart sampled_cpu(const results::Run& run) {
    Chart chart = components(run, "cpu_cores", "cores");
    chart.id = "chart-cpu";
    chart.title = "CPU over time";
    chart.note = time_note(run) + chart.note;
    return chart;
}

Chart sampled_memory(const results::Run& run) {
    Chart chart = components(run, "mem_bytes", "bytes");
    chart.id = "chart-memory";
    chart.title = "Memory over time";
    chart.note = time_note(run) + chart.note;
    return chart;
}

std::vector<Chart> further_samples(const results::Run& run) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<const SampledSeries*>> by_name;
    for (const auto& series : run.samples) {
        if (is_component(series.name)) continue;
        auto& all = by_name[series.name];
        if (all.empty()) order.push_back(series.name);
        all.push_back(&series);
    }
    std::vector<Chart> charts;
    for (const auto& name : order) {
        const auto& all = by_name[name];
        std::vector<std::string> labels;
        for (const auto* series : all) labels.push_back(label_of(*series));
        Chart chart = sampled(all, all.front()->unit, labels);
        chart.id = fmt::format("chart-sample-{}", charts.size() + 1);
        chart.title = all.front()->title.empty() ? name : all.front()->title;
        chart.note = fmt::format("Series {} in results.json.{}", name, chart.note);
        charts.push_back(std::move(chart));
    }
    return charts;
}

}  // namespace milo_perf::report
