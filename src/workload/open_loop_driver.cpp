#include "workload/open_loop_driver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/task_group.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> run_one(load::OpenLoop& loop, asio::steady_timer& slot_free,
                              asio::awaitable<void> operation) {
    // Its place is free again however it ends.
    struct Place {
        load::OpenLoop& loop;
        asio::steady_timer& slot_free;
        Place(load::OpenLoop& of, asio::steady_timer& timer) : loop(of), slot_free(timer) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            loop.finished();
            slot_free.cancel();
        }
    } place(loop, slot_free);
    co_await std::move(operation);
}

asio::awaitable<void> dispatch(load::OpenLoop& loop, stats::Recorder& recorder, const SeriesOf& series_of,
                               const PlannedOperation& operation, TaskGroup& group,
                               asio::steady_timer& wake) {
    std::uint64_t number = 0;
    for (;;) {
        const load::OpenLoop::Step step = loop.next(Clock::now());
        using Action = load::OpenLoop::Action;
        if (step.action == Action::done) break;
        if (step.action == Action::send) {
            if (step.late) recorder.late(series_of(number));
            group.spawn(run_one(loop, wake, operation(number, *step.at)));
            ++number;
            continue;
        }
        if (step.action == Action::drop) {
            recorder.dropped(series_of(number++));
            continue;
        }
        wake.expires_at(step.at.value_or(TimePoint::max()));
        co_await wake.async_wait(asio::as_tuple(asio::deferred));
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
    for (std::uint64_t left = loop.never_due(); left > 0; --left) recorder.dropped(series_of(number++));
}

}  // namespace

asio::awaitable<void> drive_open_loop(load::OpenLoop& loop, stats::Recorder& recorder, SeriesOf series_of,
                                      PlannedOperation operation) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer wake(executor, asio::steady_timer::time_point::max());
    TaskGroup group(executor);
    // A cancelled coroutine throws at its next co_await, before join is even entered, and the operations
    // would outlive their group. Join sets it back.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await dispatch(loop, recorder, series_of, operation, group, wake);
    co_await group.join();
}

}  // namespace milo_perf::workload
