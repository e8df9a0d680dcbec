#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/derived.hpp"
#include "results/median.hpp"
#include "results/noise.hpp"

namespace milo_perf::results {

namespace {

constexpr std::uint64_t projects_wanted[] = {1000, 10000};
constexpr std::size_t least_repeats = 3;

Extrapolation extrapolate(const Run& run, Quantity quantity, std::uint64_t projects) {
    Extrapolation result{.projects = projects, .quantity = quantity};
    result.with_objects = run.metrics.after_secrets.has_value();
    const Derived slope =
        result.with_objects ? per_project_in_total(run, quantity) : per_project_after_projects(run, quantity);
    if (!slope.value) {
        result.method = fmt::format("No extrapolation: {}.", slope.reason);
        return result;
    }
    if (*slope.value < 0) {
        result.method =
            "No extrapolation where a Project's measured cost is below zero: a cleanup before the run, or "
            "noise, "
            "outweighed it.";
        return result;
    }
    const Snapshot& from = *run.metrics.baseline;
    const Snapshot& to = result.with_objects ? *run.metrics.after_secrets : *run.metrics.after_projects;
    const auto wanted = static_cast<double>(projects);
    result.value = *value(from, quantity) + wanted * *slope.value;

    const auto noise_from = sample_deviation(run, from, quantity);
    const auto noise_to = sample_deviation(run, to, quantity);
    if (!noise_from || !noise_to) {
        result.method = fmt::format(
            "Straight line through two snapshots; no range, since fewer than {} samples at rest stand "
            "in a snapshot's window.",
            least_samples);
        return result;
    }
    // value = from · (1 − factor) + to · factor
    const double factor = wanted / static_cast<double>(projects_there(run));
    const double spread = 2 * std::hypot((1 - factor) * *noise_from, factor * *noise_to);
    result.low = std::max(0.0, *result.value - spread);
    result.high = *result.value + spread;
    result.method = fmt::format(
        "Straight line through two snapshots of {} Projects; the range is two standard deviations of the "
        "samples in both windows, carried along the line, and does not cover a bend of the line.",
        projects_there(run));
    return result;
}

/// The middle and the ends of what the repeats give by themselves.
Extrapolation joined(std::span<const std::vector<Extrapolation>> repeats, std::size_t index) {
    Extrapolation result = repeats.front()[index];
    result.value = result.low = result.high = std::nullopt;
    std::vector<double> values;
    for (const auto& repeat : repeats) {
        if (repeat[index].value) values.push_back(*repeat[index].value);
    }
    result.value = median(values);
    if (values.empty()) return result;
    if (values.size() < least_repeats) {
        result.method = fmt::format("Median of {} repeats; no range below {}.", values.size(), least_repeats);
        return result;
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    result.low = *least;
    result.high = *most;
    result.method = fmt::format(
        "Straight line of each of {} repeats: their median, least and most; the range does not cover a bend "
        "of the line.",
        values.size());
    return result;
}

}  // namespace

std::vector<Extrapolation> extrapolations(const Run& run) {
    std::vector<Extrapolation> result;
    for (const std::uint64_t projects : projects_wanted) {
        for (const Quantity quantity : all_quantities) result.push_back(extrapolate(run, quantity, projects));
    }
    return result;
}

std::vector<Extrapolation> extrapolations(std::span<const Run> repeats) {
    if (repeats.empty()) return {};
    if (repeats.size() == 1) return extrapolations(repeats.front());
    std::vector<std::vector<Extrapolation>> each;
    for (const Run& run : repeats) each.push_back(extrapolations(run));
    std::vector<Extrapolation> result;
    for (std::size_t i = 0; i < each.front().size(); ++i) result.push_back(joined(each, i));
    return result;
}

}  // namespace milo_perf::results
