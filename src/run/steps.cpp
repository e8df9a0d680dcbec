#include "run/steps.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/log.hpp"
#include "base/wait.hpp"
#include "session/checkpoint.hpp"
#include "session/preflight.hpp"

namespace milo_perf::run {
namespace asio = boost::asio;

namespace {

bool left_out(const RunState& run, const Step& step) {
    if (step.of_objects && !run.settings().run_objects_phase) return true;
    return step.snapshot && snapshot_of(run.metrics, *step.snapshot);
}

}  // namespace

asio::awaitable<void> require_preflight(RunState& run) {
    const PhaseScope scope(run, results::PhaseName::preflight);
    const session::Preflight found = co_await session::preflight(run.session);
    run.apiserver_version = found.apiserver_version;
    run.victoriametrics_version = found.victoriametrics_version;
    for (const session::Check& check : found.checks) {
        if (check.ok && check.noteworthy) {
            run.session.journal.warning_once(check.message);
        } else if (check.ok) {
            log::debug("{}: {}", check.subject, check.message);
        } else if (check.blocking) {
            throw UserError(check.message);
        } else {
            run.session.journal.warning_once(check.message);
        }
    }
}

asio::awaitable<void> do_steps(RunState& run, std::span<const Step> steps) {
    for (const Step& step : steps) {
        if (!left_out(run, step)) {
            const PhaseScope scope(run, step.phase);
            co_await step.action(run, step);
            // A request that is cancelled ends as a value: what it was to reach is not reached.
            const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) throw_cancelled();
        }
        if (!step.reached || (step.of_objects && !run.settings().run_objects_phase)) continue;
        run.begun = true;
        session::save_checkpoint(run.session, *step.reached, run.metrics);
    }
}

}  // namespace milo_perf::run
