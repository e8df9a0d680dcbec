#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/figures.hpp"
#include "results/model.hpp"

/// Whether a second run, or group of repeated runs, is better or worse than a first.
namespace milo_perf::results {

enum class Verdict { better, same, worse, no_data };
std::string_view to_string(Verdict verdict);

struct FigureComparison {
    NamedFigure figure;
    /// Medians of the runs that have the figure.
    std::optional<double> a;
    std::optional<double> b;
    /// (b − a) / |a|; null when a is 0 or either is missing.
    std::optional<double> change;
    /// Mann-Whitney U, two-sided, exact; null without enough repeats.
    std::optional<double> p_value;
    Verdict verdict = Verdict::no_data;
    /// What the verdict rests on, or why there is none.
    std::string basis;
};

struct Comparison {
    std::string name_a;
    std::string name_b;
    std::size_t runs_a = 0;
    std::size_t runs_b = 0;
    /// Knobs in which the workloads differ; empty when they can be compared.
    std::vector<std::string> workload_differences;
    /// One sentence: how verdicts were found.
    std::string method;
    std::vector<FigureComparison> figures;

    /// Null when neither group has a figure of that name.
    const FigureComparison* find(std::string_view name) const;
    /// Figures whose verdict is worse.
    std::size_t regressions() const;
};

/// Workload knobs in which two runs differ, each as "NUM_PROJECTS: 100 and 200". Settings that do not change
/// the load (names, paths, log level) do not count.
std::vector<std::string> workloads_differ(const Run& a, const Run& b);

/// Compares every figure of figures_of() both groups. With repeats on both sides enough for the test to be
/// able to reach 5 % (4 and 4, 3 and 5, …), a figure has changed when the exact two-sided Mann-Whitney U test
/// gives p < 0.05 and the medians differ by more than half the figure's tolerance; otherwise when they differ
/// by more than its tolerance, with repeats do not overlap, and, for a cost, differ by more than the noise of
/// the samples behind it. Both groups must have at least one run.
Comparison compare(std::span<const Run> a, std::span<const Run> b, std::string name_a, std::string name_b);

/// Exact two-sided p-value of the Mann-Whitney U test, ties included: the share of all ways to split the
/// joint data that are at least as extreme. Above 20 values in total the normal approximation with tie
/// correction. 1 when a side is empty.
double mann_whitney_p(std::span<const double> a, std::span<const double> b);

/// As an aligned table, as JSON, and as Markdown for a pull request. Text from outside is made harmless.
std::string comparison_text(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);
std::string comparison_markdown(const Comparison& comparison);

}  // namespace milo_perf::results
