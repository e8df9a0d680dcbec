#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "results/derived.hpp"
#include "results/model.hpp"

/// The one list of named figures of a run: thresholds, comparisons and CSV speak of these.
namespace milo_perf::results {

enum class Direction { lower_is_better, higher_is_better, neutral };

/// One figure that every run has, or lacks for a reason.
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

/// All figures, in the order in which they are shown.
std::span<const NamedFigure> figures();

/// Null when there is none of that name.
const NamedFigure* find_figure(std::string_view name);

}  // namespace milo_perf::results
