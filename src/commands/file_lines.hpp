#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milo_perf::commands {

/// A file as lines of text, `milo-perf-file NAME BASE64`, whose joined parts are its gzip. A pod prints so
/// what its ConfigMap has not, since its log is all that outlives it; `perf-run` makes files of them again.
std::string file_lines(std::string_view name, std::string_view bytes);

/// Most that a run's files may take in its log: the kubelet starts a new log at 10 MiB, and shows the newest.
inline constexpr std::size_t log_limit_bytes = std::size_t{8} << 20;

/// The files of a folder and its folders, as paths below it in the order of their sizes: regular ones,
/// written `since` then, that a run leaves beside those that every run has (results.json, report.html,
/// meta.txt, checkpoint.json). Older ones are none of the run's: a mounted kubeconfig, say.
std::vector<std::string> further_files(const std::filesystem::path& folder,
                                       std::filesystem::file_time_type since);

struct LoggedFiles {
    std::string lines;
    /// One sentence for each file that is not in the lines.
    std::vector<std::string> left_out;
};

/// The lines of `own` (name and content), then those of the folder's further files; a file that would take
/// them over the limit is left out, as is one whose name has other characters than letters, digits and
/// `._-/`.
LoggedFiles logged_files(const std::vector<std::pair<std::string, std::string>>& own,
                         const std::filesystem::path& folder, std::filesystem::file_time_type since,
                         std::size_t limit_bytes = log_limit_bytes);

}  // namespace milo_perf::commands
