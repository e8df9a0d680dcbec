#include "commands/program.hpp"

#include <fmt/core.h>

#include <csignal>
#include <exception>

#include "base/log.hpp"
#include "commands/commands.hpp"
#include "config/knobs.hpp"
#include "results/figures.hpp"

namespace milo_perf::commands {
namespace {

config::KnobTexts knob_texts(const kube::Environment& environment) {
    config::KnobTexts texts;
    for (const config::Knob& knob : config::knobs()) {
        const auto found = environment.find(knob.name);
        if (found != environment.end()) texts.emplace(knob.name, found->second);
    }
    return texts;
}

log::Level log_level(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::debug:
            return log::Level::debug;
        case config::LogLevel::info:
            return log::Level::info;
        case config::LogLevel::warn:
            return log::Level::warn;
        case config::LogLevel::error:
            return log::Level::error;
    }
    return log::Level::info;
}

ExitCode dispatch(Invocation invocation, const config::KnobTexts& texts, kube::Environment environment) {
    if (invocation.command == "help") {
        fmt::print("{}", help_text(invocation.help_topic));
        return ExitCode::ok;
    }
    if (invocation.command == "version") {
        fmt::print("milo-perf {}\n", MILO_PERF_VERSION);
        return ExitCode::ok;
    }
    if (invocation.command == "list-knobs") {
        fmt::print("{}", config::list_knobs());
        return ExitCode::ok;
    }
    if (invocation.command == "figures") {
        fmt::print("{}", results::figures_text());
        return ExitCode::ok;
    }
    if (invocation.command == "report" || invocation.command == "compare") {
        const CommandInput input{std::move(invocation), texts, {}, std::move(environment)};
        return input.invocation.command == "report" ? report_command(input) : compare_command(input);
    }
    config::Settings settings = config::make_settings(texts, invocation.knobs);
    log::set_level(log_level(settings.log_level));
    const CommandInput input{std::move(invocation), texts, std::move(settings), std::move(environment)};
    if (input.invocation.command == "cleanup") return cleanup_command(input);
    if (input.invocation.command == "check") return check_command(input);
    if (input.invocation.command == "sweep") return sweep_command(input);
    return run_command(input);
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
    // A peer that closes its end is an error of one request, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        kube::Environment environment = kube::process_environment();
        const config::KnobTexts texts = knob_texts(environment);
        Invocation invocation = parse_command_line(arguments, texts);
        return static_cast<int>(dispatch(std::move(invocation), texts, std::move(environment)));
    } catch (const UserError& error) {
        fmt::print(stderr, "milo-perf: {}\n", error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr,
                   "milo-perf: internal error: {}; please report it together with the command line.\n",
                   error.what());
        return static_cast<int>(ExitCode::failed);
    }
}

}  // namespace milo_perf::commands
