#pragma once

#include <string>

#include "results/sweep_model.hpp"

namespace milo_perf::report {

/// `sweep.html`: one file that loads nothing, in the ways of report.html.
std::string sweep_html(const results::Sweep& sweep);

/// The sweep as an aligned table for a terminal; ends with a line feed.
std::string sweep_summary(const results::Sweep& sweep);

/// A slope as page and terminal write it: signed, all three in one unit. "n/a" when there is none.
struct SlopeText {
    std::string per_project;
    std::string low;
    std::string high;
    /// Whether 0 lies outside of the confidence interval; false without a slope.
    bool differs_from_zero = false;
};

SlopeText slope_text(const results::SweepSlope& slope);

}  // namespace milo_perf::report
