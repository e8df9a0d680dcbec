#include <fmt/core.h>

#include "commands/commands.hpp"
#include "commands/result_files.hpp"
#include "results/compare.hpp"

namespace milo_perf::commands {
namespace {

std::vector<results::Run> group(const std::string& path) {
    std::vector<results::Run> runs;
    for (NamedRun& named : load_runs({path})) runs.push_back(std::move(named.run));
    return runs;
}

}  // namespace

ExitCode compare_command(const CommandInput& input) {
    const Invocation& invocation = input.invocation;
    if (invocation.files.size() != 2) {
        throw UserError(
            "compare needs two results: milo-perf compare A.json B.json, or two folders of repeated runs.");
    }
    const std::string& name_a = invocation.files[0];
    const std::string& name_b = invocation.files[1];
    const std::vector<results::Run> a = group(name_a);
    const std::vector<results::Run> b = group(name_b);
    const results::Comparison comparison = results::compare(a, b, name_a, name_b);
    if (!comparison.workload_differences.empty() && !invocation.allow_different_workloads) {
        std::string differences;
        for (const std::string& one : comparison.workload_differences) {
            differences += (differences.empty() ? "" : "; ") + one;
        }
        throw UserError("The workloads differ (" + differences +
                        "): compare runs of the same workload, or give --allow-different-workloads.");
    }
    if (invocation.output == "json") {
        fmt::print("{}", results::comparison_json(comparison));
    } else if (invocation.output == "markdown") {
        fmt::print("{}", results::comparison_markdown(comparison));
    } else {
        fmt::print("{}", results::comparison_text(comparison));
    }
    return invocation.fail_on_regression && comparison.regressions() > 0 ? ExitCode::threshold : ExitCode::ok;
}

}  // namespace milo_perf::commands
