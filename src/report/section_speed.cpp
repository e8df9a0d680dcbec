#include <fmt/format.h>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

std::string seconds(std::optional<double> value) {
    return duration(value).text();
}

Card total_card(const Run& run) {
    const auto& readiness = run.readiness;
    std::string explanation = "from the first create to the last Ready";
    if (!run.projects_ready_seconds) {
        explanation = readiness.projects == 0
                          ? "not all Projects were seen Ready"
                          : fmt::format("{} of {} Projects were Ready", count(readiness.ready),
                                        count(readiness.projects));
    }
    return {.label = "All Projects Ready",
            .figure = duration(run.projects_ready_seconds),
            .explanation = std::move(explanation),
            .state = {}};
}

std::vector<Card> ready_cards(const Run& run) {
    const auto& readiness = run.readiness;
    const auto per_project = results::ready_seconds_per_project(run);
    std::vector<Card> cards{total_card(run)};
    cards.push_back(
        {.label = "Per Project",
         .figure = duration(per_project.value),
         .explanation = per_project.value ? "that time divided by the Projects" : per_project.reason,
         .state = {}});
    cards.push_back(
        {.label = "One Project, median",
         .figure = duration(readiness.ready_seen.p50_seconds),
         .explanation = fmt::format("p99 {}, slowest {}", seconds(readiness.ready_seen.p99_seconds),
                                    seconds(readiness.ready_seen.max_seconds)),
         .state = {}});
    const bool known = readiness.above_slo_share.has_value();
    cards.push_back(
        {.label = "Above the service level",
         .figure = known ? FigureText{count(readiness.above_slo), {}} : FigureText{not_available, {}},
         .explanation = fmt::format("of {} Projects took more than {}", count(readiness.projects),
                                    seconds(readiness.slo_seconds)),
         .state = !known                    ? ""
                  : readiness.above_slo > 0 ? "bad"
                                            : "good"});
    return cards;
}

std::vector<Card> load_cards(const VerbSeries& load) {
    std::vector<Card> cards;
    for (const auto* series : load.series) {
        // The one Organization has no rate; the table has it.
        if (series->operations < 2) continue;
        const auto& latency = series->operation_latency;
        cards.push_back(
            {.label = fmt::format("{} of {}", load.verb->title, series->resource),
             .figure = quantity(series->throughput_per_second, "per_second"),
             .explanation = fmt::format("{} operations; p50 {}, p99 {}, p99.9 {}", count(series->operations),
                                        seconds(latency.p50_seconds), seconds(latency.p99_seconds),
                                        seconds(latency.p99_9_seconds)),
             .state = {}});
    }
    return cards;
}

std::string latency_table(const Run& run) {
    Table table{
        .caption = "Requests by phase, verb and resource",
        .columns = {"Operation", "Phase", "#Operations", "#Failed", "#Retries", "#Per second", "#p50", "#p90",
                    "#p99", "#p99.9", "#Slowest", "#Attempt p99", "#First byte p99", "#Wait p99"},
        .rows = {},
        .when_empty = "No requests were recorded."};
    for (const auto& series : run.requests) {
        const auto& latency = series.operation_latency;
        table.rows.push_back(
            {series_name(series), series.phase, count(series.operations), count(series.operations_failed),
             count(series.retries), number(series.throughput_per_second), seconds(latency.p50_seconds),
             seconds(latency.p90_seconds), seconds(latency.p99_seconds), seconds(latency.p99_9_seconds),
             seconds(latency.max_seconds), seconds(series.attempt_latency.p99_seconds),
             seconds(series.time_to_first_byte.p99_seconds), seconds(series.connection_wait.p99_seconds)});
    }
    return write(table);
}

std::string load_model_text(const Run& run) {
    if (run.load_model == "open") {
        return "Open loop: operations were sent at a fixed rate whatever the server did, and latency counts "
               "from the planned start.";
    }
    if (run.load_model == "mixed") {
        return "Projects and objects were created by different load models (see PROJECT_QPS, QPS and RAMP in "
               "the "
               "settings): in open loop operations are sent at a fixed rate whatever the server does, and "
               "latency counts from the planned start; in closed loop a fixed number is in flight.";
    }
    if (run.load_model == "closed") {
        return "Closed loop: a fixed number of operations was in flight, so a slow server was asked less "
               "often.";
    }
    return {};
}

}  // namespace

std::string speed_section(const Run& run) {
    std::string html = subheading("Until Ready") + write(ready_cards(run));
    html += chart_grid(write(cumulative_readiness(run)) + write(ready_by_project(run)));
    const auto verbs = load_by_verb(run);
    if (verbs.empty()) html += subheading("Creates") + paragraph("No creates were recorded.");
    for (const auto& one : verbs) {
        const auto cards = load_cards(one);
        html += subheading(std::string(one.verb->title)) +
                (cards.empty() ? paragraph("Too few for a rate; the table has them.") : write(cards));
    }
    html += chart_grid(write(throughput_over_time(run)) + write(latency_over_time(run)) +
                       write(latency_distribution(run)));
    return section("speed", "How fast was it?", load_model_text(run), html + latency_table(run));
}

}  // namespace milo_perf::report
