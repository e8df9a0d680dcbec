#include "base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace milo_perf {
namespace asio = boost::asio;

bool is_cancellation(const std::exception_ptr& error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& failure) {
        return failure.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(std::move(executor)), changed_(executor_, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(asio::awaitable<void> task) {
    if (cancelled_) return;
    const auto child = children_.emplace(children_.end());
    asio::co_spawn(
        executor_, std::move(task),
        asio::bind_cancellation_slot(
            child->signal.slot(), [this, child](const std::exception_ptr& error) { ended(child, error); }));
}

void TaskGroup::ended(std::list<Child>::iterator child, const std::exception_ptr& error) {
    children_.erase(child);
    changed_.cancel();
    if (error && !is_cancellation(error)) {
        if (!error_) error_ = error;
        cancel();
    }
}

void TaskGroup::cancel() {
    cancelled_ = true;
    // A child may be cancelling its own group, and may end, and so unlink itself, while it is told.
    for (auto child = children_.begin(); child != children_.end();) {
        auto& signal = (child++)->signal;
        signal.emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> TaskGroup::wait_below(std::size_t limit) {
    while (children_.size() >= limit && !children_.empty()) {
        co_await changed_.async_wait(asio::as_tuple(asio::deferred));
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
}

asio::awaitable<void> TaskGroup::join() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!children_.empty()) {
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none && !cancelled_) {
            cancel();
            continue;
        }
        co_await changed_.async_wait(asio::as_tuple(asio::deferred));
    }
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    co_await asio::this_coro::throw_if_cancelled(true);
    if (error_) std::rethrow_exception(error_);
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

asio::awaitable<void> join_with_companion(TaskGroup& work, TaskGroup& companion) {
    std::exception_ptr error;
    try {
        co_await work.join();
    } catch (...) {
        error = std::current_exception();
    }
    companion.cancel();
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
        co_await companion.join();
    } catch (...) {
        if (!error) error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(true);
    if (error) std::rethrow_exception(error);
}

asio::awaitable<void> sleep_until(std::chrono::steady_clock::time_point when) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, when);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::deferred));
    if (error) throw boost::system::system_error(error);
}

}  // namespace milo_perf
