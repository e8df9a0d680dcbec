#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/derived.hpp"
#include "results/model.hpp"

/// The one list of named figures of a run: thresholds, comparisons and CSV speak of these.
namespace milo_perf::results {

enum class Direction { lower_is_better, higher_is_better, neutral };

/// One figure of a run, which has it or lacks it for a reason.
struct NamedFigure {
    /// E.g. "secrets.create.p99".
    std::string name;
    /// For people, e.g. "Secrets: create p99".
    std::string title;
    /// `cores`, `bytes`, `seconds`, `per_second`, `share` (0 to 1), `count`.
    std::string_view unit;
    Direction direction = Direction::neutral;
    /// Two single runs count as equal up to this relative difference, or up to this absolute one (in the
    /// figure's unit): what runs of the same thing differ by.
    double relative_tolerance = 0.1;
    double absolute_tolerance = 0;
    std::function<Derived(const Run&)> value;
};

/// The figures that are shown of every run, in their order.
std::span<const NamedFigure> figures();

/// The same, and after them those of every other verb and resource that is part of the load of one of these
/// runs.
std::vector<NamedFigure> figures_of(std::span<const Run* const> runs);
std::vector<NamedFigure> figures_of(const Run& run);

/// One of figures(), or `RESOURCE.VERB.FIGURE` of any verb on a resource that milo-perf makes requests for;
/// empty when there is none of that name.
std::optional<NamedFigure> find_figure(std::string_view name);

/// The names that find_figure knows, for a message.
std::string known_figure_names();

/// The three names that `name` is nearest to, by edits, nearest first: for whoever mistyped one.
std::vector<std::string_view> nearest_figures(std::string_view name);

/// A line for each figure with its name, unit and meaning, in columns.
std::string figures_text();

}  // namespace milo_perf::results
