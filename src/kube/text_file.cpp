#include "kube/text_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace milo_perf::kube {
namespace {

TextFile failure(int error) {
    return {.text = {}, .problem = std::generic_category().message(error), .missing = error == ENOENT};
}

}  // namespace

TextFile read_text_file(const std::filesystem::path& path, std::size_t limit_bytes) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return failure(ENOENT);
    if (error) return failure(error.value());
    if (status.type() == std::filesystem::file_type::directory) return failure(EISDIR);
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return failure(errno != 0 ? errno : EIO);
    // Piece by piece: most are small, and room for the largest would have to be touched first.
    TextFile read;
    std::array<char, 16 * 1024> piece{};
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
        read.text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
        if (read.text.size() > limit_bytes) {
            return {.text = {},
                    .problem = fmt::format("it is larger than {} bytes", limit_bytes),
                    .missing = false};
        }
    }
    if (file.bad()) return failure(EIO);
    return read;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

}  // namespace milo_perf::kube
