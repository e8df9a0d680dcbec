#pragma once

#include <string>
#include <vector>

#include "results/model.hpp"

namespace milo_perf::commands {

struct NamedRun {
    /// The file's path as it was given.
    std::string name;
    results::Run run;
};

/// Reads results: each path is a results.json, or a folder that has one in it or in its folders (repeated
/// runs), taken in the order of their names. Throws UserError for what cannot be read, and for a folder
/// without results.
std::vector<NamedRun> load_runs(const std::vector<std::string>& paths);

}  // namespace milo_perf::commands
