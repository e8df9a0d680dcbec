#include <fmt/core.h>

#include <filesystem>
#include <optional>

#include "app/commands.hpp"
#include "app/result_files.hpp"
#include "report/html.hpp"
#include "report/sweep.hpp"
#include "results/files.hpp"
#include "results/sweep.hpp"

namespace milo_perf::app {

namespace {

/// A page that is asked for by name is made to be shown.
constexpr mode_t shared_mode = 0644;

/// The page of a sweep.json, if that is what was given.
std::optional<std::string> sweep_page(const std::vector<std::string>& files) {
    std::error_code error;
    if (files.size() != 1 || !std::filesystem::is_regular_file(files.front(), error)) return std::nullopt;
    const auto sweep = results::sweep_from_json(results::read_file(files.front()), files.front());
    if (!sweep) return std::nullopt;
    return report::sweep_html(*sweep);
}

std::string runs_page(const std::vector<NamedRun>& runs) {
    if (runs.size() == 1) return report::html(runs.front().run);
    std::vector<results::Run> all;
    std::vector<std::string> names;
    for (const NamedRun& named : runs) {
        all.push_back(named.run);
        names.push_back(named.name);
    }
    return report::comparison_html(all, names);
}

}  // namespace

ExitCode report_command(const CommandInput& input) {
    const Invocation& invocation = input.invocation;
    if (invocation.files.empty()) {
        throw UserError(
            "report needs results: give one or more results.json files, or folders with them, or a "
            "sweep.json.");
    }
    const std::optional<std::string> of_sweep = sweep_page(invocation.files);
    const std::string page = of_sweep ? *of_sweep : runs_page(load_runs(invocation.files));
    const std::filesystem::path out = invocation.out.empty() ? "report.html" : invocation.out;
    const std::string problem = results::write_atomically(out, page, shared_mode);
    if (!problem.empty()) throw UserError(problem);
    fmt::print("{}\n", std::filesystem::absolute(out).lexically_normal().string());
    return ExitCode::ok;
}

}  // namespace milo_perf::app
