#pragma once

#include <string>

#include "results/sweep_model.hpp"

namespace milo_perf::report {

/// `sweep.html`: one file that loads nothing, in the ways of report.html.
std::string sweep_html(const results::Sweep& sweep);

/// The sweep as an aligned table for a terminal; ends with a line feed.
std::string sweep_summary(const results::Sweep& sweep);

}  // namespace milo_perf::report
