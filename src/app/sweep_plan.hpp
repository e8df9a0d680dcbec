#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "results/thresholds.hpp"

namespace milo_perf::app {

/// A sweep, read and checked.
struct SweepPlan {
    /// With the largest value of the knob, a test id, and OUT_DIR the sweep's folder.
    config::Settings settings;
    /// PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, QPS or NUM_PROJECTS.
    std::string knob;
    /// Distinct, ascending.
    std::vector<double> values;
    std::optional<results::ThresholdRule> limit;
    Duration warmup{};
    Duration hold{};
    Duration settle{};
    unsigned repeats = 3;

    bool varies_projects() const { return knob == "NUM_PROJECTS"; }
    bool whole_numbers() const { return knob != "QPS"; }
};

/// Throws UserError, before anything is created, for what makes no sense.
SweepPlan make_sweep_plan(const Invocation& invocation, const config::KnobTexts& environment);

/// The settings with the plan's knob at this value.
config::Settings with_value(const SweepPlan& plan, double value);

}  // namespace milo_perf::app
