#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// What reading a file gave.
struct TextFile {
    std::string text;
    /// Why it could not be read, e.g. "No such file or directory"; empty on success.
    std::string problem;
    /// True when the problem is that there is no such file.
    bool missing = false;
};

/// Reads a regular file of `limit_bytes` at most.
TextFile read_text_file(const std::filesystem::path& path, std::size_t limit_bytes);

/// `text` without white space at both ends.
std::string trimmed(std::string_view text);

}  // namespace milo_perf::kube
