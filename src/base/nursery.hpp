#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <exception>
#include <list>
#include <optional>
#include <utility>

#include "base/wait.hpp"

namespace milo_perf {

/// Child coroutines that end before their owner does. What a child throws, other than being cancelled,
/// cancels the others and is thrown by close(). A nursery that is destroyed while a child is alive ends the
/// program with a message, in every build: its children would use memory that is gone.
///
/// A coroutine opens one with with_nursery(), which cannot be left without close(); an object that owns
/// children for its lifetime has one as a member.
class Nursery {
  public:
    explicit Nursery(boost::asio::any_io_executor executor);
    ~Nursery();
    Nursery(const Nursery&) = delete;
    Nursery& operator=(const Nursery&) = delete;

    /// Starts a child. A nursery that is cancelled starts none.
    void spawn(boost::asio::awaitable<void> child);

    /// The same for a child with a result, which `result` gets when it has ended by itself.
    template <class T, class Result>
    void spawn(boost::asio::awaitable<T> child, Result& result) {
        spawn(keep_result(std::move(child), result));
    }

    /// Starts a child that serves the others (a watch, a timer, a display): it is cancelled when the last of
    /// them has ended, and does not keep the nursery open.
    void spawn_background(boost::asio::awaitable<void> child);

    /// Asks every child to stop; none starts later.
    void cancel();
    bool cancelled() const { return cancelled_; }

    /// Waits until no child is left. When the waiting coroutine is cancelled, so are the children; when they
    /// have ended, the wait ends as every cancelled coroutine does.
    [[nodiscard]] boost::asio::awaitable<void> close();

    /// Waits until fewer than `limit` children are left, background ones not counted.
    [[nodiscard]] boost::asio::awaitable<void> wait_below(std::size_t limit);

    /// Children that have not ended, background ones not counted.
    std::size_t running() const { return running_; }

  private:
    struct Child {
        explicit Child(bool serves) : background(serves) {}
        boost::asio::cancellation_signal signal;
        bool background;
    };

    template <class T, class Result>
    static boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> child, Result& result) {
        result = co_await std::move(child);
    }

    void start(boost::asio::awaitable<void> task, bool background);
    void ended(std::list<Child>::iterator child, const std::exception_ptr& error);
    void cancel_children(bool background_only);

    boost::asio::any_io_executor executor_;
    std::list<Child> children_;
    std::size_t running_ = 0;
    Notification changed_;
    std::exception_ptr error_;
    bool cancelled_ = false;
};

/// Opens a nursery, lets `fill` (a plain function that takes it) spawn its children, and closes it: the
/// children have ended when this ends, however it ends, and cancelling it cancels them. Throws what close()
/// throws.
template <class Fill>
boost::asio::awaitable<void> with_nursery(Fill fill) {
    Nursery nursery(co_await boost::asio::this_coro::executor);
    std::exception_ptr error;
    try {
        fill(nursery);
    } catch (...) {
        error = std::current_exception();
        nursery.cancel();
    }
    co_await nursery.close();
    if (error) std::rethrow_exception(error);
}

/// Cancels a nursery at `deadline` unless its children have ended before; `passed` tells that it did.
void spawn_deadline(Nursery& work, TimePoint deadline, bool& passed);

/// Runs `task` until it ends or `deadline` comes, when it is cancelled and awaited. Gives true when it ended
/// by itself; what it throws is thrown on.
boost::asio::awaitable<bool> finish_before(TimePoint deadline, boost::asio::awaitable<void> task);

/// The same for a task with a result: empty when the deadline came first.
template <class T>
boost::asio::awaitable<std::optional<T>> finish_before(TimePoint deadline, boost::asio::awaitable<T> task) {
    std::optional<T> result;
    bool passed = false;
    co_await with_nursery([&](Nursery& work) {
        work.spawn(std::move(task), result);
        spawn_deadline(work, deadline, passed);
    });
    // What a task gives that was cancelled is not its own.
    if (passed) result.reset();
    co_return result;
}

}  // namespace milo_perf
