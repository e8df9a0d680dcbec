#include <fmt/format.h>

#include <algorithm>

#include "report/charts.hpp"
#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"

namespace milo_perf::report {
namespace {

using results::Derived;
using results::Run;

bool has_objects_phase(const Run& run) {
    return run.metrics.after_secrets.has_value();
}

std::optional<double> snapshot_value(const std::optional<results::Snapshot>& snapshot,
                                     results::Quantity quantity) {
    return snapshot ? results::value(*snapshot, quantity) : std::nullopt;
}

/// "1.20 → 1.75 cores in all", from which the figure was made.
std::string from_to(const std::optional<results::Snapshot>& before,
                    const std::optional<results::Snapshot>& after, results::Quantity which) {
    const auto unit = results::unit(which);
    return fmt::format("{} → {}", quantity(snapshot_value(before, which), unit).text(),
                       quantity(snapshot_value(after, which), unit).text());
}

template <class Figure>
std::string delta_cards(const Run& run, Figure figure, const std::optional<results::Snapshot>& before,
                        const std::optional<results::Snapshot>& after, const std::string& divisor) {
    std::vector<Card> cards;
    for (const auto which : results::all_quantities) {
        const Derived derived = figure(run, which);
        cards.push_back(
            {.label = title(which),
             .figure = with_sign(quantity(derived.value, derived.unit)),
             .explanation = derived.value ? from_to(before, after, which) + divisor : derived.reason,
             .state = {}});
    }
    return write(cards);
}

std::string range_text(const results::Extrapolation& extrapolation) {
    const auto unit = results::unit(extrapolation.quantity);
    if (!extrapolation.low || !extrapolation.high) return "no range";
    return fmt::format("{} to {}", quantity(extrapolation.low, unit).text(),
                       quantity(extrapolation.high, unit).text());
}

std::string extrapolation_part(const Run& run) {
    const auto all = results::extrapolations(run);
    Table table{.caption = "Extrapolation to more Projects",
                .columns = {"Quantity", "#Projects", "#Extrapolation", "#Range", "How the range came about"},
                .rows = {},
                .when_empty = "No extrapolation: n/a."};
    bool with_objects = false;
    for (const auto& each : all) {
        with_objects = with_objects || each.with_objects;
        table.rows.push_back({title(each.quantity), count(each.projects),
                              quantity(each.value, results::unit(each.quantity)).text(), range_text(each),
                              each.method});
    }
    std::stable_sort(table.rows.begin(), table.rows.end(),
                     [](const auto& a, const auto& b) { return a[1].size() < b[1].size(); });
    return subheading("What 1,000 and 10,000 Projects would cost: an extrapolation") +
           paragraph(fmt::format("This is an extrapolation, no measurement: the baseline plus the number of "
                                 "Projects times what one Project cost here{}. It holds only as long as the "
                                 "cost of a Project stays the same.",
                                 with_objects ? ", objects included" : "")) +
           write(table);
}

}  // namespace

std::string cost_section(const Run& run) {
    const auto& metrics = run.metrics;
    std::string html = subheading("Per Project, after Projects were Ready");
    html += delta_cards(run, results::per_project_after_projects, metrics.baseline, metrics.after_projects,
                        fmt::format(" with {} Projects", count(results::projects_there(run))));
    if (has_objects_phase(run)) {
        html += subheading("Per Project with its objects");
        html += delta_cards(run, results::per_project_after_objects, metrics.baseline, metrics.after_secrets,
                            fmt::format(" with {} Projects", count(results::projects_there(run))));
        html += subheading("Per object");
        html += delta_cards(run, results::per_object, metrics.after_projects, metrics.after_secrets,
                            fmt::format(" with {} objects", count(results::objects_there(run))));
    }
    html += "<div class=\"charts\">\n" + write(snapshot_cpu(run)) + write(snapshot_memory(run)) +
            write(sampled_cpu(run)) + write(sampled_memory(run)) + "</div>\n";
    html += extrapolation_part(run);
    return section("cost", "What did a Project cost?",
                   "The difference between the snapshots, divided by the number of Projects or objects.",
                   html);
}

}  // namespace milo_perf::report
