#include "commands/command_line.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "commands/flags.hpp"

using namespace milo_perf;
using namespace milo_perf::commands;

namespace {

using Words = std::vector<std::string>;

Invocation parse(const Words& words, const config::KnobTexts& environment = {}) {
    return parse_command_line(words, environment);
}

/// The sentence that refuses a command line; empty when it is taken.
std::string refusal(const Words& words, const config::KnobTexts& environment = {}) {
    try {
        parse(words, environment);
    } catch (const UserError& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return {};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a command with knobs and flags") {
    const Invocation run =
        parse({"run", "--num-projects=3", "--ns", "perf", "--threshold", "errors.rate < 1%",
               "--threshold=secrets.create.p99 < 1s", "--dry-run", "-q"});
    CHECK(run.command == "run");
    CHECK(run.knobs == config::KnobTexts{{"NUM_PROJECTS", "3"}, {"NS", "perf"}});
    CHECK(run.thresholds == Words{"errors.rate < 1%", "secrets.create.p99 < 1s"});
    CHECK(run.dry_run);
    CHECK(run.quiet);
    const Invocation compare = parse({"compare", "a", "b", "--output", "markdown"});
    CHECK(compare.files == Words{"a", "b"});
    CHECK(compare.output == "markdown");
}

TEST_CASE("without a command it is RUN_MODE's, and without that it is help") {
    CHECK(parse({}).command == "help");
    CHECK(parse({}, {{"RUN_MODE", ""}}).command == "help");
    CHECK(parse({}, {{"RUN_MODE", "cleanup"}}).command == "cleanup");
    CHECK(parse({"--run-mode=cleanup"}, {{"RUN_MODE", "run"}}).command == "cleanup");
    CHECK(parse({"check"}, {{"RUN_MODE", "cleanup"}}).command == "check");
    CHECK(has(refusal({}, {{"RUN_MODE", "clean"}}),
              "RUN_MODE must be one of run cleanup, and \"clean\" is not"));
    CHECK(parse({"run", "--help"}).command == "help");
    CHECK(parse({"--list-knobs"}).command == "list-knobs");
    CHECK(parse({"--version"}, {{"RUN_MODE", "run"}}).command == "version");
}

TEST_CASE("a flag of another command is refused, above all --dry-run of a cleanup") {
    CHECK(refusal({"cleanup", "--dry-run"}) == "--dry-run is a flag of run, and cleanup does not take it.");
    CHECK(has(refusal({"run", "--out", "here"}), "--out is a flag of report, sweep"));
    CHECK(has(refusal({"check", "--output", "json"}), "--output is a flag of run, compare, sweep"));
    for (const char* command : {"cleanup", "check", "report", "compare", "sweep"})
        for (const char* flag : {"--dry-run", "--threshold=a", "--resume=a", "--repeat=2"})
            CHECK(has(refusal({command, flag}), "is a flag of run"));
    for (const char* command : {"run", "cleanup", "check", "report"})
        for (const char* flag : {"--fail-on-regression", "--vary=QPS", "--repeats=2"})
            CHECK(has(refusal({command, flag}), fmt::format("and {} does not take it", command)));
}

TEST_CASE("command lines that cannot be read") {
    CHECK(refusal({"rnu"}) ==
          "There is no command \"rnu\": use one of run, cleanup, check, report, compare, sweep, figures.");
    CHECK(has(refusal({"rnu", "--help"}), "There is no command \"rnu\""));
    CHECK(has(refusal({"run", "--num-projekts=3"}), "There is no flag --num-projekts"));
    CHECK(has(refusal({"run", "--num-projects"}), "--num-projects"));
    // Whole names only.
    CHECK(has(refusal({"run", "--num-p=3"}), "--num-p"));
    CHECK(has(refusal({"run", "more"}), "knobs are given as NAME=value or --name=value"));
    CHECK(has(refusal({"run", "--repeat=0"}), "--repeat must be a whole number from 1 to 100"));
    CHECK(has(refusal({"run", "--repeat=x"}), "repeat"));
    CHECK(has(refusal({"run", "--repeat=2", "--resume=a"}), "mutually exclusive"));
    CHECK(refusal({"run", "--output=markdown"}) == "--output must be text or json, and \"markdown\" is not.");
    CHECK(has(refusal({"compare", "a", "b", "--output=xml"}), "text, json or markdown"));
}

TEST_CASE("knobs are taken as NAME=value, as perf:run takes them") {
    using Knobs = config::KnobTexts;
    CHECK(parse({"run", "NUM_PROJECTS=3", "--ns=perf", "RAMP=10s:100"}).knobs ==
          Knobs{{"NUM_PROJECTS", "3"}, {"NS", "perf"}, {"RAMP", "10s:100"}});
    CHECK(parse({"NUM_PROJECTS=3", "check"}).knobs == Knobs{{"NUM_PROJECTS", "3"}});
    CHECK(parse({"NUM_PROJECTS=3"}, {{"RUN_MODE", "run"}}).command == "run");
    CHECK(parse({"RUN_MODE=cleanup", "TEST_ID=a"}).command == "cleanup");
    CHECK(parse({"sweep", "--vary=QPS", "THRESHOLDS=a < 1; b > 2"}).knobs ==
          Knobs{{"THRESHOLDS", "a < 1; b > 2"}});
    CHECK(parse({"run", "VM_BASE_URL=http://vm/?a=b", "NS="}).knobs ==
          Knobs{{"VM_BASE_URL", "http://vm/?a=b"}});
    CHECK(refusal({"run", "NUM_PROJEKTS=3"}) ==
          "There is no knob NUM_PROJEKTS: see milo-perf --list-knobs for all of them.");
    CHECK(has(refusal({"run", "NS=a", "--ns=b"}), "NS is given twice"));
    CHECK(has(refusal({"run", "NS=a", "NS=b"}), "NS is given twice"));
    CHECK(has(refusal({"run", "ns=a"}), "run takes no argument \"ns=a\""));
    // A file may be called so.
    CHECK(parse({"report", "A=B"}).files == Words{"A=B"});
}

TEST_CASE("cleanup takes the run that the summary names") {
    CHECK(parse({"cleanup", "8a90ba75"}).knobs == config::KnobTexts{{"TEST_ID", "8a90ba75"}});
    CHECK(parse({"cleanup", "OUT_DIR=x", "8a90ba75"}).knobs ==
          config::KnobTexts{{"OUT_DIR", "x"}, {"TEST_ID", "8a90ba75"}});
    CHECK(parse({"cleanup"}).knobs.empty());
    CHECK(has(refusal({"cleanup", "a", "--test-id=b"}), "TEST_ID is given twice"));
    CHECK(has(refusal({"cleanup", "a", "b"}), "cleanup takes no argument \"a\""));
    CHECK(has(refusal({"run", "8a90ba75"}), "run takes no argument"));
}

TEST_CASE("a knob is refused where it means nothing") {
    CHECK(refusal({"report", "a", "--num-projects=3"}) ==
          "--num-projects is a knob, and report takes none: leave it out.");
    CHECK(has(refusal({"compare", "a", "b", "--ns", "perf"}), "--ns is a knob"));
    CHECK(parse({"report", "a"}, {{"NUM_PROJECTS", "3"}}).command == "report");
}

TEST_CASE("help is of all commands, or of the one that it is asked about") {
    CHECK(parse({"--help"}).help_topic.empty());
    CHECK(parse({"compare", "--help"}).help_topic == "compare");
    CHECK(parse({"help", "compare"}).help_topic == "compare");
    const std::string all = help_text();
    CHECK(has(all, "\n  NUM_PROJECTS (100)\n"));
    for (const Command& command : milo_perf::commands::commands()) {
        const std::string one = help_text(command.name);
        CHECK(has(all, fmt::format("\n  milo-perf {} {} ", command.name, command.arguments)));
        CHECK(has(one, fmt::format("milo-perf {} {}\n", command.name, command.arguments)));
        CHECK(has(one, "NUM_PROJECTS") == command.takes_knobs);
        for (const Flag& flag : flags()) {
            const std::string line = fmt::format("\n  --{}", flag.name);
            CHECK(has(all, line));
            const auto owners = commands_with(flag.name);
            const bool its_own = std::find(owners.begin(), owners.end(), command.name) != owners.end();
            const bool named = has(one, line + "\n") || has(one, line + " ");
            CHECK(named == its_own);
        }
    }
}

TEST_CASE("every flag of the table is read") {
    for (const Flag& flag : flags()) {
        Words words{std::string(flag.command), fmt::format("--{}", flag.name)};
        if (flag.name == "output") {
            words.push_back("json");
        } else if (!flag.argument.empty()) {
            words.push_back("2");
        }
        CHECK(parse(words).command == flag.command);
    }
}
