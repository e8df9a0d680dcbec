#include <fmt/core.h>

#include <filesystem>

#include "base/log.hpp"
#include "commands/commands.hpp"
#include "report/sweep.hpp"
#include "results/files.hpp"
#include "results/sweep.hpp"
#include "sweep/load_sweep.hpp"
#include "sweep/plan.hpp"

namespace milo_perf::commands {
namespace {

/// False when one could not be written; the others are written nevertheless.
bool save(const std::filesystem::path& folder, const results::Sweep& sweep) {
    bool all = true;
    const auto write = [&](const char* name, const std::string& text) {
        const Result<> written = results::write_atomically(folder / name, text);
        if (written) return;
        log::error("{}", written.error().sentence);
        all = false;
    };
    write("sweep.json", results::sweep_json(sweep));
    write("sweep.csv", results::sweep_csv(sweep));
    write("sweep.html", report::sweep_html(sweep));
    return all;
}

}  // namespace

ExitCode sweep_command(const CommandInput& input) {
    const sweep::SweepPlan plan =
        sweep::make_sweep_plan(input.invocation.sweep, input.invocation.knobs, input.knob_environment);
    sweep::SweepOutcome outcome = plan.varies_projects() ? sweep::projects_sweep(plan, input.environment)
                                                         : sweep::load_sweep(plan, input.environment);
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

}  // namespace milo_perf::commands
