#include "app/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <string_view>

#include "base/error.hpp"
#include "config/knobs.hpp"

namespace milo_perf::app {
namespace po = boost::program_options;

namespace {

constexpr std::array<std::string_view, 6> commands{"run", "cleanup", "check", "report", "compare", "sweep"};

void add_knobs(po::options_description& options) {
    for (const config::Knob& knob : config::knobs()) {
        options.add_options()(config::flag_name(knob.name).c_str(), po::value<std::string>(), "");
    }
}

void add_options(po::options_description& options, Invocation& into) {
    auto add = options.add_options();
    add("help,h", "");
    add("version", "");
    add("threshold", po::value(&into.thresholds), "");
    add("resume", po::value(&into.resume), "");
    add("dry-run", po::bool_switch(&into.dry_run), "");
    add("repeat", po::value(&into.repeat), "");
    add("output", po::value(&into.output), "");
    add("quiet,q", po::bool_switch(&into.quiet), "");
    add("out,o", po::value(&into.out), "");
    add("fail-on-regression", po::bool_switch(&into.fail_on_regression), "");
    add("allow-different-workloads", po::bool_switch(&into.allow_different_workloads), "");
    add("list-knobs", po::bool_switch(&into.list_knobs), "");
    add("vary", po::value(&into.sweep_knob), "");
    add("through", po::value(&into.sweep_values), "");
    add("limit", po::value(&into.sweep_limit), "");
    add("hold", po::value(&into.sweep_hold), "");
    add("warmup", po::value(&into.sweep_warmup), "");
    add("settle", po::value(&into.sweep_settle), "");
    add("repeats", po::value(&into.sweep_repeats), "");
}

po::variables_map parse(const std::vector<std::string>& arguments, Invocation& into,
                        std::vector<std::string>& words) {
    po::options_description options;
    add_options(options, into);
    add_knobs(options);
    options.add_options()("word", po::value(&words), "");
    po::positional_options_description positional;
    positional.add("word", -1);
    po::variables_map values;
    try {
        // Whole names only: a guessed abbreviation would start a load that nobody asked for.
        const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::store(
            po::command_line_parser(arguments).options(options).positional(positional).style(style).run(),
            values);
        po::notify(values);
    } catch (const po::unknown_option& unknown) {
        throw UserError(fmt::format("There is no flag {}: see milo-perf --help for all of them.",
                                    unknown.get_option_name()));
    } catch (const po::error& error) {
        throw UserError(
            fmt::format("The command line cannot be read, {}: see milo-perf --help.", error.what()));
    }
    return values;
}

void check(const Invocation& invocation) {
    if (invocation.output != "text" && invocation.output != "json" && invocation.output != "markdown") {
        throw UserError(
            fmt::format("--output must be text, json or markdown, and \"{}\" is not.", invocation.output));
    }
    if (invocation.repeat < 1 || invocation.repeat > 100)
        throw UserError("--repeat must be a whole number from 1 to 100.");
    const bool takes_files = invocation.command == "report" || invocation.command == "compare";
    if (!takes_files && !invocation.files.empty()) {
        throw UserError(
            fmt::format("{} takes no argument \"{}\": knobs are given as --name=value or as NAME=value in "
                        "the environment.",
                        invocation.command, invocation.files.front()));
    }
}

/// A flag of another command would be without effect, and nobody would notice.
void check_flags(const po::variables_map& values, const std::string& command) {
    const auto belongs = [&](std::string_view owner, std::initializer_list<const char*> flags) {
        if (command == owner) return;
        for (const char* flag : flags) {
            if (values.count(flag) != 0 && !values[flag].defaulted()) {
                throw UserError(
                    fmt::format("--{} is a flag of {}, and {} does not take it.", flag, owner, command));
            }
        }
    };
    belongs("run", {"repeat", "resume", "threshold"});
    belongs("sweep", {"vary", "through", "limit", "hold", "warmup", "settle", "repeats"});
}

}  // namespace

Invocation parse_command_line(const std::vector<std::string>& arguments,
                              const config::KnobTexts& environment) {
    Invocation invocation;
    std::vector<std::string> words;
    const po::variables_map values = parse(arguments, invocation, words);
    for (const config::Knob& knob : config::knobs()) {
        const auto& value = values[config::flag_name(knob.name)];
        if (!value.empty()) invocation.knobs.emplace(knob.name, value.as<std::string>());
    }
    const auto mode = environment.find("RUN_MODE");
    if (!words.empty()) {
        invocation.command = words.front();
        invocation.files.assign(words.begin() + 1, words.end());
    } else if (mode != environment.end() && !mode->second.empty()) {
        invocation.command = mode->second;
    }
    if (values.count("version") != 0) {
        invocation.command = "version";
    } else if (values.count("help") != 0 || invocation.command.empty() || invocation.command == "help") {
        invocation.help_topic = invocation.command == "help" ? std::string() : invocation.command;
        invocation.command = "help";
    } else if (std::find(commands.begin(), commands.end(), invocation.command) == commands.end()) {
        throw UserError(
            fmt::format("There is no command \"{}\": use run, cleanup, check, report, compare or sweep.",
                        invocation.command));
    } else {
        check(invocation);
        check_flags(values, invocation.command);
        if (invocation.repeat > 1 && !invocation.resume.empty())
            throw UserError("--repeat and --resume exclude each other: resume the run, then repeat it.");
    }
    return invocation;
}

}  // namespace milo_perf::app
