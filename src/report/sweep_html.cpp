#include <fmt/format.h>

#include "report/chart.hpp"
#include "report/elements.hpp"
#include "report/format.hpp"
#include "report/page.hpp"
#include "report/sweep.hpp"
#include "report/text.hpp"
#include "results/figures.hpp"
#include "results/names.hpp"
#include "results/sweep.hpp"

namespace milo_perf::report {
namespace {

using results::Spread;
using results::Sweep;
using results::SweepPoint;
using results::SweepStep;

constexpr double megabyte = 1e6;

struct Series {
    std::string label;
    Spread SweepPoint::*member;
    double scale = 1;
    bool right_axis = false;
};

std::optional<double> scaled(std::optional<double> value, double scale) {
    if (!value) return std::nullopt;
    return *value * scale;
}

/// Medians against the varied value; least and most of the repeats as text beside them.
Chart chart_of(const Sweep& sweep, std::string id, std::string title, std::string y_label,
               const std::vector<Series>& all) {
    Chart chart{
        .id = std::move(id), .title = std::move(title), .y_label = std::move(y_label), .marked = true};
    chart.columns.push_back({.label = sweep.knob});
    for (const Series& series : all) {
        chart.columns.push_back({.label = series.label, .right_axis = series.right_axis});
        chart.columns.push_back({.label = series.label + ", least to most", .text = true});
    }
    for (const SweepPoint& point : sweep.points) {
        std::vector<std::string> row{plain(point.value)};
        for (const Series& series : all) {
            const Spread& spread = point.*series.member;
            row.push_back(plain(scaled(spread.median, series.scale)));
            row.push_back(plain(scaled(spread.least, series.scale)) + " to " +
                          plain(scaled(spread.most, series.scale)));
        }
        chart.rows.push_back(std::move(row));
    }
    return chart;
}

/// The knee as a series of its own with one point, so that it is marked in picture and table.
void mark_knee(Chart& chart, const Sweep& sweep, Spread SweepPoint::*member, double scale) {
    if (!sweep.knee || !sweep.knee->value) return;
    chart.columns.push_back({.label = sweep.limit ? "Knee" : "Highest throughput"});
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
        const SweepPoint& point = sweep.points[i];
        const bool here = point.value == *sweep.knee->value;
        chart.rows[i].push_back(here ? plain(scaled((point.*member).median, scale)) : std::string());
    }
}

std::string load_charts(const Sweep& sweep) {
    Chart throughput = chart_of(sweep, "throughput", "Throughput", "Creates per second",
                                {{"Creates per second", &SweepPoint::throughput_per_second}});
    throughput.note = "Successful creates that ended within the hold; medians of the repeats.";
    mark_knee(throughput, sweep, &SweepPoint::throughput_per_second, 1);
    Chart latency =
        chart_of(sweep, "latency", "Latency", "Milliseconds",
                 {{"p50", &SweepPoint::p50_seconds, 1e3}, {"p99", &SweepPoint::p99_seconds, 1e3}});
    latency.note =
        sweep.load_model == "open"
            ? "From the planned start of each create, so a server that stalls cannot hide its queue."
            : "Of the creates that began within the hold.";
    // Beyond the knee it grows a hundredfold.
    latency.logarithmic = true;
    mark_knee(latency, sweep, &SweepPoint::p99_seconds, 1e3);
    return chart_grid(write(throughput) + write(latency));
}

std::string resource_charts(const Sweep& sweep) {
    const bool projects = sweep.knob == "NUM_PROJECTS";
    const std::string what = projects ? " added by the Projects" : " over the hold";
    Chart cpu =
        chart_of(sweep, "cpu", "CPU" + what, "Cores",
                 {{"apiserver", &SweepPoint::apiserver_cpu_cores}, {"etcd", &SweepPoint::etcd_cpu_cores}});
    Chart memory = chart_of(sweep, "memory", "Memory" + what, "MB",
                            {{"apiserver", &SweepPoint::apiserver_mem_bytes, 1 / megabyte},
                             {"etcd", &SweepPoint::etcd_mem_bytes, 1 / megabyte}});
    return chart_grid(write(cpu) + write(memory));
}

std::string slope_table(const Sweep& sweep) {
    Table table{.caption = "What one more Project costs",
                .columns = {"Figure", "#Per Project", "#95 % from", "#to", "Told apart from 0", "#R²",
                            "#Runs", "Method"}};
    for (const auto& slope : sweep.slopes) {
        const SlopeText text = slope_text(slope);
        table.rows.push_back({slope.figure, text.per_project, text.low, text.high,
                              !slope.per_project       ? not_available
                              : text.differs_from_zero ? "yes"
                                                       : "no",
                              number(slope.r_squared), count(slope.points), slope.method});
    }
    return write(table);
}

std::string client_cpu(const SweepStep& step) {
    return percent(step.client_cpu_share) +
           (step.client_limit == "none" ? "" : " (" + step.client_limit + ")");
}

std::string limit_word(const SweepStep& step) {
    if (!step.keeps_limit) return not_available;
    return *step.keeps_limit ? "kept" : "missed";
}

Table load_steps(const Sweep& sweep) {
    Table table{.columns = {sweep.knob, "#Repeat", "Purpose", "#Creates/s", "#p50", "#p99", "#Errors",
                            "#Creates", "#Late", "#Retries", "#Client CPU", "Limit", "Problem"}};
    for (const auto& step : sweep.steps) {
        table.rows.push_back({plain(step.value), count(step.repeat), step.purpose,
                              number(step.throughput_per_second), duration(step.latency.p50_seconds).text(),
                              duration(step.latency.p99_seconds).text(), percent(step.error_rate),
                              count(step.creates), count(step.late_sends), count(step.retries),
                              client_cpu(step), limit_word(step), step.problem.value_or("")});
    }
    return table;
}

Table project_steps(const Sweep& sweep) {
    Table table{.columns = {sweep.knob, "#Repeat", "#All Ready", "#Create p50", "#Create p99", "#Errors",
                            "#Retries", "#Client CPU", "Run", "Problem"}};
    for (const auto& step : sweep.steps) {
        table.rows.push_back(
            {plain(step.value), count(step.repeat), duration(step.projects_ready_seconds).text(),
             duration(step.latency.p50_seconds).text(), duration(step.latency.p99_seconds).text(),
             percent(step.error_rate), count(step.retries), client_cpu(step),
             step.run_folder.value_or(not_available), step.problem.value_or("")});
    }
    return table;
}

std::string step_table(const Sweep& sweep) {
    Table table = sweep.knob == "NUM_PROJECTS" ? project_steps(sweep) : load_steps(sweep);
    table.caption = "Every step";
    table.when_empty = "No step was measured.";
    return write(table);
}

std::string settings_table(const Sweep& sweep) {
    Table table{.caption = "Settings", .columns = {"Knob", "Value"}};
    for (const auto& [knob, value] : sweep.settings) table.rows.push_back({knob, value});
    return write(table);
}

std::string header(const Sweep& sweep) {
    const bool good = sweep.outcome == results::Outcome::completed;
    std::string html = fmt::format(
        "<header>\n<p class=\"kicker\">Milo performance sweep</p>\n<h1>{} "
        "<span class=\"badge {}\">{} {}</span></h1>\n<p class=\"facts\">{} · measured {} times · {}</p>\n",
        escape_html(sweep.knob), good ? "good" : "bad", good ? "✓" : "✗", name_of(sweep.outcome).title,
        escape_html(sweep.test_id), sweep.repeats, escape_html(sweep.timestamp));
    if (sweep.reason) html += fmt::format("<p class=\"notice bad\">{}</p>\n", escape_html(*sweep.reason));
    if (sweep.knee) html += fmt::format("<p class=\"facts\">{}</p>\n", escape_html(sweep.knee->verdict));
    return html + "</header>\n";
}

std::string downloads(const Sweep& sweep) {
    return fmt::format(
        "<p><a download=\"sweep.json\" href=\"{}\">Save the JSON</a> · <a download=\"sweep.csv\" "
        "href=\"{}\">Save the CSV</a></p>\n",
        data_uri("application/json", results::sweep_json(sweep)),
        data_uri("text/csv", results::sweep_csv(sweep)));
}

}  // namespace

std::string sweep_html(const Sweep& sweep) {
    const bool projects = sweep.knob == "NUM_PROJECTS";
    std::string body = header(sweep) + "<main id=\"main\" tabindex=\"-1\">\n";
    if (projects) {
        body += section("slope", "What did one more Project cost?",
                        "Slopes of CPU and memory at rest over the number of Projects.", slope_table(sweep));
    } else {
        body += section("load", "How fast was it?", "", load_charts(sweep));
    }
    body += section("resources", "What did it cost?", "", resource_charts(sweep));
    body += section("warnings", "Can I trust it?", "", bullets(sweep.warnings, "There were no warnings."));
    body += section("details", "Details", "", step_table(sweep) + settings_table(sweep) + downloads(sweep));
    body += fmt::format("</main>\n<footer><p>Made by milo-perf {}.</p></footer>\n",
                        escape_html(sweep.environment.milo_perf_version));
    return page("Milo performance sweep over " + sweep.knob, body);
}

}  // namespace milo_perf::report
