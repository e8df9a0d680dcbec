#include "base/deadline.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/task_group.hpp"

namespace milo_perf {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> run_and_tell(asio::awaitable<void> task, TaskGroup& timer, bool& ended) {
    try {
        co_await std::move(task);
        ended = true;
    } catch (...) {
        timer.cancel();
        throw;
    }
    timer.cancel();
}

asio::awaitable<void> cancel_at(TimePoint deadline, TaskGroup& work) {
    co_await sleep_until(deadline);
    work.cancel();
}

}  // namespace

asio::awaitable<bool> finish_before(TimePoint deadline, asio::awaitable<void> task) {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup work(executor);
    TaskGroup timer(executor);
    bool ended = false;
    timer.spawn(cancel_at(deadline, work));
    work.spawn(run_and_tell(std::move(task), timer, ended));
    co_await join_with_companion(work, timer);
    co_return ended;
}

}  // namespace milo_perf
