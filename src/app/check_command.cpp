#include <fmt/core.h>

#include <boost/asio/io_context.hpp>

#include "app/commands.hpp"
#include "app/event_loop.hpp"
#include "app/preflight.hpp"

namespace milo_perf::app {
namespace {

boost::asio::awaitable<void> check(RunState& run, ExitCode& code) {
    const std::vector<Check> checks = co_await preflight(run);
    for (const Check& one : checks) {
        const std::string_view verdict = one.ok ? "ok" : one.blocking ? "FAILED" : "warning";
        fmt::print("{:<8} {}: {}\n", verdict, one.subject, one.message);
        if (!one.ok) code = ExitCode::usage;
    }
    run.close();
}

}  // namespace

ExitCode check_command(const CommandInput& input) {
    boost::asio::io_context io(1);
    RunState run(io.get_executor(), identified(input.settings), input.environment);
    ExitCode code = ExitCode::ok;
    run_event_loop(io, check(run, code));
    return code;
}

}  // namespace milo_perf::app
