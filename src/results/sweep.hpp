#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/knee_search.hpp"
#include "results/sweep_model.hpp"

/// What follows from the steps of a sweep, and its files.
namespace milo_perf::results {

/// Median, least and most; all null without values.
Spread spread(const std::vector<double>& values);

/// The steps by value, ascending.
std::vector<SweepPoint> sweep_points(const std::vector<SweepStep>& steps);

/// Slopes of the four quantities over NUM_PROJECTS, from each step's after_projects − baseline. Taking each
/// run's own baseline keeps out what the server keeps of runs before it.
std::vector<SweepSlope> sweep_slopes(const std::vector<SweepStep>& steps);

/// The search's end in words. `knob` is the one that was varied, `limit` the user's expression.
SweepKnee sweep_knee(const load::KneeSearch& search, const std::string& knob, const std::string& limit);

/// `sweep.json`, and `sweep.csv` with one line per step.
std::string sweep_json(const Sweep& sweep);
std::string sweep_csv(const Sweep& sweep);

/// What sweep_json() wrote; nothing when the document is another's. UserError when it is not JSON, or a value
/// has another type than its key wants; `source_name` names it there.
std::optional<Sweep> sweep_from_json(std::string_view text, std::string_view source_name);

}  // namespace milo_perf::results
