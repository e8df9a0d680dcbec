#pragma once

#include <cstddef>
#include <string>

#include "config/settings.hpp"

namespace milo_perf::app {

/// The folder of the n-th of several runs within their OUT_DIR, counted from 1: "run-01".
std::string run_folder(std::size_t number);

/// The settings of the n-th of several runs: its own folder, and its own TEST_ID after theirs ("id-01"), if
/// they have one.
config::Settings numbered(config::Settings settings, std::size_t number);

/// Throws UserError when the TEST_ID of the n-th run would be too long: to be asked before the first.
void check_numbered(const config::Settings& settings, std::size_t number);

}  // namespace milo_perf::app
