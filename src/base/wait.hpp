#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>

#include "base/clock.hpp"

/// Waiting, and how a coroutine ends that is cancelled while it waits: with operation_aborted as a
/// boost::system::system_error, from wherever it was.
namespace milo_perf {

/// Ends this coroutine as every cancelled one ends.
[[noreturn]] void throw_cancelled();

/// True when `error` is how a cancelled coroutine ends.
bool is_cancellation(const std::exception_ptr& error);

/// Sleeps; throws when cancelled.
boost::asio::awaitable<void> sleep_until(TimePoint when);

/// Wakes those who wait for a change; they look for themselves whether it is theirs.
class Notification {
  public:
    explicit Notification(boost::asio::any_io_executor executor);

    /// Wakes everyone who waits now.
    void notify();

    /// Waits until notified; throws when cancelled.
    boost::asio::awaitable<void> wait();
    /// Waits until notified or until `deadline`; throws when cancelled. For one waiter at a time.
    boost::asio::awaitable<void> wait_until(TimePoint deadline);
    /// Waits until notified or cancelled, and does not throw.
    boost::asio::awaitable<void> wait_or_cancelled();

  private:
    boost::asio::steady_timer timer_;
};

}  // namespace milo_perf
