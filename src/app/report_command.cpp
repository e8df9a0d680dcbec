#include <fmt/core.h>

#include <filesystem>

#include "app/commands.hpp"
#include "app/result_files.hpp"
#include "report/html.hpp"
#include "results/files.hpp"

namespace milo_perf::app {

namespace {
/// A page that is asked for by name is made to be shown.
constexpr mode_t shared_mode = 0644;
}  // namespace

ExitCode report_command(const CommandInput& input) {
    const Invocation& invocation = input.invocation;
    if (invocation.files.empty()) {
        throw UserError("report needs results: give one or more results.json files, or folders with them.");
    }
    const std::vector<NamedRun> runs = load_runs(invocation.files);
    const std::filesystem::path out = invocation.out.empty() ? "report.html" : invocation.out;
    std::string page;
    if (runs.size() == 1) {
        page = report::html(runs.front().run);
    } else {
        std::vector<results::Run> all;
        std::vector<std::string> names;
        for (const NamedRun& named : runs) {
            all.push_back(named.run);
            names.push_back(named.name);
        }
        page = report::comparison_html(all, names);
    }
    const std::string problem = results::write_atomically(out, page, shared_mode);
    if (!problem.empty()) throw UserError(problem);
    fmt::print("{}\n", std::filesystem::absolute(out).lexically_normal().string());
    return ExitCode::ok;
}

}  // namespace milo_perf::app
