#include "run/cleanup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "session/checkpoint.hpp"
#include "session/clusters.hpp"
#include "session/preflight.hpp"
#include "workload/cleanup.hpp"

namespace milo_perf::run {
namespace asio = boost::asio;
using session::Part;
using session::Session;

namespace {

Error incomplete(const Session& session, const workload::CleanupReport& report) {
    const std::string because =
        session.journal.failures() > 0 ? ": " + session.journal.main_failure() : std::string();
    return {ErrorCategory::server,
            fmt::format("Cleanup of run {} is not complete, {} Projects{} are left{}; run cleanup again.",
                        session.identity.test_id(), report.projects_left,
                        report.organization_left ? " and the Organization" : "", because)};
}

asio::awaitable<Result<>> clean(Session& session) {
    // A server that does not answer is reported at once, not after all the retries of a list.
    const Result<> milo = co_await session::require_milo(session);
    if (!milo) co_return milo;
    const workload::Context context = session.context();
    const workload::CleanupReport report = co_await workload::clean_up(context);
    if (!report.complete()) co_return incomplete(session, report);
    log::info("cleanup: {} Projects{} deleted", report.projects_deleted,
              report.organization_deleted ? " and the Organization" : "");
    co_return co_await session::forget_run(session);
}

asio::awaitable<void> clean_into(Session& session, Result<>& result) {
    result = co_await clean(session);
}

/// Waits between two runs; ok, or the exit code of the signal that ended it.
ExitCode pause(const config::Settings& settings, const kube::Environment& environment, Duration time) {
    Session session(settings, environment, {});
    session.run(session.until_signal(sleep_until(Clock::now() + time)));
    return session.signal_code().value_or(ExitCode::ok);
}

}  // namespace

ExitCode cleanup(const config::Settings& settings, const kube::Environment& environment, bool published) {
    std::set<Part> parts{Part::milo};
    if (published) parts.insert(Part::results_cluster);
    Session session(settings, environment, std::move(parts));
    session.open().value();
    session::ensure_limits(session::most_in_flight(settings)).value();
    Result<> result;
    session.run(session.until_signal(clean_into(session, result)));
    if (const auto code = session.signal_code()) {
        log::warn("cleanup interrupted: run it again for the rest");
        return *code;
    }
    result.value();
    return ExitCode::ok;
}

ExitCode clear_for_next_run(const config::Settings& settings, const kube::Environment& environment,
                            bool published, Duration rest) {
    const ExitCode code = cleanup(settings, environment, published);
    if (code != ExitCode::ok) return code;
    const Duration time = std::max(rest, from_seconds(settings.measure_window_seconds));
    log::info("the next run begins in {:g} s", to_seconds(time));
    return pause(settings, environment, time);
}

}  // namespace milo_perf::run
