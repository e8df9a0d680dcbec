#include <fmt/core.h>

#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "session/preflight.hpp"
#include "session/requirements.hpp"

namespace milo_perf::commands {
namespace {

boost::asio::awaitable<void> check(session::Session& session, ExitCode& code) {
    std::vector<session::Check> checks = session::check_settings(session.settings);
    session::Preflight found = co_await session::preflight(session);
    checks.insert(checks.end(), found.checks.begin(), found.checks.end());
    for (const session::Check& one : checks) {
        const std::string_view verdict = one.ok ? "ok" : one.blocking ? "FAILED" : "warning";
        // What servers say stands in some of them.
        fmt::print("{:<8} {}: {}\n", verdict, one.subject, one_line(one.message));
        if (!one.ok) code = ExitCode::usage;
    }
}

}  // namespace

ExitCode check_command(const CommandInput& input) {
    using session::Part;
    session::Session session(session::identified(input.settings), input.environment,
                             {Part::milo, Part::metrics, Part::results_cluster});
    ExitCode code = ExitCode::ok;
    session.run(session.until_signal(check(session, code)));
    return session.signal_code().value_or(code);
}

}  // namespace milo_perf::commands
