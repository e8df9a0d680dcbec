#include "app/file_lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <iterator>
#include <stdexcept>

#include "base/base64.hpp"

namespace milo_perf::app {
namespace {

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

}  // namespace milo_perf::app
