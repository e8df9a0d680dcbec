#include "app/flags.hpp"

#include <algorithm>
#include <array>

namespace milo_perf::app {
namespace {

constexpr auto all_commands = std::to_array<Command>({
    {"run", "[flags]", "create an Organization, Projects and objects; measure; report"},
    {"cleanup", "[flags]", "remove everything of a run"},
    {"check", "[flags]", "test what a run needs, without creating anything"},
    {"report", "FILE… [flags]", "draw results again, or a sweep.json; several files: one page that compares",
     false},
    {"compare", "A.json B.json [flags]", "table of changes with a verdict per figure", false},
    {"sweep", "[flags]", "step through a knob's values and find the knee"},
});

constexpr auto all_flags = std::to_array<Flag>({
    {"run", "threshold", "EXPR", "A limit, e.g. 'secrets.create.p99 < 250ms'; may be repeated."},
    {"run", "resume", "TEST_ID", "Continue an interrupted run."},
    {"run", "dry-run", "", "Print the plan and stop."},
    {"run", "repeat", "N",
     "Run N times into OUT_DIR/run-01, run-02, …, with a cleanup between them; prints medians and "
     "spread; the last one stays published."},
    {"run", "output", "text|json", "What is printed at the end (text)."},
    {"run", "quiet", "", "No progress, no summary; also -q."},
    {"report", "out", "FILE", "The page to write (report.html); also -o."},
    {"compare", "fail-on-regression", "", "Exit code 3 when a figure got worse."},
    {"compare", "allow-different-workloads", "", "Compare all the same."},
    {"compare", "output", "text|json|markdown", "What is printed (text)."},
    {"sweep", "vary", "KNOB", "PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, QPS or NUM_PROJECTS."},
    {"sweep", "through", "LIST", "Its values, e.g. 1,2,4,8."},
    {"sweep", "limit", "EXPR", "The latency limit of the knee, e.g. 'secrets.create.p99 < 250ms'."},
    {"sweep", "hold", "TIME", "Each step's measured load (20s)."},
    {"sweep", "warmup", "TIME", "The load before it (5s)."},
    {"sweep", "settle", "TIME", "The rest after its objects are deleted (10s)."},
    {"sweep", "repeats", "N", "Measurements of each value (3)."},
    {"sweep", "out", "DIR", "For sweep.json, sweep.csv and sweep.html (OUT_DIR/sweep); also -o."},
    {"sweep", "output", "text|json", "What is printed at the end (text)."},
    {"sweep", "quiet", "", "No progress, no summary; also -q."},
});

}  // namespace

std::span<const Command> commands() {
    return all_commands;
}

std::span<const Flag> flags() {
    return all_flags;
}

const Command* find_command(std::string_view name) {
    const auto* found = std::find_if(all_commands.begin(), all_commands.end(),
                                     [&](const Command& command) { return command.name == name; });
    return found == all_commands.end() ? nullptr : found;
}

std::vector<std::string_view> commands_with(std::string_view flag) {
    std::vector<std::string_view> found;
    for (const Flag& one : all_flags) {
        if (one.name == flag) found.push_back(one.command);
    }
    return found;
}

}  // namespace milo_perf::app
