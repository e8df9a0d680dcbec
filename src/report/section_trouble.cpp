#include <fmt/format.h>

#include <algorithm>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

constexpr std::size_t most_listed = 50;

std::vector<Card> cards(const Run& run) {
    const auto failed = failed_operations(run);
    const auto never = run.readiness.never_ready;
    std::vector<Card> result;
    result.push_back({.label = "Failed operations",
                      .figure = {run.requests.empty() ? not_available : count(failed), {}},
                      .explanation = "after all retries",
                      .state = run.requests.empty() ? ""
                               : failed > 0         ? "bad"
                                                    : "good"});
    result.push_back({.label = "Retries",
                      .figure = {run.requests.empty() ? not_available : count(retries(run)), {}},
                      .explanation = "attempts that were repeated; users of the API would have noticed them",
                      .state = run.requests.empty() ? ""
                               : retries(run) > 0   ? "warn"
                                                    : "good"});
    result.push_back({.label = "Projects never Ready",
                      .figure = {run.readiness.projects == 0 ? not_available : count(never), {}},
                      .explanation = fmt::format("of {}", count(run.readiness.projects)),
                      .state = run.readiness.projects == 0 ? ""
                               : never > 0                 ? "bad"
                                                           : "good"});
    const auto passed = thresholds_passed(run);
    const bool all = passed == run.thresholds.size();
    result.push_back(
        {.label = "Thresholds passed",
         .figure = {run.thresholds.empty() ? "none set"
                                           : fmt::format("{} of {}", passed, run.thresholds.size()),
                    {}},
         .explanation = run.thresholds.empty() ? "limits are set with THRESHOLDS"
                        : all                  ? "every limit was kept"
                                               : fmt::format("{} failed", run.thresholds.size() - passed),
         .state = run.thresholds.empty() ? ""
                  : all                  ? "good"
                                         : "bad"});
    result.push_back({.label = "Warnings",
                      .figure = {count(run.warnings.size()), {}},
                      .explanation = run.warnings.empty() ? "none" : "read them before the figures",
                      .state = run.warnings.empty() ? "good" : "warn"});
    return result;
}

std::string thresholds(const Run& run) {
    Table table{.caption = "Thresholds",
                .columns = {"Threshold", "Result", "#Value", "#Limit", "Verdict"},
                .rows = {},
                .when_empty = "No thresholds were set."};
    for (const auto& threshold : run.thresholds) {
        table.rows.push_back({threshold.expression, threshold.passed ? "✓\u00a0passed" : "✗\u00a0failed",
                              quantity(threshold.value, threshold.unit).text(),
                              quantity(threshold.limit, threshold.unit).text(), threshold.verdict});
    }
    return subheading("Thresholds") + write(table);
}

void add_counts(Table& table, const std::string& operation, const std::string& what,
                const results::Counts& counts) {
    for (const auto& [cause, times] : counts) table.rows.push_back({operation, what, cause, count(times)});
}

std::string failures(const Run& run) {
    Table table{.caption = "Failures, errors and retries by cause",
                .columns = {"Operation", "What", "Cause", "#Times"},
                .rows = {},
                .when_empty = "No request failed and none was repeated."};
    for (const auto& series : run.requests) {
        const std::string name = series_name(series);
        add_counts(table, name, "operation failed", series.failures_by_cause);
        add_counts(table, name, "retry", series.retries_by_cause);
        add_counts(table, name, "no answer", series.errors);
        if (series.operations_cancelled > 0) {
            table.rows.push_back(
                {name, "given up", "the run was ending", count(series.operations_cancelled)});
        }
        for (const auto& [status, times] : series.statuses) {
            if (!status.starts_with('2')) table.rows.push_back({name, "HTTP status", status, count(times)});
        }
        if (series.late_sends > 0)
            table.rows.push_back({name, "sent late", "client or limit", count(series.late_sends)});
        if (series.dropped_sends > 0) {
            table.rows.push_back({name, "never sent", "client or limit", count(series.dropped_sends)});
        }
    }
    return subheading("Failures and retries") + write(table);
}

std::string events(const Run& run) {
    Table table{.caption = "Events",
                .columns = {"Time", "Source", "Message"},
                .rows = {},
                .when_empty = "No restarts, gaps or relists were seen."};
    for (const auto& event : run.events) {
        table.rows.push_back({"+" + duration(event.offset_seconds).text(), event.source, event.message});
    }
    return subheading("Events") + write(table);
}

std::string not_ready(const Run& run) {
    Table table{.caption = "Projects that were not seen Ready",
                .columns = {"Project", "Create", "Reason"},
                .rows = {},
                .when_empty = {}};
    std::size_t more = 0;
    for (const auto& project : run.projects) {
        if (project.ready_seconds || project.ready_seen_offset_seconds) continue;
        if (table.rows.size() == most_listed) {
            ++more;
        } else {
            table.rows.push_back(
                {project.name, project.create_outcome, project.reason.value_or(not_available)});
        }
    }
    if (table.rows.empty()) return {};
    return subheading("Not Ready") + write(table) +
           (more == 0 ? "" : paragraph(fmt::format("And {} more; results.json has them all.", count(more))));
}

}  // namespace

std::string trouble_section(const Run& run) {
    std::string html = write(cards(run));
    html += subheading("Warnings") + bullets(run.warnings, "None.");
    html += thresholds(run) + failures(run) + not_ready(run) + events(run);
    return section("trouble", "Did anything go wrong?", run.reason.value_or(""), html);
}

}  // namespace milo_perf::report
