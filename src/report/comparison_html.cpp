#include <fmt/format.h>

#include <cstddef>
#include <span>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/html.hpp"
#include "report/page.hpp"
#include "report/text.hpp"
#include "results/compare.hpp"
#include "results/format.hpp"
#include "results/names.hpp"
#include "results/request_figures.hpp"

namespace milo_perf::report {
namespace {

using results::Comparison;
using results::Run;
using results::Verdict;

struct Named {
    std::string name;
    const Run* run = nullptr;
};

std::vector<Named> named(const std::vector<Run>& runs, const std::vector<std::string>& names) {
    std::vector<Named> result;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const bool given = i < names.size() && !names[i].empty();
        result.push_back({given ? names[i] : runs[i].test_id, &runs[i]});
    }
    return result;
}

std::string verdict_text(const results::FigureComparison& figure) {
    std::string change = figure.change
                             ? fmt::format("{}{}", *figure.change > 0 ? "+" : "", percent(figure.change))
                             : not_available;
    switch (figure.verdict) {
        case Verdict::better:
            return "✓ better, " + change;
        case Verdict::same:
            return "= same, " + change;
        case Verdict::worse:
            return "✗ worse, " + change;
        case Verdict::no_data:
            break;
    }
    return change;
}

std::vector<Comparison> comparisons(const std::vector<Named>& runs) {
    std::vector<Comparison> result;
    for (std::size_t i = 1; i < runs.size(); ++i) {
        result.push_back(results::compare(std::span(runs[0].run, 1), std::span(runs[i].run, 1), runs[0].name,
                                          runs[i].name));
    }
    return result;
}

std::string figures_table(const std::vector<Named>& runs, const std::vector<Comparison>& all) {
    Table table{.caption = "Every figure, each run against the first",
                .columns = {"Figure"},
                .rows = {},
                .when_empty = "No figures."};
    table.columns.push_back("#" + runs[0].name);
    for (std::size_t i = 1; i < runs.size(); ++i) {
        table.columns.push_back("#" + runs[i].name);
        table.columns.emplace_back("Verdict");
    }
    std::vector<const Run*> every;
    for (const auto& each : runs) every.push_back(each.run);
    for (const auto& figure : results::figures_of(every)) {
        std::vector<std::string> row{figure.title,
                                     quantity(figure.value(*runs[0].run).value, figure.unit).text()};
        for (std::size_t i = 1; i < runs.size(); ++i) {
            row.push_back(quantity(figure.value(*runs[i].run).value, figure.unit).text());
            const auto* compared = all[i - 1].find(figure.name);
            row.push_back(compared != nullptr ? verdict_text(*compared) : not_available);
        }
        table.rows.push_back(std::move(row));
    }
    return write(table);
}

/// One column of each run's chart, put side by side in one chart.
Chart joined(Chart chart, const std::vector<Named>& runs, Chart (*make)(const Run&), std::size_t column) {
    chart.columns = {{.label = "Snapshot"}};
    chart.rows.clear();
    for (const auto& each : runs) {
        const Chart own = make(*each.run);
        chart.columns.push_back({.label = each.name});
        chart.rows.resize(own.rows.size());
        for (std::size_t row = 0; row < own.rows.size(); ++row) {
            if (chart.rows[row].empty()) chart.rows[row].push_back(own.rows[row][0]);
            chart.rows[row].push_back(own.rows[row][column]);
        }
    }
    return chart;
}

std::string snapshot_charts(const std::vector<Named>& runs) {
    std::string html;
    std::size_t column = 0;
    for (const std::string component : {"apiserver", "etcd"}) {
        ++column;
        Chart cpu = joined(snapshot_cpu(*runs[0].run), runs, snapshot_cpu, column);
        cpu.id += "-" + component;
        cpu.title = component + " CPU (cores)";
        Chart memory = joined(snapshot_memory(*runs[0].run), runs, snapshot_memory, column);
        memory.id += "-" + component;
        memory.title = component + " memory (MB)";
        html += write(cpu) + write(memory);
    }
    return html;
}

/// The distributions of one verb on one resource over the runs.
std::string distribution_chart(const std::vector<Named>& runs, const results::Requests& requests,
                               std::size_t number) {
    Run merged;
    for (const auto& each : runs) {
        for (const auto& series : each.run->requests) {
            if (series.verb != stats::to_string(requests.verb) || series.resource != requests.resource)
                continue;
            merged.requests.push_back(series);
            merged.requests.back().verb = each.name;
            merged.requests.back().phase = fmt::format("run {}", merged.requests.size());
        }
    }
    Chart chart = latency_distribution(merged);
    chart.id = fmt::format("chart-distribution-{}", number);
    chart.title = fmt::format("Latency of {}: {}", stats::names_of(requests.verb).plural, requests.resource);
    return merged.requests.empty() ? std::string() : write(chart);
}

std::string workload_notice(const std::vector<Comparison>& all) {
    std::string html;
    for (const auto& comparison : all) {
        if (comparison.workload_differences.empty()) continue;
        html += fmt::format(
                    "<p class=\"notice warn\">! {} ran another workload than {}: differences may come from "
                    "that.</p>\n",
                    escape_html(comparison.name_b), escape_html(comparison.name_a)) +
                bullets(comparison.workload_differences, {});
    }
    return html;
}

std::string runs_table(const std::vector<Named>& runs) {
    Table table{
        .caption = "Runs",
        .columns = {"Run", "Test id", "Began", "Outcome", "Workload", "#Warnings", "milo-perf", "Apiserver"},
        .rows = {},
        .when_empty = {}};
    for (const auto& [name, run] : runs) {
        table.rows.push_back({name, run->test_id, run->timestamp, std::string(name_of(run->outcome).json),
                              workload_text(*run), count(run->warnings.size()),
                              run->environment.milo_perf_version,
                              results::server_version(run->environment.apiserver_version)});
    }
    return write(table);
}

std::vector<Card> verdict_cards(const std::vector<Comparison>& all) {
    std::vector<Card> cards;
    for (const auto& comparison : all) {
        std::size_t better = 0;
        std::size_t same = 0;
        for (const auto& figure : comparison.figures) {
            better += figure.verdict == Verdict::better ? 1 : 0;
            same += figure.verdict == Verdict::same ? 1 : 0;
        }
        const auto worse = comparison.regressions();
        cards.push_back({.label = comparison.name_b + " against " + comparison.name_a,
                         .figure = {fmt::format("{} worse", worse), {}},
                         .explanation = fmt::format("{} better, {} the same", better, same),
                         .state = worse > 0 ? "bad" : "good"});
    }
    return cards;
}

std::string section_of_charts(const std::vector<Named>& runs) {
    std::string html = snapshot_charts(runs);
    std::size_t number = 0;
    for (const auto& requests : results::load_of(*runs[0].run))
        html += distribution_chart(runs, requests, ++number);
    return section("charts", "Side by side", {}, chart_grid(html));
}

}  // namespace

std::string comparison_html(const std::vector<Run>& runs, const std::vector<std::string>& names) {
    const auto all_runs = named(runs, names);
    std::string body = fmt::format(
        "<header>\n<p class=\"kicker\">Milo performance</p>\n<h1>Comparison of {} runs</h1>\n</header>\n"
        "<main id=\"main\" tabindex=\"-1\">\n",
        runs.size());
    if (runs.size() < 2) {
        body += section("verdicts", "Nothing to compare", "A comparison needs two runs or more.", {});
    } else {
        const auto all = comparisons(all_runs);
        body += section("verdicts", "Better or worse?", all.front().method,
                        workload_notice(all) + write(verdict_cards(all)) + subheading("Figures") +
                            figures_table(all_runs, all));
        body += section_of_charts(all_runs);
    }
    body += section("runs", "The runs", {}, runs_table(all_runs));
    return page("Milo performance: comparison",
                body + "</main>\n<footer><p>This page is one file and loads nothing.</p></footer>\n");
}

}  // namespace milo_perf::report
