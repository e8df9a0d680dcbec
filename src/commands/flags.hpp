#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::commands {

/// A command of the program.
struct Command {
    std::string_view name;
    /// What follows it on the command line.
    std::string_view arguments;
    std::string_view summary;
    /// Whether it uses knobs.
    bool takes_knobs = true;
};

/// A flag that is no knob, as one command takes it: others may take one of the same name.
struct Flag {
    std::string_view command;
    /// Without the two dashes.
    std::string_view name;
    /// What its value is; empty for a switch.
    std::string_view argument;
    std::string_view help;
    /// What it stands for when it is not given; empty where that needs no word.
    std::string usual;
};

std::span<const Command> commands();
std::span<const Flag> flags();

/// Null when there is no such command.
const Command* find_command(std::string_view name);

/// The commands that take a flag.
std::vector<std::string_view> commands_with(std::string_view flag);

}  // namespace milo_perf::commands
