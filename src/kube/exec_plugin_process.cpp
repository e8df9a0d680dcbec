#include "kube/exec_plugin_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>

namespace milo_perf::kube {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

std::string message_of(int error) {
    return std::generic_category().message(error);
}

/// A child process; killed and reaped when nobody waited for its end.
class Child {
  public:
    Child(pid_t pid, bool own_group) : pid_(pid), own_group_(own_group) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        kill_now();
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    void kill_now() const {
        if (pid_ > 0) ::kill(own_group_ ? -pid_ : pid_, SIGKILL);
    }

    /// True when it has ended; `status` is as of waitpid.
    bool ended(int& status) {
        const pid_t found = waitpid(pid_, &status, WNOHANG);
        if (found == 0 || (found < 0 && errno == EINTR)) return false;
        pid_ = 0;
        return true;
    }

  private:
    pid_t pid_;
    bool own_group_;
};

class SpawnActions {
  public:
    SpawnActions(bool interactive, int output) {
        posix_spawn_file_actions_init(&files_);
        if (!interactive) posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        // Sockets of this process are none of the program's business.
        posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        sigset_t reset = none;
        for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&reset, signal);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &reset);
        // A group of its own can be killed as a whole, but could not read from the terminal.
        const int group = interactive ? 0 : POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(&attributes_,
                                 static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }

    /// Gives an errno.
    int spawn(pid_t& pid, const ProcessSpec& spec) const {
        std::vector<std::string> settings;
        for (const auto& [name, value] : spec.environment)
            settings.push_back(fmt::format("{}={}", name, value));
        std::vector<char*> environment = pointers(settings);
        std::vector<std::string> words{spec.command};
        words.insert(words.end(), spec.args.begin(), spec.args.end());
        std::vector<char*> arguments = pointers(words);
        return posix_spawnp(&pid, spec.command.c_str(), &files_, &attributes_, arguments.data(),
                            environment.data());
    }

  private:
    static std::vector<char*> pointers(std::vector<std::string>& texts) {
        std::vector<char*> result;
        result.reserve(texts.size() + 1);
        for (std::string& text : texts) result.push_back(text.data());
        result.push_back(nullptr);
        return result;
    }

    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

std::string status_problem(int status) {
    if (WIFSIGNALED(status)) return fmt::format("it was ended by signal {}", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0) return fmt::format("it ended with exit code {}", WEXITSTATUS(status));
    return {};
}

/// A program under way: its output is read until the end, then its exit is awaited.
class Run {
  public:
    Run(asio::any_io_executor executor, const ProcessSpec& spec)
        : spec_(spec), output_(executor), timer_(executor), poll_(executor) {}

    /// Gives the problem; empty when the program runs.
    std::string start() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            return fmt::format("no pipe could be made ({})", message_of(errno));
        output_.assign(ends[0]);
        pid_t pid = 0;
        const int error = SpawnActions(spec_.interactive, ends[1]).spawn(pid, spec_);
        ::close(ends[1]);
        if (error != 0) return fmt::format("it could not be started ({})", message_of(error));
        child_ = std::make_unique<Child>(pid, !spec_.interactive);
        return {};
    }

    asio::awaitable<ProcessResult> finish() {
        timer_.expires_after(spec_.timeout);
        // A cancelled timer's handler is still called, perhaps after this run is gone.
        timer_.async_wait([self = alive_, this](const boost::system::error_code& error) {
            if (error || !*self) return;
            timed_out_ = true;
            child_->kill_now();
            output_.cancel();
        });
        ProcessResult result;
        result.problem = co_await read(result.output);
        if (result.problem.empty()) result.problem = co_await wait();
        *alive_ = false;
        timer_.cancel();
        if (!result.problem.empty()) result.output.clear();
        co_return result;
    }

    ~Run() { *alive_ = false; }

  private:
    std::string interruption() const {
        return timed_out_
                   ? fmt::format("it did not end within {} seconds",
                                 std::chrono::duration_cast<std::chrono::seconds>(spec_.timeout).count())
                   : std::string("waiting for it was interrupted");
    }

    asio::awaitable<std::string> read(std::string& text) {
        std::array<char, 4096> piece{};
        while (!timed_out_) {
            const auto [error, size] = co_await output_.async_read_some(asio::buffer(piece), as_result);
            text.append(piece.data(), size);
            if (text.size() > spec_.max_output_bytes)
                co_return fmt::format("it printed more than {} bytes", spec_.max_output_bytes);
            if (error == asio::error::eof) co_return std::string();
            if (error) break;
        }
        co_return interruption();
    }

    asio::awaitable<std::string> wait() {
        // Standard output's end comes at or shortly before the program's; polling needs no SIGCHLD handler,
        // which would be the whole process's.
        int status = 0;
        while (!child_->ended(status)) {
            poll_.expires_after(std::chrono::milliseconds(2));
            const auto [error] = co_await poll_.async_wait(as_result);
            if (error || timed_out_) co_return interruption();
        }
        co_return status_problem(status);
    }

    const ProcessSpec& spec_;
    asio::posix::stream_descriptor output_;
    asio::steady_timer timer_;
    asio::steady_timer poll_;
    std::unique_ptr<Child> child_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool timed_out_ = false;
};

}  // namespace

asio::awaitable<ProcessResult> run_process(ProcessSpec spec) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Run run(executor, spec);
    ProcessResult result;
    result.problem = run.start();
    if (!result.problem.empty()) co_return result;
    result = co_await run.finish();
    co_return result;
}

}  // namespace milo_perf::kube
