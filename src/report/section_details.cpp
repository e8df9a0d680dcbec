#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"
#include "report/text.hpp"
#include "results/csv.hpp"
#include "results/figures.hpp"
#include "results/format.hpp"
#include "results/json.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

std::string or_unknown(const std::optional<std::string>& text) {
    return text.value_or(not_available);
}

std::string figures(const Run& run) {
    Table table{.caption = "Every figure",
                .columns = {"Figure", "Name", "#Value", "Why missing"},
                .rows = {},
                .when_empty = "No figures."};
    for (const auto& figure : results::figures_of(run)) {
        const auto derived = figure.value(run);
        table.rows.push_back({figure.title, figure.name, quantity(derived.value, figure.unit).text(),
                              derived.value ? "" : derived.reason});
    }
    return subheading("Every figure") + paragraph("Thresholds and comparisons use these names.") +
           write(table);
}

/// The script shades charts by this table.
std::string phases(const Run& run) {
    std::string rows;
    for (const auto& phase : run.phases) {
        const std::string end = phase.duration_seconds
                                    ? fmt::format("{:.3f}", phase.offset_seconds + *phase.duration_seconds)
                                    : "";
        rows += fmt::format(
            "<tr data-from=\"{:.3f}\" data-to=\"{}\"><th scope=\"row\">{}</th><td>{}</td>"
            "<td class=\"number\">+{}</td><td class=\"number\">{}</td></tr>\n",
            phase.offset_seconds, end, escape_html(phase.name), escape_html(phase.started_at),
            duration(phase.offset_seconds).text(), duration(phase.duration_seconds).text());
    }
    if (rows.empty()) return subheading("Phases") + paragraph("No phases were recorded.");
    return subheading("Phases") +
           "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Phases\"><table "
           "class=\"words\" "
           "id=\"phases\"><caption>Phases</caption><thead><tr><th scope=\"col\">Phase</th><th "
           "scope=\"col\">Began</th>"
           "<th scope=\"col\" class=\"number\">After</th><th scope=\"col\" "
           "class=\"number\">Took</th></tr></thead><tbody>\n" +
           rows + "</tbody></table></div>\n";
}

std::string objects(const Run& run) {
    Table table{.caption = "Objects",
                .columns = {"Resource", "#Wanted", "#Created", "#Already there", "#Failed"},
                .rows = {},
                .when_empty = "No counts were recorded."};
    for (const auto& [resource, counts] : run.objects) {
        table.rows.push_back({resource, count(counts.requested), count(counts.created),
                              count(counts.existing), count(counts.failed)});
    }
    return subheading("Objects") + write(table);
}

std::string environment(const Run& run) {
    const auto& about = run.environment;
    Table table{
        .caption = "Versions and environment", .columns = {"What", "Value"}, .rows = {}, .when_empty = {}};
    const auto known = [](const std::string& text) { return text.empty() ? not_available : text; };
    table.rows = {{"Test id", run.test_id},
                  {"Organization", run.org_name},
                  {"Began", run.timestamp},
                  {"Ended", or_unknown(run.finished_at)},
                  {"milo-perf", known(about.milo_perf_version)},
                  {"Compiler", known(about.compiler)},
                  {"Host", known(about.host)},
                  {"Kernel", known(about.kernel)},
                  {"CPUs", about.cpus == 0 ? not_available : count(about.cpus)},
                  {"Apiserver", results::server_version(about.apiserver_version)},
                  {"VictoriaMetrics", or_unknown(about.victoriametrics_version)}};
    return subheading("Versions and environment") + write(table);
}

std::string settings(const Run& run) {
    Table table{.caption = "Settings",
                .columns = {"Knob", "Value"},
                .rows = {},
                .when_empty = "No settings were recorded."};
    for (const auto& [knob, value] : run.settings)
        table.rows.push_back({knob, value.empty() ? "(empty)" : value});
    return subheading("Settings") + paragraph("Secrets are left out.") + write(table);
}

/// What names this one run would make a second one collide with it.
bool names_this_run(const Run& run, const std::string& knob, const std::string& value) {
    return knob == "TEST_ID" || (knob == "ORG_NAME" && value == "perf-" + run.test_id);
}

std::string commands(const Run& run) {
    std::string shell;
    std::string task = "task perf:run --";
    for (const auto& [knob, value] : run.settings) {
        if (value.empty() || names_this_run(run, knob, value)) continue;
        const std::string word = shell_quote(fmt::format("{}={}", knob, value));
        shell.append(shell.empty() ? "env " : "  ").append(word).append(" \\\n");
        task.append(" \\\n  ").append(word);
    }
    shell += shell.empty() ? "milo-perf run" : "  milo-perf run";
    return subheading("Run it again") +
           paragraph("From a shell, with every setting as it was (secrets and names of this run left out):") +
           fmt::format("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape_html(shell)) +
           paragraph("In the cluster:") +
           fmt::format("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape_html(task));
}

std::string save_link(const std::string& file, const std::string& text, std::string_view type,
                      const char* label) {
    return fmt::format("<li><a download=\"{}\" href=\"{}\">{}</a></li>\n", escape_html(file),
                       data_uri(type, text), label);
}

std::string save_links(const Run& run) {
    // The file's name comes from outside, too.
    std::string id;
    for (const char c : run.test_id.substr(0, 40)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        id += plain ? c : '_';
    }
    return subheading("Save the data") + "<ul class=\"save\">\n" +
           save_link(fmt::format("results-{}.json", id), results::to_json(run), "application/json",
                     "Save results.json (everything, for programs)") +
           save_link(fmt::format("figures-{}.csv", id), results::figures_csv(run), "text/csv",
                     "Save figures as CSV") +
           save_link(fmt::format("requests-{}.csv", id), results::requests_csv(run), "text/csv",
                     "Save requests as CSV") +
           save_link(fmt::format("projects-{}.csv", id), results::projects_csv(run), "text/csv",
                     "Save Projects as CSV") +
           "</ul>\n";
}

}  // namespace

std::string measurements_section(const Run& run) {
    const auto charts = further_samples(run);
    if (charts.empty()) return {};
    std::string html;
    for (const auto& chart : charts) html += write(chart);
    return section("measurements", "What else was measured",
                   "Series that were sampled while the run went on.", chart_grid(html));
}

std::string details_section(const Run& run) {
    return section("details", "All the details", {},
                   save_links(run) + phases(run) + objects(run) + figures(run) + commands(run) +
                       environment(run) + settings(run));
}

}  // namespace milo_perf::report
