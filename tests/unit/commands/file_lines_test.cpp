#include "commands/file_lines.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/base64.hpp"

namespace fs = std::filesystem;
using milo_perf::commands::file_lines;
using milo_perf::commands::further_files;
using milo_perf::commands::logged_files;

namespace {

std::string gunzip(std::string_view packed) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string bytes(std::size_t{1} << 20, '\0');
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    bytes.resize(stream.total_out);
    inflateEnd(&stream);
    return bytes;
}

/// What perf-run makes of the lines.
std::map<std::string, std::string> files_of(const std::string& lines) {
    std::map<std::string, std::string> packed;
    std::istringstream input(lines);
    std::string mark;
    std::string name;
    std::string part;
    while (input >> mark >> name >> part) {
        CHECK(mark == "milo-perf-file");
        const auto bytes = milo_perf::decode_base64(part);
        REQUIRE(bytes);
        packed[name] += *bytes;
    }
    std::map<std::string, std::string> files;
    for (const auto& [file, bytes] : packed) files[file] = gunzip(bytes);
    return files;
}

constexpr auto always = fs::file_time_type::min();

/// Bytes that do not compress.
std::string noise(std::size_t size) {
    std::string bytes;
    std::uint64_t state = 7;
    while (bytes.size() < size) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        bytes += static_cast<char>(state >> 56);
    }
    return bytes;
}

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "file-lines-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& bytes) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << bytes;
    }

    fs::path path;
};

}  // namespace

TEST_CASE("a file's lines are short, and give its bytes back") {
    const std::string bytes = noise(40'000);
    const std::string lines = file_lines("a.bin", bytes);
    std::istringstream input(lines);
    for (std::string line; std::getline(input, line);) CHECK(line.size() < 16'384);
    CHECK(files_of(lines).at("a.bin") == bytes);
    CHECK(files_of(file_lines("empty", "")).at("empty").empty());
}

TEST_CASE("further files are those that not every run has, the smallest first") {
    const Folder folder;
    CHECK(further_files(folder.path / "none", always).empty());
    for (const char* name : {"results.json", "report.html", "meta.txt", "checkpoint.json"})
        folder.write(name, "x");
    CHECK(further_files(folder.path, always).empty());
    folder.write("profiles/cpu.pb.gz", "larger");
    folder.write("samples.csv", "a");
    fs::create_symlink("/etc/passwd", folder.path / "elsewhere");
    CHECK(further_files(folder.path, always) ==
          std::vector<std::string>{"samples.csv", "profiles/cpu.pb.gz"});
    // What was there before the run is not its own.
    folder.write("kubeconfig", "token: secret");
    const auto begun = fs::last_write_time(folder.path / "samples.csv");
    fs::last_write_time(folder.path / "kubeconfig", begun - std::chrono::hours(1));
    const auto since = further_files(folder.path, begun - std::chrono::minutes(1));
    CHECK(std::find(since.begin(), since.end(), "kubeconfig") == since.end());
    CHECK(since.size() == 2);
}

TEST_CASE("the folder's files follow the run's own, as far as the limit lets them") {
    const Folder folder;
    folder.write("results.json", "an older one");
    folder.write("small.csv", "a,b\n");
    folder.write("with space.csv", "a");
    folder.write("profiles/large.bin", noise(20'000));
    const auto logged = logged_files({{"results.json", "{}"}}, folder.path, always, 10'000);
    CHECK(logged.lines.size() <= 10'000);
    const auto files = files_of(logged.lines);
    CHECK(files.size() == 2);
    CHECK(files.at("results.json") == "{}");
    CHECK(files.at("small.csv") == "a,b\n");
    REQUIRE(logged.left_out.size() == 2);
    CHECK(logged.left_out[0].find("with space.csv") != std::string::npos);
    CHECK(logged.left_out[1].find("profiles/large.bin") != std::string::npos);
    CHECK(files_of(logged_files({}, folder.path, always).lines).at("profiles/large.bin") == noise(20'000));
}
