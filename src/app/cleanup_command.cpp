#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>

#include "app/checkpoint.hpp"
#include "app/cleanup_session.hpp"
#include "app/clusters.hpp"
#include "app/commands.hpp"
#include "app/event_loop.hpp"
#include "app/interrupts.hpp"
#include "app/pause.hpp"
#include "app/preflight.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "workload/cleanup.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;

namespace {

void report_left(const RunState& run, const workload::CleanupReport& report) {
    const std::string because =
        run.journal.failures() > 0 ? ": " + run.journal.main_failure() : std::string();
    throw UserError(
        fmt::format("Cleanup of run {} is not complete, {} Projects{} are left{}; run cleanup again.",
                    run.identity.test_id(), report.projects_left,
                    report.organization_left ? " and the Organization" : "", because),
        ExitCode::failed);
}

asio::awaitable<void> clean(RunState& run) {
    // A server that is not there is told at once, not after all the retries of a list.
    co_await require_milo(run);
    const workload::Context context = run.context();
    const workload::CleanupReport report = co_await workload::clean_up(context);
    if (!report.complete()) report_left(run, report);
    log::info("cleanup: {} Projects{} deleted", report.projects_deleted,
              report.organization_deleted ? " and the Organization" : "");
    const std::string problem = co_await forget_run(run);
    if (!problem.empty()) throw UserError(problem, ExitCode::failed);
}

/// The settings with the identity of the run to remove: the one of TEST_ID, or the newest that is known.
config::Settings with_known_run(const CommandInput& input) {
    const auto found = find_checkpoint(input.settings, input.environment, input.settings.test_id);
    config::Settings settings = input.settings;
    if (!found && settings.test_id.empty()) {
        throw UserError(
            fmt::format("No run to clean up is known, neither in {} nor in the results ConfigMap: give "
                        "TEST_ID of the run.",
                        results::checkpoint_path(settings.out_dir).string()));
    }
    if (!found) return settings;
    settings.test_id = found->test_id;
    if (settings.org_name.empty()) settings.org_name = found->org_name;
    return settings;
}

asio::awaitable<void> clean_interruptibly(RunState& run, ExitCode& code) {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup group(executor);
    Interrupts interrupts(executor, [&group] { group.cancel(); });
    group.spawn(clean(run));
    std::exception_ptr error;
    try {
        co_await group.join();
    } catch (...) {
        error = std::current_exception();
    }
    run.close();
    if (interrupts.received()) {
        log::warn("cleanup interrupted: run it again for the rest");
        code = interrupts.exit_code();
    } else if (error) {
        std::rethrow_exception(error);
    }
}

}  // namespace

ExitCode cleanup_session(const config::Settings& settings, const kube::Environment& environment,
                         bool published) {
    asio::io_context io(1);
    RunState run(io.get_executor(), settings, environment);
    if (!published) run.results_cluster.reset();
    ensure_limits(most_in_flight(settings));
    ExitCode code = ExitCode::ok;
    run_event_loop(io, clean_interruptibly(run, code));
    return code;
}

ExitCode clear_for_next_run(const config::Settings& settings, const kube::Environment& environment,
                            bool published, Duration pause_time) {
    const ExitCode code = cleanup_session(settings, environment, published);
    if (code != ExitCode::ok) return code;
    const Duration rest = std::max(pause_time, from_seconds(settings.measure_window_seconds));
    log::info("the next run begins in {:g} s", to_seconds(rest));
    return pause(rest);
}

ExitCode cleanup_command(const CommandInput& input) {
    return cleanup_session(with_known_run(input), input.environment, true);
}

}  // namespace milo_perf::app
