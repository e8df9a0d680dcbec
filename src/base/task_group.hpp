#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>

namespace milo_perf {

/// Child coroutines of one owner: whoever spawns, awaits. Cancelling the group cancels every child; what a
/// child throws, other than being cancelled, cancels the others and is thrown by `join`.
class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    /// Only after join has returned (or nothing was spawned).
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(boost::asio::awaitable<void> task);

    /// Asks every child to stop; none spawned later starts.
    void cancel();
    bool cancelled() const { return cancelled_; }

    /// Waits until no child is left. When the waiting coroutine is cancelled, the children are cancelled and
    /// awaited all the same, and then it ends with operation_aborted as any cancelled coroutine does.
    boost::asio::awaitable<void> join();

    /// Waits until fewer than `limit` children are left.
    boost::asio::awaitable<void> wait_below(std::size_t limit);

    std::size_t running() const { return children_.size(); }

  private:
    struct Child {
        boost::asio::cancellation_signal signal;
    };

    void ended(std::list<Child>::iterator child, const std::exception_ptr& error);

    boost::asio::any_io_executor executor_;
    std::list<Child> children_;
    boost::asio::steady_timer changed_;
    std::exception_ptr error_;
    bool cancelled_ = false;
};

/// Awaits `work`; then, however it ended, cancels `companion` and awaits that too, also when the caller was
/// cancelled meanwhile. Throws what `work` threw, else what `companion` did.
boost::asio::awaitable<void> join_with_companion(TaskGroup& work, TaskGroup& companion);

/// True when `error` is how a cancelled coroutine ends.
bool is_cancellation(const std::exception_ptr& error);

/// Sleeps; throws operation_aborted when cancelled.
boost::asio::awaitable<void> sleep_until(std::chrono::steady_clock::time_point when);

}  // namespace milo_perf
