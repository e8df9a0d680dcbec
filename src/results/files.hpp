#pragma once

#include <sys/types.h>

#include <boost/describe/class.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "results/model.hpp"

/// The files of a run in OUT_DIR.
namespace milo_perf::results {

/// Makes the report of a run; results know nothing of HTML.
using RenderHtml = std::function<std::string(const Run&)>;

/// Writes a whole file or nothing: into a temporary file beside it, fsync, rename. Makes missing folders.
/// What a server said stands in results and reports, so by default they are for their owner alone.
[[nodiscard]] Result<> write_atomically(const std::filesystem::path& path, std::string_view bytes,
                                        mode_t mode = 0600);

/// Whether write_atomically could put a file into a folder (missing ones would be made). Makes nothing.
[[nodiscard]] Result<> check_folder(const std::filesystem::path& folder);

/// A regular file's bytes, at most `max_bytes` (json.hpp's limit by default). Throws UserError.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{256} << 20);

/// read_file and from_json. Throws UserError.
Run load_run(const std::filesystem::path& path);

/// What save_run wrote; a path is empty when its file could not be written.
struct SavedFiles {
    std::filesystem::path results_json;
    std::filesystem::path report_html;
    std::filesystem::path meta_txt;
    /// One sentence for each file that is missing.
    std::vector<std::string> problems;

    bool ok() const { return problems.empty(); }
};

/// Writes `results.json`, `meta.txt` (`test_id=` and `org_name=`) and `report.html`. One that fails, its
/// rendering included, does not keep the others from being written.
SavedFiles save_run(const std::filesystem::path& out_dir, const Run& run, const RenderHtml& render_html);

/// What a later process must know to clean up or continue a run whose process was killed. Kept as
/// `checkpoint.json` in OUT_DIR.
struct Checkpoint {
    std::string test_id;
    std::string org_name;
    /// The last one reached: `init`, `org-created`, `projects-ready`, …
    std::string phase;
    std::string timestamp;
    /// Every knob with its effective value; secrets are left out.
    std::map<std::string, std::string> settings;
    /// The snapshots taken so far: a resumed run cannot take its baseline again.
    Metrics metrics;
};
BOOST_DESCRIBE_STRUCT(Checkpoint, (), (test_id, org_name, phase, timestamp, settings, metrics))

/// As one line of JSON, and back (tolerant as from_json; throws UserError naming `source_name`).
std::string checkpoint_to_json(const Checkpoint& checkpoint);
Checkpoint checkpoint_from_json(std::string_view text, std::string_view source_name);

std::filesystem::path checkpoint_path(const std::filesystem::path& out_dir);

[[nodiscard]] Result<> save_checkpoint(const std::filesystem::path& out_dir, const Checkpoint& checkpoint);

/// Empty when there is none. Throws UserError when there is one that cannot be read.
std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& out_dir);

/// Removes it; one that is not there is removed already.
[[nodiscard]] Result<> remove_checkpoint(const std::filesystem::path& out_dir);

}  // namespace milo_perf::results
