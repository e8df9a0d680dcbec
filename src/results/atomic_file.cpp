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
#include "results/files.hpp"

namespace milo_perf::results {
namespace fs = std::filesystem;

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
            return "something else of that name is in the way, move it or choose another folder (OUT_DIR or "
                   "--out)";
        default:
            return "check the folder, or choose another one (OUT_DIR or --out)";
    }
}

std::string sentence(std::string_view what, const fs::path& path, int error) {
    return fmt::format("{} could not be {}: {}; {}.", path.string(), what, std::strerror(error),
                       advice(error));
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

std::string write_atomically(const fs::path& given, std::string_view bytes, mode_t mode) {
    const fs::path path = given.has_parent_path() ? given : "." / given;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return sentence("made", path.parent_path(), error.value());
    const fs::path temporary = temporary_name(path);
    int problem = write_new(temporary, bytes, mode);
    if (problem == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) problem = errno;
    if (problem != 0) {
        ::unlink(temporary.c_str());
        return sentence("written", path, problem);
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

std::string folder_problem(const fs::path& folder) {
    std::error_code error;
    fs::path nearest = fs::absolute(folder, error);
    while (nearest.has_relative_path() && !fs::exists(nearest, error)) nearest = nearest.parent_path();
    if (!fs::is_directory(nearest, error)) return sentence("written", folder, ENOTDIR);
    if (::access(nearest.c_str(), W_OK | X_OK) != 0) return sentence("written", folder, errno);
    return {};
}

}  // namespace milo_perf::results
