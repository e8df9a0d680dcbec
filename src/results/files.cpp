#include "results/files.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "results/json.hpp"
#include "results/json_document.hpp"
#include "results/json_read.hpp"
#include "results/json_write.hpp"

namespace milo_perf::results {
namespace fs = std::filesystem;

namespace {

void save(const fs::path& path, std::string_view bytes, fs::path& written, SavedFiles& saved) {
    std::string problem = write_atomically(path, bytes);
    if (problem.empty()) {
        written = path;
    } else {
        saved.problems.push_back(std::move(problem));
    }
}

}  // namespace

Run load_run(const fs::path& path) {
    return from_json(read_file(path), path.string());
}

SavedFiles save_run(const fs::path& out_dir, const Run& run, const RenderHtml& render_html) {
    SavedFiles saved;
    save(out_dir / "results.json", to_json(run), saved.results_json, saved);
    // Read by shells line by line: a value must not make a line of its own.
    save(out_dir / "meta.txt",
         fmt::format("test_id={}\norg_name={}\n", one_line(run.test_id), one_line(run.org_name)),
         saved.meta_txt, saved);
    std::string html;
    try {
        html = render_html(run);
    } catch (const std::exception& error) {
        saved.problems.push_back(fmt::format(
            "{} could not be made: {}; results.json holds every figure, 'milo-perf report' draws it again.",
            (out_dir / "report.html").string(), error.what()));
        return saved;
    }
    save(out_dir / "report.html", html, saved.report_html, saved);
    return saved;
}

fs::path checkpoint_path(const fs::path& out_dir) {
    return out_dir / "checkpoint.json";
}

std::string checkpoint_to_json(const Checkpoint& checkpoint) {
    return json_write::document(checkpoint);
}

Checkpoint checkpoint_from_json(std::string_view text, std::string_view source_name) {
    const auto document = parse_document(text, source_name);
    Checkpoint checkpoint;
    try {
        json_read::read(checkpoint, document, json_read::Path{});
    } catch (const std::runtime_error& problem) {
        throw UserError(fmt::format("{} is no checkpoint of milo-perf: {}.", source_name, problem.what()));
    }
    if (checkpoint.test_id.empty() || checkpoint.org_name.empty()) {
        throw UserError(fmt::format(
            "{} is no checkpoint of milo-perf: it has no \"test_id\" and \"org_name\".", source_name));
    }
    return checkpoint;
}

std::string save_checkpoint(const fs::path& out_dir, const Checkpoint& checkpoint) {
    return write_atomically(checkpoint_path(out_dir), checkpoint_to_json(checkpoint));
}

std::optional<Checkpoint> load_checkpoint(const fs::path& out_dir) {
    const fs::path path = checkpoint_path(out_dir);
    std::error_code error;
    if (!fs::exists(path, error) && !error) return std::nullopt;
    constexpr std::size_t most_bytes = 1 << 20;
    return checkpoint_from_json(read_file(path, most_bytes), path.string());
}

std::string remove_checkpoint(const fs::path& out_dir) {
    std::error_code error;
    fs::remove(checkpoint_path(out_dir), error);
    if (!error || error == std::errc::not_a_directory) return {};
    return fmt::format("{} could not be removed: {}.", checkpoint_path(out_dir).string(), error.message());
}

}  // namespace milo_perf::results
