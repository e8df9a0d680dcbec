#include <fmt/format.h>

#include <iterator>

#include "app/command_line.hpp"
#include "config/knobs.hpp"

namespace milo_perf::app {
namespace {

constexpr std::string_view introduction =
    R"(milo-perf measures what Projects and their objects cost a Milo control plane.

Usage:
  milo-perf run [flags]                   create an Organization, Projects and objects; measure; report
  milo-perf cleanup [flags]               remove everything of a run
  milo-perf check [flags]                 test what a run needs, without creating anything
  milo-perf report FILE… [--out FILE]     draw results again; several files: one page that compares
  milo-perf compare A.json B.json         table of changes with a verdict per figure
  milo-perf sweep [flags]                 step through a knob's values and find the knee
  milo-perf --version

Flags of run:
  --threshold EXPR                        a limit, e.g. 'secrets.create.p99 < 250ms'; may be repeated
  --resume TEST_ID                        continue an interrupted run
  --dry-run                               print the plan and stop
  --repeat N                              run N times into OUT_DIR/run-01, run-02, …, with a cleanup between
                                          them; prints medians and spread; the last one stays published
  --output text|json                      what is printed at the end
  --quiet, -q                             no progress, no summary
  --list-knobs                            names of all knobs, one per line

Flags of compare:
  --fail-on-regression                    exit code 3 when a figure got worse
  --allow-different-workloads             compare all the same
  --output text|json|markdown

Flags of sweep:
  --vary KNOB                             PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, QPS or NUM_PROJECTS
  --through LIST                          its values, e.g. 1,2,4,8
  --limit EXPR                            the latency limit of the knee, e.g. 'secrets.create.p99 < 250ms'
  --hold, --warmup, --settle TIME         each step's measured load (20s), the load before it (5s), and the
                                          rest after its objects are deleted (10s)
  --repeats N                             measurements of each value (3)
  --out DIR                               for sweep.json, sweep.csv and sweep.html (OUT_DIR/sweep)

Exit codes: 0 done; 1 the run failed after it had begun (what was measured is saved); 2 bad input, nothing was
created; 3 a threshold or comparison did not hold; 130 and 143 interrupted by SIGINT or SIGTERM (saved).

Knobs are environment variables and flags of the same name (NUM_PROJECTS, --num-projects); flags win.
)";

}  // namespace

std::string help_text() {
    std::string text(introduction);
    std::string_view group;
    for (const config::Knob& knob : config::knobs()) {
        if (knob.group != group) {
            group = knob.group;
            fmt::format_to(std::back_inserter(text), "\n{}:\n", group);
        }
        const std::string shown =
            knob.default_text.empty() ? std::string("empty") : std::string(knob.default_text);
        fmt::format_to(std::back_inserter(text), "  {} ({})\n      {} Takes {}.\n", knob.name, shown,
                       knob.help, knob.kind);
    }
    return text;
}

}  // namespace milo_perf::app
