#include "app/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <string_view>

#include "app/flags.hpp"
#include "base/error.hpp"
#include "config/knobs.hpp"

namespace milo_perf::app {
namespace po = boost::program_options;

namespace {

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
    add("list-knobs", "");
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
    const bool markdown = invocation.command == "compare";
    if (invocation.output != "text" && invocation.output != "json" &&
        !(markdown && invocation.output == "markdown")) {
        throw UserError(fmt::format("--output must be {}, and \"{}\" is not.",
                                    markdown ? "text, json or markdown" : "text or json", invocation.output));
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

/// What another command takes would be without effect: with "cleanup --dry-run" that would be a surprise.
void check_flags(const po::variables_map& values, const Command& command) {
    for (const Flag& flag : flags()) {
        const std::string name(flag.name);
        if (values.count(name) == 0 || values[name].defaulted()) continue;
        const std::vector<std::string_view> owners = commands_with(flag.name);
        if (std::find(owners.begin(), owners.end(), command.name) != owners.end()) continue;
        throw UserError(fmt::format("--{} is a flag of {}, and {} does not take it.", flag.name,
                                    fmt::join(owners, ", "), command.name));
    }
    if (command.takes_knobs) return;
    for (const config::Knob& knob : config::knobs()) {
        const std::string name = config::flag_name(knob.name);
        if (values.count(name) == 0) continue;
        throw UserError(fmt::format("--{} is a knob, and {} takes none: leave it out.", name, command.name));
    }
}

const Command& known_command(const std::string& name) {
    const Command* command = find_command(name);
    if (command != nullptr) return *command;
    std::vector<std::string_view> names;
    for (const Command& one : commands()) names.push_back(one.name);
    throw UserError(fmt::format("There is no command \"{}\": use one of {}.", name, fmt::join(names, ", ")));
}

/// The command that the environment names is a knob's value like any other.
void check_run_mode(const std::string& mode) {
    if (mode == "run" || mode == "cleanup") return;
    throw UserError(fmt::format("RUN_MODE must be one of run cleanup, and \"{}\" is not.", mode));
}

/// As the flag says it, else the environment; empty when neither does.
std::string run_mode(const config::KnobTexts& flags, const config::KnobTexts& environment) {
    for (const auto* source : {&flags, &environment}) {
        const auto found = source->find("RUN_MODE");
        if (found != source->end()) return found->second;
    }
    return {};
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
    const std::string mode = run_mode(invocation.knobs, environment);
    if (!words.empty()) {
        invocation.command = words.front();
        invocation.files.assign(words.begin() + 1, words.end());
    } else if (!mode.empty()) {
        check_run_mode(mode);
        invocation.command = mode;
    }
    if (values.count("version") != 0) {
        invocation.command = "version";
    } else if (values.count("list-knobs") != 0) {
        invocation.command = "list-knobs";
    } else if (invocation.command == "help") {
        if (!invocation.files.empty()) invocation.help_topic = known_command(invocation.files.front()).name;
    } else if (values.count("help") != 0 || invocation.command.empty()) {
        if (!words.empty()) invocation.help_topic = known_command(words.front()).name;
        invocation.command = "help";
    } else {
        check_flags(values, known_command(invocation.command));
        check(invocation);
        if (invocation.repeat > 1 && !invocation.resume.empty())
            throw UserError("--repeat and --resume exclude each other: resume the run, then repeat it.");
    }
    return invocation;
}

}  // namespace milo_perf::app
