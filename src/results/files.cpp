#include "results/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "results/json.hpp"
#include "results/json_document.hpp"
#include "results/json_read.hpp"
#include "results/json_write.hpp"

namespace milo_perf::results {
namespace fs = std::filesystem;

namespace {

void save(const fs::path& path, std::string_view bytes, fs::path& written, SavedFiles& saved) {
    const Result<> result = write_atomically(path, bytes);
    if (result) {
        written = path;
    } else {
        saved.problems.push_back(result.error().sentence);
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
        throw UserError(fmt::format("{} is not a checkpoint of milo-perf: {}.", source_name, problem.what()));
    }
    if (checkpoint.test_id.empty() || checkpoint.org_name.empty()) {
        throw UserError(fmt::format(
            "{} is not a checkpoint of milo-perf: it has no \"test_id\" and \"org_name\".", source_name));
    }
    return checkpoint;
}

Result<> save_checkpoint(const fs::path& out_dir, const Checkpoint& checkpoint) {
    return write_atomically(checkpoint_path(out_dir), checkpoint_to_json(checkpoint));
}

std::optional<Checkpoint> load_checkpoint(const fs::path& out_dir) {
    const fs::path path = checkpoint_path(out_dir);
    std::error_code error;
    if (!fs::exists(path, error) && !error) return std::nullopt;
    constexpr std::size_t most_bytes = 1 << 20;
    return checkpoint_from_json(read_file(path, most_bytes), path.string());
}

Result<> remove_checkpoint(const fs::path& out_dir) {
    std::error_code error;
    fs::remove(checkpoint_path(out_dir), error);
    if (!error || error == std::errc::not_a_directory) return {};
    return Error(ErrorCategory::storage, fmt::format("{} could not be removed: {}.",
                                                     checkpoint_path(out_dir).string(), error.message()));
}

namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Some file systems report a failed write only here.
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

  private:
    int fd_;
};

std::string_view advice(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return "make room there, or choose another folder (OUT_DIR or --out)";
        case EACCES:
        case EPERM:
            return "allow this user to write there, or choose another folder (OUT_DIR or --out)";
        case EROFS:
            return "the file system is read-only, choose a folder on a writable one (OUT_DIR or --out)";
        case ENOTDIR:
        case EEXIST:
        case EISDIR:
            return "a file of that name exists there, move it or choose another folder (OUT_DIR or "
                   "--out)";
        default:
            return "check the folder, or choose another one (OUT_DIR or --out)";
    }
}

Error cannot_be(std::string_view what, const fs::path& path, int error) {
    return {ErrorCategory::storage, fmt::format("{} could not be {}: {}; {}.", path.string(), what,
                                                std::strerror(error), advice(error))};
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

fs::path temporary_name(const fs::path& path) {
    static std::atomic<unsigned> number = 0;
    return path.parent_path() / fmt::format(".{}.{}.{}.tmp", path.filename().string(), ::getpid(), ++number);
}

/// Writes and closes a new file; 0 or an errno.
int write_new(const fs::path& path, std::string_view bytes, mode_t mode) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file) return errno;
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) return errno;
    return 0;
}

/// So that the new name survives a power cut. File systems without it are no reason to fail.
void sync_folder(const fs::path& folder) {
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

}  // namespace

Result<> write_atomically(const fs::path& given, std::string_view bytes, mode_t mode) {
    const fs::path path = given.has_parent_path() ? given : "." / given;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return cannot_be("made", path.parent_path(), error.value());
    const fs::path temporary = temporary_name(path);
    int problem = write_new(temporary, bytes, mode);
    if (problem == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) problem = errno;
    if (problem != 0) {
        ::unlink(temporary.c_str());
        return cannot_be("written", path, problem);
    }
    sync_folder(path.parent_path());
    return {};
}

std::string read_file(const fs::path& path, std::size_t max_bytes) {
    const auto fail = [&path](std::string_view why) {
        return UserError(fmt::format("{} could not be read: {}.", path.string(), why));
    };
    // A pipe without a writer would block for ever without O_NONBLOCK.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) throw fail(std::strerror(errno));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw fail(std::strerror(errno));
    if (S_ISDIR(status.st_mode)) throw fail("it is a folder, not a file");
    if (!S_ISREG(status.st_mode)) throw fail("it is not a regular file");
    if (static_cast<std::uint64_t>(status.st_size) > max_bytes) {
        throw fail(fmt::format("it has {} bytes, more than the {} that are read", status.st_size, max_bytes));
    }
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw fail(std::strerror(errno));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

Result<> check_folder(const fs::path& folder) {
    std::error_code error;
    fs::path nearest = fs::absolute(folder, error);
    while (nearest.has_relative_path() && !fs::exists(nearest, error)) nearest = nearest.parent_path();
    if (!fs::is_directory(nearest, error)) return cannot_be("written", folder, ENOTDIR);
    if (::access(nearest.c_str(), W_OK | X_OK) != 0) return cannot_be("written", folder, errno);
    return {};
}

}  // namespace milo_perf::results
