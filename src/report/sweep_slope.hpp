#pragma once

#include <string>

#include "results/sweep_model.hpp"

namespace milo_perf::report {

/// A slope as page and terminal write it: signed, all three in one unit. "n/a" when there is none.
struct SlopeText {
    std::string per_project;
    std::string low;
    std::string high;
    /// Whether 0 lies outside of the confidence interval; false without a slope.
    bool told_apart_from_zero = false;
};

SlopeText slope_text(const results::SweepSlope& slope);

}  // namespace milo_perf::report
