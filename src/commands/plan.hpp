#pragma once

#include <string>

#include "config/settings.hpp"

namespace milo_perf::commands {

/// What a run with these settings would do, as text: how many of what, with which names, at what concurrency
/// or rate, and how long it waits. `settings` has its test id.
std::string plan_text(const config::Settings& settings);

}  // namespace milo_perf::commands
