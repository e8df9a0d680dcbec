#pragma once

#include <string>

#include "results/model.hpp"

namespace milo_perf::report {

/// The main figures of a run as aligned lines for a terminal or a log; ends with a line feed. A figure that
/// is missing shows as "n/a". Control characters in names and messages are replaced.
std::string summary(const results::Run& run, bool colour);

/// Whether output to this file descriptor shall be coloured: it is a terminal, NO_COLOR is unset or empty,
/// and TERM is set and not "dumb". The environment's values are null when they are unset.
bool colour_wanted(int fd, const char* no_color, const char* term);

}  // namespace milo_perf::report
