#include <fmt/format.h>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"
#include "report/text.hpp"
#include "results/names.hpp"

namespace milo_perf::report {
namespace {

using results::Outcome;
using results::Run;

struct Answer {
    std::string question;
    std::string figure;
    std::string detail;
    std::string target;
    std::string state;
};

/// Whether the cost of a Project with its objects is known; else that of the bare Project is the answer.
bool objects_counted(const Run& run) {
    return results::per_project_in_total(run, results::Quantity::apiserver_mem_bytes).value.has_value();
}

results::Derived per_project_cost(const Run& run, results::Quantity which) {
    return objects_counted(run) ? results::per_project_in_total(run, which)
                                : results::per_project_after_projects(run, which);
}

std::string per_project(const Run& run, results::Quantity which) {
    const auto derived = per_project_cost(run, which);
    return with_sign(quantity(derived.value, derived.unit)).text();
}

/// The costs that could be chance: "; not more than noise: etcd CPU".
std::string noise_note(const Run& run) {
    std::string names;
    for (const auto which : results::all_quantities) {
        if (!per_project_cost(run, which).within_noise()) continue;
        names += (names.empty() ? "" : ", ") + title(which);
    }
    return names.empty() ? names : "; not more than noise: " + names;
}

Answer cost(const Run& run) {
    return {"What did a Project cost?",
            per_project(run, results::Quantity::apiserver_mem_bytes),
            fmt::format("apiserver memory per Project{}, and {} in etcd; CPU {} and {}",
                        objects_counted(run)        ? " with its objects"
                        : run.metrics.after_secrets ? " without its objects, whose figures are missing"
                                                    : "",
                        per_project(run, results::Quantity::etcd_mem_bytes),
                        per_project(run, results::Quantity::apiserver_cpu_cores),
                        per_project(run, results::Quantity::etcd_cpu_cores)) +
                noise_note(run),
            "cost",
            {}};
}

std::string fastest_detail(const Run& run) {
    std::string detail;
    for (const auto& load : load_by_verb(run)) {
        const bool creates = load.verb->verb == stats::Verb::create;
        for (const auto* series : load.series) {
            if (!series->throughput_per_second) continue;
            if (!detail.empty()) detail += "; ";
            detail += fmt::format("{} {}/s, p99 {}", creates ? series->resource : series_name(*series),
                                  number(series->throughput_per_second),
                                  duration(series->operation_latency.p99_seconds).text());
        }
    }
    return detail.empty() ? "no creates were measured" : detail;
}

Answer speed(const Run& run) {
    return {"How fast was it?",
            duration(run.projects_ready_seconds).text(),
            "until all Projects were Ready; " + fastest_detail(run),
            "speed",
            {}};
}

Answer trouble(const Run& run) {
    const auto failed = failed_operations(run);
    const auto failed_thresholds = run.thresholds.size() - thresholds_passed(run);
    const bool bad = failed > 0 || run.readiness.never_ready > 0 || failed_thresholds > 0 ||
                     run.outcome != Outcome::completed;
    const bool warn = !run.warnings.empty() || retries(run) > 0;
    const std::string warnings = counted(run.warnings.size(), "warning");
    std::string detail = run.requests.empty() ? "requests were not recorded, " + warnings
                                              : fmt::format("{}, {}, {}", counted(failed, "failed operation"),
                                                            counted(retries(run), "retry"), warnings);
    if (run.outcome == Outcome::interrupted || run.outcome == Outcome::failed)
        detail = fmt::format("{}; {}", name_of(run.outcome).title, detail);
    if (run.readiness.never_ready > 0)
        detail += fmt::format(", {} never Ready", counted(run.readiness.never_ready, "Project"));
    if (failed_thresholds > 0)
        detail += fmt::format(", {} of {} thresholds failed", failed_thresholds, run.thresholds.size());
    if (bad) return {"Did anything go wrong?", "Yes", detail, "trouble", "bad"};
    if (run.requests.empty()) return {"Did anything go wrong?", not_available, detail, "trouble", "warn"};
    return {"Did anything go wrong?", warn ? "A little" : "No", detail, "trouble", warn ? "warn" : "good"};
}

Answer trust(const Run& run) {
    std::size_t reaching = 0;
    std::size_t missing = 0;
    for (const auto& each : snapshots(run)) {
        reaching += each.snapshot->window_reaches_into_load ? 1 : 0;
        for (const auto which : results::all_quantities)
            missing += results::value(*each.snapshot, which) ? 0 : 1;
    }
    const auto taken = snapshots(run).size();
    const bool limited = run.client.limit != "none";
    std::string detail =
        run.client.cpu_share ? "client " + client_text(run.client) : "the client's own load is unknown";
    detail += fmt::format("; {}, {} at rest", counted(taken, "snapshot"), taken - reaching);
    if (missing > 0) detail += fmt::format(", {} figures missing", missing);
    if (limited || taken == 0) return {"Can I trust it?", "With doubt", detail, "trust", "bad"};
    const bool warn = reaching > 0 || missing > 0 || !run.client.cpu_share;
    return {"Can I trust it?", warn ? "Mostly" : "Yes", detail, "trust", warn ? "warn" : "good"};
}

}  // namespace

std::string answers(const Run& run) {
    std::string html = "<nav class=\"answers\" aria-label=\"The four answers\">\n";
    for (const auto& answer : {cost(run), speed(run), trouble(run), trust(run)}) {
        html += fmt::format(
            "<a class=\"answer {}\" href=\"#{}\"><span class=\"question\">{}</span> <span "
            "class=\"figure\">{}{}</span> "
            "<span class=\"explanation\">{}</span></a>\n",
            answer.state, answer.target, escape_html(answer.question), mark(answer.state),
            escape_html(answer.figure), escape_html(answer.detail));
    }
    return html + "</nav>\n";
}

}  // namespace milo_perf::report
