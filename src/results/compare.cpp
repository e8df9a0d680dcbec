#include "results/compare.hpp"
#include "results/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.hpp"
#include "results/median.hpp"

namespace milo_perf::results {

namespace {

constexpr double alpha = 0.05;

/// Knobs that make the load what it is.
constexpr std::string_view workload_knobs[] = {"ARRIVAL",
                                               "BURST",
                                               "MAX_IN_FLIGHT",
                                               "NUM_PROJECTS",
                                               "PROJECT_QPS",
                                               "NUM_CONFIGMAPS_PER_PROJECT",
                                               "QPS",
                                               "RAMP",
                                               "NUM_SECRETS_PER_PROJECT",
                                               "SEED",
                                               "OBJECT_SIZE_BYTES",
                                               "OBJECT_CONCURRENCY",
                                               "MEASURE_WINDOW",
                                               "PROJECT_CONCURRENCY",
                                               "PROJECT_CREATE_CONCURRENCY",
                                               "RUN_OBJECTS_PHASE",
                                               "STABILIZE_SECONDS",
                                               "REQUEST_TIMEOUT_SECONDS"};

/// The workload as far as a run tells it: its knobs, and the keys that even a bare file has.
std::map<std::string, std::string> workload(const Run& run) {
    std::map<std::string, std::string> found;
    for (const std::string_view knob : workload_knobs) {
        const auto setting = run.settings.find(std::string(knob));
        if (setting != run.settings.end()) found.insert(*setting);
    }
    // A file without settings shows by its snapshots whether it had objects.
    found.emplace("RUN_OBJECTS_PHASE", run.metrics.after_secrets ? "true" : "false");
    found["NUM_PROJECTS"] = std::to_string(run.num_projects);
    found["NUM_SECRETS_PER_PROJECT"] = std::to_string(run.num_secrets_per_project);
    found["NUM_CONFIGMAPS_PER_PROJECT"] = std::to_string(run.num_configmaps_per_project);
    return found;
}

/// The least p-value that two groups of these sizes can reach: 2 / C(a + b, a).
double least_p(std::size_t a, std::size_t b) {
    double ways = 1;
    for (std::size_t i = 1; i <= a; ++i) ways = ways * static_cast<double>(b + i) / static_cast<double>(i);
    return 2 / ways;
}

/// One side's values of a figure.
struct Side {
    std::vector<double> values;
    /// Of the noisiest run, where there is a figure of it.
    double noise = 0;
    /// Why a value is missing.
    std::string reason;
};

Side side(std::span<const Run> runs, const NamedFigure& figure) {
    Side found;
    for (const Run& run : runs) {
        const Derived one = figure.value(run);
        if (one.value && std::isfinite(*one.value)) {
            found.values.push_back(*one.value);
            found.noise = std::max(found.noise, one.noise.value_or(0));
        } else {
            found.reason = one.reason;
        }
    }
    return found;
}

Verdict verdict_of(Direction direction, double difference) {
    if (direction == Direction::neutral) return Verdict::same;
    const bool lower = difference < 0;
    return lower == (direction == Direction::lower_is_better) ? Verdict::better : Verdict::worse;
}

double tolerance(const NamedFigure& figure, double a) {
    return std::max(figure.absolute_tolerance, figure.relative_tolerance * std::abs(a));
}

/// True when each side has repeats and a value of one lies among the other's: what differs less than its own
/// repeats do has not changed.
bool repeats_overlap(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() < 2 || b.size() < 2) return false;
    const auto [a_least, a_most] = std::minmax_element(a.begin(), a.end());
    const auto [b_least, b_most] = std::minmax_element(b.begin(), b.end());
    return *a_least <= *b_most && *b_least <= *a_most;
}

void judge(FigureComparison& result, const Side& a, const Side& b) {
    const double difference = *result.b - *result.a;
    const double allowed = tolerance(result.figure, *result.a);
    const double noise = std::hypot(a.noise, b.noise);
    bool changed = false;
    if (least_p(a.values.size(), b.values.size()) < alpha) {
        result.p_value = mann_whitney_p(a.values, b.values);
        changed = *result.p_value < alpha && std::abs(difference) > allowed / 2;
        result.basis = fmt::format("p = {:.3f}, least relevant change {}", *result.p_value,
                                   show(allowed / 2, result.figure.unit));
    } else if (repeats_overlap(a.values, b.values)) {
        result.basis = "the repeats of both overlap";
    } else if (noise > allowed) {
        changed = std::abs(difference) > noise;
        result.basis = fmt::format("noise of the samples {}", show(noise, result.figure.unit));
    } else {
        changed = std::abs(difference) > allowed;
        result.basis = fmt::format("tolerance {}", show(allowed, result.figure.unit));
    }
    if (result.figure.direction == Direction::neutral) result.basis += "; neither way is better";
    result.verdict = changed ? verdict_of(result.figure.direction, difference) : Verdict::same;
}

FigureComparison compare_figure(const NamedFigure& figure, std::span<const Run> a, std::span<const Run> b) {
    FigureComparison result{.figure = figure};
    const Side side_a = side(a, figure);
    const Side side_b = side(b, figure);
    result.a = median(side_a.values);
    result.b = median(side_b.values);
    if (!result.a || !result.b) {
        result.basis = result.a ? side_b.reason : side_a.reason;
        return result;
    }
    if (*result.a != 0) result.change = (*result.b - *result.a) / std::abs(*result.a);
    judge(result, side_a, side_b);
    return result;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::better:
            return "better";
        case Verdict::same:
            return "same";
        case Verdict::worse:
            return "worse";
        case Verdict::no_data:
            break;
    }
    return "no data";
}

const FigureComparison* Comparison::find(std::string_view name) const {
    const auto found = std::find_if(figures.begin(), figures.end(),
                                    [name](const auto& one) { return one.figure.name == name; });
    return found == figures.end() ? nullptr : &*found;
}

std::size_t Comparison::regressions() const {
    return static_cast<std::size_t>(std::count_if(
        figures.begin(), figures.end(), [](const auto& one) { return one.verdict == Verdict::worse; }));
}

std::vector<std::string> workloads_differ(const Run& a, const Run& b) {
    const auto knobs_a = workload(a);
    const auto knobs_b = workload(b);
    std::vector<std::string> differences;
    for (const auto& [knob, value_a] : knobs_a) {
        const auto found = knobs_b.find(knob);
        // A file without a knob (the replaced runner's) says nothing about it.
        if (found == knobs_b.end() || found->second == value_a) continue;
        differences.push_back(fmt::format("{}: {} and {}", knob, value_a, found->second));
    }
    return differences;
}

Comparison compare(std::span<const Run> a, std::span<const Run> b, std::string name_a, std::string name_b) {
    if (a.empty() || b.empty()) throw UserError("A comparison needs at least one run on each side.");
    Comparison result{.name_a = std::move(name_a), .name_b = std::move(name_b)};
    result.runs_a = a.size();
    result.runs_b = b.size();
    std::set<std::string> differences;
    for (const auto& group : {a, b}) {
        for (const Run& run : group) {
            for (std::string& one : workloads_differ(a.front(), run)) differences.insert(std::move(one));
        }
    }
    result.workload_differences.assign(differences.begin(), differences.end());
    const bool testable = least_p(a.size(), b.size()) < alpha;
    result.method = testable
                        ? "Changed: p < 0.05 by the two-sided Mann-Whitney U test over the repeats, and "
                          "medians further apart than half the figure's tolerance. Every figure is tested by "
                          "itself: of 20 that did not change, one is expected to look changed."
                        : "Changed: medians further apart than the figure's tolerance, and than the noise of "
                          "the samples behind a cost, and repeats that do not overlap; there are too few "
                          "repeats for a test (4 and 4 are enough).";
    std::vector<const Run*> all;
    for (const auto& group : {a, b}) {
        for (const Run& run : group) all.push_back(&run);
    }
    for (const NamedFigure& figure : figures_of(all)) result.figures.push_back(compare_figure(figure, a, b));
    return result;
}

}  // namespace milo_perf::results
