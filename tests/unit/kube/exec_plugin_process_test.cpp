#include "kube/exec_plugin_process.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <thread>

#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;

namespace {

ProcessSpec shell(std::string script) {
    ProcessSpec spec;
    spec.command = "/bin/sh";
    spec.args = {"-c", std::move(script)};
    spec.environment = process_environment();
    return spec;
}

ProcessResult run_one(ProcessSpec spec) {
    boost::asio::io_context context;
    return test::run(context, run_process(std::move(spec)));
}

/// Whether the process whose id stands in the file is there; a zombie counts as gone.
bool alive(const std::filesystem::path& pid_file) {
    std::ifstream file(pid_file);
    long pid = 0;
    file >> pid;
    REQUIRE(pid > 0);
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string id, name, state;
    return stat >> id >> name >> state && state != "Z";
}

/// Whether it goes away: a killed process may be seen for a moment.
bool ends(const std::filesystem::path& pid_file) {
    for (int looks = 0; looks < 500; ++looks) {
        if (!alive(pid_file)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

}  // namespace

TEST_CASE("a program's output is collected to its end") {
    CHECK(run_one(shell("printf 'one\\ntwo'")).output == "one\ntwo");
    CHECK(run_one(shell("head -c 200000 /dev/zero")).output.size() == 200'000);
    CHECK(run_one(shell("exec >&-; sleep 0.1")).problem.empty());
}

TEST_CASE("a program that failed gives a reason and no output") {
    struct Case {
        const char* script;
        const char* problem;
    };
    for (const Case& c : {Case{"echo secret; exit 7", "it ended with exit code 7"},
                          Case{"echo secret; kill -KILL $$", "it was ended by signal 9"}}) {
        const ProcessResult result = run_one(shell(c.script));
        CHECK(result.problem == c.problem);
        CHECK(result.output.empty());
    }
    ProcessSpec missing;
    missing.command = "no-such-program-anywhere";
    CHECK(run_one(missing).problem == "it could not be started (No such file or directory)");
}

TEST_CASE("too much output and too long a time end a program and what it started") {
    const test::TempFolder folder;
    const std::filesystem::path pid_file = folder.path() / "pid";
    const std::string child = fmt::format("sleep 60 & echo $! >'{}'; ", pid_file.string());
    ProcessSpec loud = shell(child + "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
    loud.max_output_bytes = 10'000;
    CHECK(run_one(loud).problem == "it printed more than 10000 bytes");
    CHECK(ends(pid_file));
    ProcessSpec slow = shell(child + "wait");
    slow.timeout = std::chrono::seconds(1);
    CHECK(run_one(slow).problem == "it did not end within 1 seconds");
    CHECK(ends(pid_file));
}

TEST_CASE("a program ends with the coroutine that waits for it") {
    const test::TempFolder folder;
    const std::filesystem::path pid_file = folder.path() / "pid";
    boost::asio::io_context context;
    boost::asio::cancellation_signal cancel;
    std::string problem;
    boost::asio::co_spawn(
        context, run_process(shell(fmt::format("echo $$ >'{}'; exec sleep 60", pid_file.string()))),
        boost::asio::bind_cancellation_slot(
            cancel.slot(),
            [&](std::exception_ptr, const ProcessResult& result) { problem = result.problem; }));
    boost::asio::steady_timer timer(context, std::chrono::milliseconds(300));
    timer.async_wait(
        [&](const boost::system::error_code&) { cancel.emit(boost::asio::cancellation_type::terminal); });
    context.run();
    CHECK(problem != "it did not end within 60 seconds");
    CHECK(ends(pid_file));
}

TEST_CASE("open files of this process are not the program's") {
    const test::TempFolder folder;
    const std::filesystem::path held = folder.write("held", "x");
    const std::ifstream open(held);
    const ProcessResult result = run_one(shell("ls -l /proc/$$/fd"));
    CHECK(result.problem.empty());
    CHECK(contains(result.output, "/dev/null"));
    CHECK_FALSE(contains(result.output, held.string()));
}

TEST_CASE("blocked signals of this process are not the program's") {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    // Without a shell, which blocks signals itself while it waits for its programs.
    ProcessSpec spec;
    spec.command = "grep";
    spec.args = {"SigBlk", "/proc/self/status"};
    spec.environment = process_environment();
    const ProcessResult result = run_one(spec);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(result.problem.empty());
    CHECK(result.output == "SigBlk:\t0000000000000000\n");
}
