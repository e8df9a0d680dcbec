#include "commands/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <string_view>

#include "base/error.hpp"
#include "commands/flags.hpp"
#include "config/knobs.hpp"

namespace milo_perf::commands {
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
    add("vary", po::value(&into.sweep.knob), "");
    add("through", po::value(&into.sweep.values), "");
    add("limit", po::value(&into.sweep.limit), "");
    add("hold", po::value(&into.sweep.hold), "");
    add("warmup", po::value(&into.sweep.warmup), "");
    add("settle", po::value(&into.sweep.settle), "");
    add("repeats", po::value(&into.sweep.repeats), "");
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
            fmt::format("{} takes no argument \"{}\": knobs are given as NAME=value or --name=value.",
                        invocation.command, invocation.files.front()));
    }
}

/// What another command takes would be without effect: "cleanup --dry-run" must not clean up.
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

/// Takes the NAME=value words of a command that has knobs, as perf:run takes them, out of `words`.
void take_knobs(const Command& command, std::vector<std::string>& words, config::KnobTexts& knobs) {
    if (!command.takes_knobs) return;
    std::vector<std::string> rest;
    for (std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const bool like_a_knob = equals != std::string::npos && !name.empty() &&
                                 name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
        if (!like_a_knob) {
            rest.push_back(std::move(word));
            continue;
        }
        const auto known = config::knobs();
        if (std::none_of(known.begin(), known.end(),
                         [&name](const config::Knob& knob) { return knob.name == name; }))
            throw UserError(
                fmt::format("There is no knob {}: see milo-perf --list-knobs for all of them.", name));
        // Empty stands for the default, as in the environment.
        if (equals + 1 == word.size()) continue;
        if (!knobs.emplace(name, word.substr(equals + 1)).second)
            throw UserError(fmt::format("{} is given twice: leave one of them out.", name));
    }
    words = std::move(rest);
}

/// cleanup takes the run that it is to remove, as the summary shows it.
void take_run(Invocation& invocation) {
    if (invocation.command != "cleanup" || invocation.files.size() != 1) return;
    if (!invocation.knobs.emplace("TEST_ID", invocation.files.front()).second)
        throw UserError("TEST_ID is given twice: leave one of them out.");
    invocation.files.clear();
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
    // Without a command, as in the Job, the first word may be a knob.
    if (!words.empty() && words.front().find('=') != std::string::npos)
        take_knobs(*find_command("run"), words, invocation.knobs);
    if (!words.empty()) {
        invocation.command = words.front();
        invocation.files.assign(words.begin() + 1, words.end());
    } else if (const auto mode = config::given_run_mode(environment, invocation.knobs)) {
        invocation.command = *mode == config::RunMode::cleanup ? "cleanup" : "run";
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
        const Command& command = known_command(invocation.command);
        check_flags(values, command);
        if (!command.takes_knobs && !invocation.knobs.empty())
            throw UserError(fmt::format("{} is a knob, and {} takes none: leave it out.",
                                        invocation.knobs.begin()->first, command.name));
        take_knobs(command, invocation.files, invocation.knobs);
        take_run(invocation);
        check(invocation);
        invocation.sweep.out = invocation.out;
        if (invocation.repeat > 1 && !invocation.resume.empty())
            throw UserError("--repeat and --resume are mutually exclusive: resume the run, then repeat it.");
    }
    return invocation;
}

}  // namespace milo_perf::commands
