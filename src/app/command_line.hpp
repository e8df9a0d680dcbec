#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace milo_perf::app {

/// What the user asked for.
struct Invocation {
    /// "run", "cleanup", "check", "report", "compare", "sweep"; "help" and "version" too.
    std::string command;
    /// Knobs given as flags, by knob name.
    config::KnobTexts knobs;
    /// Positional arguments after the command: files of `report` and `compare`.
    std::vector<std::string> files;

    std::vector<std::string> thresholds;
    std::string resume;
    bool dry_run = false;
    std::uint32_t repeat = 1;
    std::string output = "text";
    bool quiet = false;
    std::string out;
    bool fail_on_regression = false;
    bool allow_different_workloads = false;
    bool list_knobs = false;
    /// `sweep`: what to vary and through which values.
    std::string sweep_knob;
    std::string sweep_values;
    std::string sweep_limit;
    /// Durations; empty for the usual ones.
    std::string sweep_hold;
    std::string sweep_warmup;
    std::string sweep_settle;
    std::uint32_t sweep_repeats = 3;
};

/// Reads the command line. Without a command, RUN_MODE decides (as in the Job), and without that the help is
/// shown. Throws UserError with one sentence for what cannot be understood.
Invocation parse_command_line(const std::vector<std::string>& arguments,
                              const config::KnobTexts& environment);

/// The help of all commands and knobs.
std::string help_text();

}  // namespace milo_perf::app
