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

/// The flags that not every command takes, with those that do.
struct FlagOwners {
    const char* flag;
    std::vector<std::string_view> commands;
};

const std::vector<FlagOwners>& flag_owners() {
    static const std::vector<FlagOwners> owners{
        {"threshold", {"run"}},
        {"resume", {"run"}},
        {"dry-run", {"run"}},
        {"repeat", {"run"}},
        {"quiet", {"run", "sweep"}},
        {"output", {"run", "sweep", "compare"}},
        {"out", {"report", "sweep"}},
        {"fail-on-regression", {"compare"}},
        {"allow-different-workloads", {"compare"}},
        {"vary", {"sweep"}},
        {"through", {"sweep"}},
        {"limit", {"sweep"}},
        {"hold", {"sweep"}},
        {"warmup", {"sweep"}},
        {"settle", {"sweep"}},
        {"repeats", {"sweep"}},
    };
    return owners;
}

/// A flag of another command would be without effect: with "cleanup --dry-run" that would be a surprise.
void check_flags(const po::variables_map& values, const std::string& command) {
    for (const auto& [flag, owners] : flag_owners()) {
        if (values.count(flag) == 0 || values[flag].defaulted()) continue;
        if (std::find(owners.begin(), owners.end(), command) != owners.end()) continue;
        throw UserError(fmt::format("--{} is a flag of {}, and {} does not take it.", flag,
                                    fmt::join(owners, ", "), command));
    }
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
    } else if (values.count("help") != 0 || invocation.command.empty() || invocation.command == "help") {
        invocation.command = "help";
    } else if (std::find(commands.begin(), commands.end(), invocation.command) == commands.end()) {
        throw UserError(
            fmt::format("There is no command \"{}\": use run, cleanup, check, report, compare or sweep.",
                        invocation.command));
    } else {
        check_flags(values, invocation.command);
        check(invocation);
        if (invocation.repeat > 1 && !invocation.resume.empty())
            throw UserError("--repeat and --resume exclude each other: resume the run, then repeat it.");
    }
    return invocation;
}

}  // namespace milo_perf::app
