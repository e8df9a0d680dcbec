#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "report/charts.hpp"
#include "report/format.hpp"

namespace milo_perf::report {
namespace {

using results::Project;

constexpr std::size_t most_points = 400;

/// The share of `total` that was there at each moment.
Line cumulative(std::vector<double> moments, std::size_t total, std::string label) {
    std::sort(moments.begin(), moments.end());
    Line line{.column = {.label = std::move(label)}, .points = {}};
    if (moments.empty()) return line;
    const std::size_t group = (moments.size() + most_points - 1) / most_points;
    line.points.emplace_back(moments.front() - 0.001, 0.0);
    for (std::size_t i = 0; i < moments.size(); ++i) {
        if ((i + 1) % group != 0 && i + 1 != moments.size()) continue;
        const double share = 100.0 * static_cast<double>(i + 1) / static_cast<double>(total);
        // Two at the same moment: the later, higher share counts.
        if (line.points.back().first == moments[i]) line.points.pop_back();
        line.points.emplace_back(moments[i], share);
    }
    return line;
}

std::vector<double> moments(const results::Run& run, std::optional<double> Project::*member) {
    std::vector<double> result;
    for (const auto& project : run.projects) {
        if (project.*member) result.push_back(*(project.*member));
    }
    return result;
}

}  // namespace

Chart cumulative_readiness(const results::Run& run) {
    std::vector<Line> lines;
    const std::size_t total = run.projects.size();
    const auto add = [&](std::optional<double> Project::*member, const char* label) {
        Line line = cumulative(moments(run, member), total, label);
        if (!line.points.empty()) lines.push_back(std::move(line));
    };
    add(&Project::create_acknowledged_offset_seconds, "Created");
    add(&Project::ready_seen_offset_seconds, "Ready (seen on the watch)");
    add(&Project::ready_by_server_offset_seconds, "Ready (server's clock, whole seconds)");
    Chart chart;
    chart.id = "chart-ready-share";
    chart.title = "Projects created and Ready";
    chart.note = run.thinned ? "Cumulative share of the Projects in this shortened copy."
                             : "Cumulative share of all Projects.";
    chart.kind = Chart::Kind::steps;
    chart.y_label = "% of Projects";
    if (!lines.empty()) put_lines(chart, "Seconds since start", lines);
    return chart;
}

Chart ready_by_project(const results::Run& run) {
    Chart chart;
    chart.id = "chart-ready-projects";
    chart.title = "Time to Ready by Project";
    chart.kind = Chart::Kind::points;
    chart.y_label = "seconds";
    chart.limit = run.readiness.slo_seconds;
    chart.limit_label = fmt::format("service level {}", duration(run.readiness.slo_seconds).text());
    chart.columns = {{.label = "Number"},
                     {.label = "Ready after (s)"},
                     {.label = "Project", .text = true},
                     {.label = "Create", .text = true},
                     {.label = "Sent at (s)", .text = true},
                     {.label = "Answered at (s)", .text = true},
                     {.label = "Ready at (s)", .text = true},
                     {.label = "Ready by server (s)", .text = true},
                     {.label = "Reason", .text = true}};
    std::size_t number = 0;
    std::size_t not_ready = 0;
    for (const auto& project : run.projects) {
        if (!project.ready_seen_offset_seconds && !project.ready_seconds) ++not_ready;
        chart.rows.push_back({std::to_string(++number), plain(project.ready_seconds), project.name,
                              project.create_outcome, plain(project.create_sent_offset_seconds),
                              plain(project.create_acknowledged_offset_seconds),
                              plain(project.ready_seen_offset_seconds),
                              plain(project.ready_by_server_offset_seconds), project.reason.value_or("")});
    }
    chart.note = "From sending the create until Ready was seen, in the order of creation.";
    if (not_ready > 0) {
        chart.note += fmt::format(" {} never seen Ready: not drawn, n/a in the table.", count(not_ready));
    }
    return chart;
}

}  // namespace milo_perf::report
