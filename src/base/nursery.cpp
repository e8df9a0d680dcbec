#include "base/nursery.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>

namespace milo_perf {
namespace asio = boost::asio;

Nursery::Nursery(asio::any_io_executor executor) : executor_(std::move(executor)), changed_(executor_) {}

Nursery::~Nursery() {
    if (children_.empty()) return;
    std::fprintf(stderr, "milo-perf: a nursery was left while %zu of its children were alive\n",
                 children_.size());
    std::abort();
}

void Nursery::spawn(asio::awaitable<void> child) {
    start(std::move(child), false);
}

void Nursery::spawn_background(asio::awaitable<void> child) {
    start(std::move(child), true);
}

void Nursery::start(asio::awaitable<void> task, bool background) {
    if (cancelled_) return;
    const auto child = children_.emplace(children_.end(), background);
    if (!background) ++running_;
    asio::co_spawn(
        executor_, std::move(task),
        asio::bind_cancellation_slot(
            child->signal.slot(), [this, child](const std::exception_ptr& error) { ended(child, error); }));
}

void Nursery::ended(std::list<Child>::iterator child, const std::exception_ptr& error) {
    const bool background = child->background;
    children_.erase(child);
    if (!background) --running_;
    changed_.notify();
    if (error && !is_cancellation(error)) {
        if (!error_) error_ = error;
        cancel();
    } else if (!background && running_ == 0) {
        cancel_children(true);
    }
}

void Nursery::cancel() {
    cancelled_ = true;
    cancel_children(false);
}

void Nursery::cancel_children(bool background_only) {
    // A child may be cancelling its own nursery, and may end, and so unlink itself, while it is told.
    for (auto child = children_.begin(); child != children_.end();) {
        Child& told = *child++;
        if (!background_only || told.background) told.signal.emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> Nursery::wait_below(std::size_t limit) {
    while (running_ >= limit && running_ > 0) co_await changed_.wait();
}

asio::awaitable<void> Nursery::close() {
    // From here on a cancelled caller waits for the children instead of being thrown out.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    if (running_ == 0) cancel_children(true);
    bool told = false;
    while (!children_.empty()) {
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none && !told) {
            told = true;
            cancel();
            continue;
        }
        co_await changed_.wait_or_cancelled();
    }
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (state.cancelled() != asio::cancellation_type::none) throw_cancelled();
}

namespace {

asio::awaitable<void> cancel_at(TimePoint deadline, Nursery& work, bool& passed) {
    co_await sleep_until(deadline);
    passed = true;
    work.cancel();
}

asio::awaitable<bool> tell_end(asio::awaitable<void> task) {
    co_await std::move(task);
    co_return true;
}

}  // namespace

void spawn_deadline(Nursery& work, TimePoint deadline, bool& passed) {
    work.spawn_background(cancel_at(deadline, work, passed));
}

asio::awaitable<bool> finish_before(TimePoint deadline, asio::awaitable<void> task) {
    bool ended = false;
    bool passed = false;
    co_await with_nursery([&](Nursery& work) {
        work.spawn(tell_end(std::move(task)), ended);
        spawn_deadline(work, deadline, passed);
    });
    co_return ended && !passed;
}

}  // namespace milo_perf
