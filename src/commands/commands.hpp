#pragma once

#include "base/error.hpp"
#include "commands/command_line.hpp"
#include "config/settings.hpp"
#include "kube/environment.hpp"

/// The program's commands. Each returns the exit code; what is wrong with the input throws UserError.
namespace milo_perf::commands {

/// What a command works on.
struct CommandInput {
    Invocation invocation;
    /// Knobs as the environment has them.
    config::KnobTexts knob_environment;
    config::Settings settings;
    kube::Environment environment;
};

ExitCode run_command(const CommandInput& input);
ExitCode cleanup_command(const CommandInput& input);
ExitCode check_command(const CommandInput& input);
ExitCode report_command(const CommandInput& input);
ExitCode compare_command(const CommandInput& input);
ExitCode sweep_command(const CommandInput& input);

}  // namespace milo_perf::commands
