#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "results/thresholds.hpp"

namespace milo_perf::sweep {

/// What a flag stands for that is not given.
inline constexpr std::string_view usual_hold = "20s";
inline constexpr std::string_view usual_warmup = "5s";
inline constexpr std::string_view usual_settle = "10s";
inline constexpr std::uint32_t usual_repeats = 3;

/// A sweep as its flags say it; empty texts are those that were not given.
struct Request {
    std::string knob;
    std::string values;
    std::string limit;
    std::string hold;
    std::string warmup;
    std::string settle;
    std::uint32_t repeats = usual_repeats;
    std::string out;
};

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
    std::uint32_t repeats = 0;

    bool varies_projects() const { return knob == "NUM_PROJECTS"; }
    bool whole_numbers() const { return knob != "QPS"; }
};

/// Throws UserError, before anything is created, for what makes no sense. `knobs` are those given as flags.
SweepPlan make_sweep_plan(const Request& request, const config::KnobTexts& knobs,
                          const config::KnobTexts& environment);

/// The settings with the plan's knob at this value.
config::Settings with_value(const SweepPlan& plan, double value);

}  // namespace milo_perf::sweep
