#include <fmt/core.h>

#include <filesystem>

#include "app/commands.hpp"
#include "app/load_sweep.hpp"
#include "app/sweep_plan.hpp"
#include "base/log.hpp"
#include "report/sweep.hpp"
#include "results/files.hpp"
#include "results/sweep.hpp"

namespace milo_perf::app {
namespace {

/// False when one could not be written; the others are there all the same.
bool save(const std::filesystem::path& folder, const results::Sweep& sweep) {
    bool all = true;
    const auto write = [&](const char* name, const std::string& text) {
        const std::string problem = results::write_atomically(folder / name, text);
        if (problem.empty()) return;
        log::error("{}", problem);
        all = false;
    };
    write("sweep.json", results::sweep_json(sweep));
    write("sweep.csv", results::sweep_csv(sweep));
    write("sweep.html", report::sweep_html(sweep));
    return all;
}

}  // namespace

ExitCode sweep_command(const CommandInput& input) {
    const SweepPlan plan = make_sweep_plan(input.invocation, input.knob_environment);
    SweepOutcome outcome = plan.varies_projects() ? projects_sweep(plan, input.environment)
                                                  : load_sweep(plan, input.environment);
    if (outcome.sweep.test_id.empty()) return outcome.code;
    const bool saved = save(plan.settings.out_dir, outcome.sweep);
    if (!saved && outcome.code == ExitCode::ok) outcome.code = ExitCode::failed;
    if (input.invocation.output == "json") {
        fmt::print("{}", results::sweep_json(outcome.sweep));
    } else if (!input.invocation.quiet) {
        fmt::print("{}\nFiles: {}/sweep.html, sweep.json, sweep.csv\n", report::sweep_summary(outcome.sweep),
                   plan.settings.out_dir);
    }
    return outcome.code;
}

}  // namespace milo_perf::app
