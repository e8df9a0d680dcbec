#include "commands/flags.hpp"

#include <algorithm>
#include <array>

#include "sweep/plan.hpp"

namespace milo_perf::commands {
namespace {

constexpr auto all_commands = std::to_array<Command>({
    {"run", "[flags] [KNOB=value…]", "create an Organization, Projects and objects; measure; report"},
    {"cleanup", "[RUN] [flags] [KNOB=value…]", "remove everything of a run"},
    {"check", "[flags] [KNOB=value…]", "test what a run needs, without creating anything"},
    {"report", "FILE… [flags]", "draw results again, or a sweep.json; several files: one page that compares",
     false},
    {"compare", "A.json B.json [flags]", "table of changes with a verdict per figure", false},
    {"sweep", "[flags] [KNOB=value…]", "step through a knob's values and find the knee"},
    {"figures", "", "list the figures that thresholds and comparisons know, with unit and meaning", false},
});

const std::vector<Flag>& all_flags() {
    static const std::vector<Flag> all{
        {"run", "threshold", "EXPR", "A limit, e.g. 'secrets.create.p99 < 250ms'; may be repeated.", ""},
        {"run", "resume", "TEST_ID", "Continue an interrupted run.", ""},
        {"run", "dry-run", "", "Print the plan and stop.", ""},
        {"run", "repeat", "N",
         "Run N times into OUT_DIR/run-01, run-02, …, with a cleanup between them; prints medians and "
         "spread; the last one stays published.",
         ""},
        {"run", "output", "text|json", "What is printed at the end.", "text"},
        {"run", "quiet", "", "No progress, no summary; also -q.", ""},
        {"report", "out", "FILE", "The page to write; also -o.", "report.html"},
        {"compare", "fail-on-regression", "", "Exit code 3 when a figure got worse.", ""},
        {"compare", "allow-different-workloads", "", "Compare runs whose workloads differ.", ""},
        {"compare", "output", "text|json|markdown", "What is printed.", "text"},
        {"sweep", "vary", "KNOB", "PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, QPS or NUM_PROJECTS.", ""},
        {"sweep", "through", "LIST", "Its values, e.g. 1,2,4,8.", ""},
        {"sweep", "limit", "EXPR", "The latency limit of the knee, e.g. 'secrets.create.p99 < 250ms'.", ""},
        {"sweep", "hold", "TIME", "Each step's measured load.", std::string(sweep::usual_hold)},
        {"sweep", "warmup", "TIME", "The load before it.", std::string(sweep::usual_warmup)},
        {"sweep", "settle", "TIME", "The rest after its objects are deleted.",
         std::string(sweep::usual_settle)},
        {"sweep", "repeats", "N", "Measurements of each value.", std::to_string(sweep::usual_repeats)},
        {"sweep", "out", "DIR", "For sweep.json, sweep.csv and sweep.html; also -o.", "OUT_DIR/sweep"},
        {"sweep", "output", "text|json", "What is printed at the end.", "text"},
        {"sweep", "quiet", "", "No progress, no summary; also -q.", ""},
    };
    return all;
}

}  // namespace

std::span<const Command> commands() {
    return all_commands;
}

std::span<const Flag> flags() {
    return all_flags();
}

const Command* find_command(std::string_view name) {
    const auto* found = std::find_if(all_commands.begin(), all_commands.end(),
                                     [&](const Command& command) { return command.name == name; });
    return found == all_commands.end() ? nullptr : found;
}

std::vector<std::string_view> commands_with(std::string_view flag) {
    std::vector<std::string_view> found;
    for (const Flag& one : all_flags()) {
        if (one.name == flag) found.push_back(one.command);
    }
    return found;
}

}  // namespace milo_perf::commands
