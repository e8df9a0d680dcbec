#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "sweep/plan.hpp"

namespace milo_perf::commands {

/// What the user asked for.
struct Invocation {
    /// One of commands(); or "help", "version" or "list-knobs".
    std::string command;
    /// `help`: the command that it is about; empty for all of them.
    std::string help_topic;
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
    sweep::Request sweep;
};

/// Reads the command line. Without a command, RUN_MODE decides (as in the Job), and without that the help is
/// shown. Throws UserError with one sentence for what cannot be understood.
Invocation parse_command_line(const std::vector<std::string>& arguments,
                              const config::KnobTexts& environment);

/// The help of all commands and knobs, or of one command.
std::string help_text(std::string_view command = {});

}  // namespace milo_perf::commands
