#include <fmt/format.h>

#include <iterator>

#include "commands/command_line.hpp"
#include "commands/flags.hpp"
#include "config/knobs.hpp"

namespace milo_perf::commands {
namespace {

using Out = std::back_insert_iterator<std::string>;

constexpr std::string_view introduction =
    "milo-perf measures what Projects and their objects cost a Milo control plane.\n";

constexpr std::string_view exit_codes = R"(
Exit codes: 0 done; 1 the run failed after it had begun (what was measured is saved); 2 bad input, nothing was
created; 3 a threshold or comparison did not hold; 130 and 143 interrupted by SIGINT or SIGTERM (saved).
)";

constexpr std::string_view knob_rule =
    "Knobs are environment variables, arguments (NUM_PROJECTS=20) and flags of the same name (--num-projects "
    "20); "
    "arguments and flags win.";

void add_flags(Out out, std::string_view command) {
    bool first = true;
    for (const Flag& flag : flags()) {
        if (flag.command != command) continue;
        if (first) fmt::format_to(out, "\nFlags of {}:\n", command);
        first = false;
        fmt::format_to(out, "  --{}{}{}{}\n      {}\n", flag.name, flag.argument.empty() ? "" : " ",
                       flag.argument, flag.usual.empty() ? "" : fmt::format(" ({})", flag.usual), flag.help);
    }
}

void add_knobs(Out out) {
    std::string_view group;
    for (const config::Knob& knob : config::knobs()) {
        if (knob.group != group) {
            group = knob.group;
            fmt::format_to(out, "\n{}:\n", group);
        }
        const std::string_view shown = knob.default_text.empty() ? "empty" : knob.default_text;
        fmt::format_to(out, "  {} ({})\n      {} Takes {}.\n", knob.name, shown, knob.help, knob.takes);
    }
}

std::string help_of(const Command& command) {
    std::string text =
        fmt::format("milo-perf {} {}\n    {}\n", command.name, command.arguments, command.summary);
    const Out out(text);
    add_flags(out, command.name);
    if (command.takes_knobs) fmt::format_to(out, "\n{} milo-perf --help shows them.\n", knob_rule);
    text += exit_codes;
    return text;
}

}  // namespace

std::string help_text(std::string_view name) {
    if (const Command* command = find_command(name)) return help_of(*command);
    std::string text(introduction);
    const Out out(text);
    text += "\nUsage:\n";
    for (const Command& command : commands()) {
        const std::string usage = fmt::format("milo-perf {} {}", command.name, command.arguments);
        fmt::format_to(out, "  {:<40}  {}\n", usage, command.summary);
    }
    fmt::format_to(out, "  {:<40}  {}\n", "milo-perf COMMAND --help", "the flags of one command");
    fmt::format_to(out, "  {:<40}  {}\n", "milo-perf --list-knobs",
                   "name, kind and description of each knob");
    fmt::format_to(out, "  {:<40}  {}\n", "milo-perf --version", "the version");
    for (const Command& command : commands()) add_flags(out, command.name);
    text += exit_codes;
    fmt::format_to(out, "\n{}\n", knob_rule);
    add_knobs(out);
    return text;
}

}  // namespace milo_perf::commands
