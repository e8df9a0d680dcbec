#pragma once

#include <string>

#include "results/model.hpp"

/// The parts of a run's page, in the order in which planners ask. Each returns HTML.
namespace milo_perf::report {

/// The four answers in one line each, with links to the sections.
std::string answers(const results::Run& run);

std::string cost_section(const results::Run& run);
std::string speed_section(const results::Run& run);
std::string trouble_section(const results::Run& run);
std::string trust_section(const results::Run& run);
std::string measurements_section(const results::Run& run);
std::string details_section(const results::Run& run);

}  // namespace milo_perf::report
