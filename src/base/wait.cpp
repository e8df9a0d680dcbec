#include "base/wait.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace milo_perf {
namespace asio = boost::asio;

void throw_cancelled() {
    throw boost::system::system_error(asio::error::operation_aborted);
}

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

asio::awaitable<void> sleep_until(TimePoint when) {
    asio::steady_timer timer(co_await asio::this_coro::executor, when);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::deferred));
    if (error) throw_cancelled();
}

Notification::Notification(asio::any_io_executor executor) : timer_(std::move(executor), TimePoint::max()) {}

void Notification::notify() {
    timer_.cancel();
}

asio::awaitable<void> Notification::wait_or_cancelled() {
    co_await timer_.async_wait(asio::as_tuple(asio::deferred));
}

asio::awaitable<void> Notification::wait() {
    co_await timer_.async_wait(asio::as_tuple(asio::deferred));
    // Being notified and being cancelled end the wait with the same error.
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw_cancelled();
}

asio::awaitable<void> Notification::wait_until(TimePoint deadline) {
    timer_.expires_at(deadline);
    return wait();
}

}  // namespace milo_perf
