#include "commands/file_lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "results/files.hpp"

namespace milo_perf::commands {
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 4> files_of_every_run{"results.json", "report.html", "meta.txt",
                                                             "checkpoint.json"};

/// A larger file than this is not read: hardly one would shrink to the limit.
constexpr std::size_t largest_file_bytes = std::size_t{128} << 20;

/// Lines are split at spaces, and perf-run makes files of the names.
bool plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-' || c == '/';
    });
}

/// Container runtimes cut lines at 16 KiB; a multiple of four keeps each part decodable by itself.
constexpr std::size_t line_length = 12'000;

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    constexpr int memory_level = 8;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("zlib has no memory");
    }
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib could not pack a file");
    return packed;
}

}  // namespace

std::string file_lines(std::string_view name, std::string_view bytes) {
    const std::string encoded = encode_base64(gzip(bytes));
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += line_length) {
        fmt::format_to(std::back_inserter(lines), "milo-perf-file {} {}\n", name,
                       std::string_view(encoded).substr(at, line_length));
    }
    return lines;
}

std::vector<std::string> further_files(const fs::path& folder, fs::file_time_type since) {
    std::vector<std::pair<std::uintmax_t, std::string>> found;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone;
        const fs::file_status status = entry->symlink_status(gone);
        if (gone || !fs::is_regular_file(status)) continue;
        const fs::file_time_type written = entry->last_write_time(gone);
        if (gone || written < since) continue;
        const std::string name = entry->path().lexically_relative(folder).generic_string();
        if (std::find(files_of_every_run.begin(), files_of_every_run.end(), name) != files_of_every_run.end())
            continue;
        const std::uintmax_t bytes = entry->file_size(gone);
        if (!gone) found.emplace_back(bytes, name);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    names.reserve(found.size());
    for (auto& [bytes, name] : found) names.push_back(std::move(name));
    return names;
}

LoggedFiles logged_files(const std::vector<std::pair<std::string, std::string>>& own, const fs::path& folder,
                         fs::file_time_type since, std::size_t limit_bytes) {
    LoggedFiles logged;
    const auto leave_out = [&logged](std::string_view name, std::string_view why) {
        logged.left_out.push_back(fmt::format("File {} is lost when the pod is removed: {}.", name, why));
    };
    const auto add = [&](const std::string& name, std::string_view bytes) {
        const std::string lines = file_lines(name, bytes);
        if (logged.lines.size() + lines.size() > limit_bytes) {
            leave_out(name, fmt::format("with it the files in the log would take more than {} KiB",
                                        limit_bytes >> 10));
            return;
        }
        logged.lines += lines;
    };
    for (const auto& [name, bytes] : own) add(name, bytes);
    for (const std::string& name : further_files(folder, since)) {
        if (!plain_name(name)) {
            leave_out(name, "its name has other characters than letters, digits and ._-/");
            continue;
        }
        try {
            add(name, results::read_file(folder / name, largest_file_bytes));
        } catch (const UserError& problem) {
            leave_out(name, problem.what());
        }
    }
    return logged;
}

}  // namespace milo_perf::commands
