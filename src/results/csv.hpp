#pragma once

#include <string>
#include <string_view>

#include "results/model.hpp"

/// Tables of a run as CSV (RFC 4180: CRLF, fields quoted when needed). A missing figure is an empty field.
/// A text that a spreadsheet would take for a formula gets a leading apostrophe.
namespace milo_perf::results {

/// test_id, name, value, unit, reason: every figure of figures().
std::string figures_csv(const Run& run);

/// One row per series: phase, verb, resource, counts and latencies.
std::string requests_csv(const Run& run);

/// One row per Project.
std::string projects_csv(const Run& run);

/// One field as a row holds it.
std::string csv_field(std::string_view text);

}  // namespace milo_perf::results
