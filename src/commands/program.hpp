#pragma once

#include <string>
#include <vector>

namespace milo_perf::commands {

/// The whole program: from its arguments (without its own name) to its exit code. What the user must know
/// goes to standard error, what was asked for to standard output.
int run_program(const std::vector<std::string>& arguments);

}  // namespace milo_perf::commands
