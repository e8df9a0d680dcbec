#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kube/environment.hpp"

namespace milo_perf::kube {

/// A program to be run, without a shell.
struct ProcessSpec {
    /// A path when it holds a slash, else looked up in this process's PATH.
    std::string command;
    std::vector<std::string> args;
    /// All of the program's environment.
    Environment environment;
    /// True passes on standard input; false gives /dev/null, and a process group of its own.
    bool interactive = false;
    Duration timeout = std::chrono::seconds(60);
    std::size_t max_output_bytes = 1024 * 1024;
};

/// What a program's run gave.
struct ProcessResult {
    std::string output;
    /// A clause on why it failed, e.g. "it ended with exit code 3"; empty on success. Never holds output.
    std::string problem;
};

/// Runs a program and collects its standard output; standard error is passed on. At the timeout, when there
/// is too much output, and when the coroutine is cancelled, the program is killed.
boost::asio::awaitable<ProcessResult> run_process(ProcessSpec spec);

}  // namespace milo_perf::kube
