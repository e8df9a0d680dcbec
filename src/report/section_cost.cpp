#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

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

/// "33.0 → 53.0 millicores", from which the figure was made.
std::string from_to(const std::optional<results::Snapshot>& before,
                    const std::optional<results::Snapshot>& after, results::Quantity which) {
    const std::optional<double> ends[] = {snapshot_value(before, which), snapshot_value(after, which)};
    const auto texts = in_common_unit(ends, results::unit(which));
    return texts[0].number + " → " + texts[1].text();
}

/// How sure a cost is: what the samples in its two windows vary by.
std::string noise_text(const Derived& cost) {
    if (!cost.noise) return {};
    const std::string noise = quantity(cost.noise, cost.unit).text();
    return cost.within_noise() ? fmt::format("; not more than the noise of ±{}", noise)
                               : fmt::format("; noise ±{}", noise);
}

/// What a group of cards tells of: a cost between two snapshots, shared out over `divisor`.
struct CostGroup {
    Derived (*cost)(const Run&, results::Quantity);
    const std::optional<results::Snapshot>& before;
    const std::optional<results::Snapshot>& after;
    /// "100 Projects".
    std::string divisor;
};

std::string delta_cards(const Run& run, const CostGroup& group) {
    std::vector<Card> cards;
    for (const auto which : results::all_quantities) {
        const Derived derived = group.cost(run, which);
        std::string explanation = derived.reason;
        if (derived.value) {
            explanation =
                from_to(group.before, group.after, which) + " with " + group.divisor + noise_text(derived);
        }
        cards.push_back({.label = title(which),
                         .figure = with_sign(quantity(derived.value, derived.unit)),
                         .explanation = std::move(explanation),
                         .state = {}});
    }
    return write(cards);
}

std::string range_text(const results::Extrapolation& extrapolation) {
    const auto unit = results::unit(extrapolation.quantity);
    if (!extrapolation.value) return "none, see below";
    if (!extrapolation.low || !extrapolation.high) return "no range";
    return fmt::format("range {} to {}", quantity(extrapolation.low, unit).text(),
                       quantity(extrapolation.high, unit).text());
}

std::string extrapolation_cards(const std::vector<results::Extrapolation>& all, std::uint64_t projects) {
    std::vector<Card> cards;
    for (const auto& each : all) {
        if (each.projects != projects) continue;
        cards.push_back({.label = fmt::format("{} at {} Projects", title(each.quantity), count(projects)),
                         .figure = quantity(each.value, results::unit(each.quantity)),
                         .explanation = "extrapolation; " + range_text(each),
                         .state = {}});
    }
    return write(cards);
}

std::string extrapolation_part(const Run& run) {
    const auto all = results::extrapolations(run);
    std::set<std::uint64_t> sizes;
    std::vector<std::string> methods;
    bool with_objects = false;
    for (const auto& each : all) {
        sizes.insert(each.projects);
        with_objects = with_objects || each.with_objects;
        if (std::find(methods.begin(), methods.end(), each.method) == methods.end())
            methods.push_back(each.method);
    }
    std::string html =
        subheading("More Projects: an extrapolation") +
        paragraph(fmt::format("No measurement but an extrapolation: the baseline plus the number of "
                              "Projects times what one Project cost here{}. It holds only as long as "
                              "the cost of a Project stays the same.",
                              with_objects ? ", objects included" : ""));
    for (const auto projects : sizes) html += extrapolation_cards(all, projects);
    return html + bullets(methods, {});
}

}  // namespace

std::string cost_section(const Run& run) {
    const auto& metrics = run.metrics;
    const std::string projects = counted(results::projects_there(run), "Project");
    const std::string objects = counted(results::objects_there(run), "object");
    std::string html = subheading("Per Project, after Projects were Ready");
    html += delta_cards(
        run, {results::per_project_after_projects, metrics.baseline, metrics.after_projects, projects});
    if (has_objects_phase(run)) {
        html += subheading("Per Project, added by its objects");
        html += delta_cards(run, {results::per_project_after_objects, metrics.after_projects,
                                  metrics.after_secrets, projects});
        html += subheading("Per object");
        html +=
            delta_cards(run, {results::per_object, metrics.after_projects, metrics.after_secrets, objects});
    }
    html += chart_grid(write(snapshot_cpu(run)) + write(snapshot_memory(run)) + write(sampled_cpu(run)) +
                       write(sampled_memory(run)));
    html += extrapolation_part(run);
    return section(
        "cost", "What did a Project cost?",
        "The difference between the snapshots, divided by the number of Projects or objects. Noise is "
        "two standard deviations of the samples in both windows, where enough of them lie at "
        "rest.",
        html);
}

}  // namespace milo_perf::report
