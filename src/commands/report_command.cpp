#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "commands/commands.hpp"
#include "commands/result_files.hpp"
#include "report/html.hpp"
#include "report/sweep.hpp"
#include "results/files.hpp"
#include "results/sweep.hpp"

namespace milo_perf::commands {

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

/// The page would take the place of the results that it is made of.
void refuse_input_as_output(const std::vector<std::string>& files, const std::filesystem::path& out) {
    for (const std::string& file : files) {
        for (const std::filesystem::path& input :
             {std::filesystem::path(file), std::filesystem::path(file) / "results.json",
              std::filesystem::path(file) / "sweep.json"}) {
            std::error_code none;
            if (!std::filesystem::equivalent(input, out, none) || none) continue;
            throw UserError(fmt::format("-o {} is a file that report reads: name another one for the page.",
                                        out.string()));
        }
    }
}

}  // namespace

ExitCode report_command(const CommandInput& input) {
    const Invocation& invocation = input.invocation;
    if (invocation.files.empty()) {
        throw UserError(
            "report needs results: give one or more results.json files, or folders with them, or a "
            "sweep.json.");
    }
    const std::filesystem::path out = invocation.out.empty() ? "report.html" : invocation.out;
    refuse_input_as_output(invocation.files, out);
    const std::optional<std::string> of_sweep = sweep_page(invocation.files);
    const std::string page = of_sweep ? *of_sweep : runs_page(load_runs(invocation.files));
    const Result<> written = results::write_atomically(out, page, shared_mode);
    // The path is input: nothing else was to be done.
    if (!written) throw UserError(written.error().sentence);
    fmt::print("{}\n", std::filesystem::absolute(out).lexically_normal().string());
    return ExitCode::ok;
}

}  // namespace milo_perf::commands
