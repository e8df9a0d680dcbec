#pragma once

#include <string>
#include <vector>

#include "results/model.hpp"

namespace milo_perf::report {

/// `report.html` of one run: a single file that loads nothing, with charts, tables, the results as JSON and
/// as CSV. Without scripting it shows the same figures as tables and text. Everything that came from outside
/// is escaped, and a Content-Security-Policy allows only the page's own script and style.
std::string html(const results::Run& run);

/// One page that compares several runs, side by side and each against the first. `names[i]` stands for
/// `runs[i]`, e.g. its file's name; a missing name falls back to the run's test id.
std::string comparison_html(const std::vector<results::Run>& runs, const std::vector<std::string>& names);

}  // namespace milo_perf::report
