#include "commands/result_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "results/files.hpp"

namespace milo_perf::commands {
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> results_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    if (fs::is_regular_file(folder / "results.json", error)) return {folder / "results.json"};
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const fs::path path = entry.path() / "results.json";
        std::error_code ignored;
        if (fs::is_regular_file(path, ignored)) found.push_back(path);
    }
    if (found.empty()) {
        throw UserError(fmt::format(
            "{} has no results.json, in it or in its folders: give the folder or the results.json of a run.",
            folder.string()));
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

std::vector<NamedRun> load_runs(const std::vector<std::string>& paths) {
    std::vector<NamedRun> runs;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::exists(path, error)) {
            throw UserError(fmt::format(
                "{} does not exist: give the results.json of a run, or a folder with one.", path));
        }
        const std::vector<fs::path> files =
            fs::is_directory(path, error) ? results_in(path) : std::vector<fs::path>{path};
        for (const fs::path& file : files) runs.push_back({file.string(), results::load_run(file)});
    }
    return runs;
}

}  // namespace milo_perf::commands
