#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/clock.hpp"
#include "base/nursery.hpp"
#include "load/open_loop.hpp"

/// The two loops that every load runs in. A source says what comes next and does no I/O; an executor does it.
///
/// A source has `Next<Item> next(const Turn&)`.
/// An executor has a type `Scratch`, of which each item under way has one (in closed loop the items of a slot
/// share it, one after another), and
///   `awaitable<void> run(const Item&, TimePoint planned, Scratch&)`   all three live until it has ended;
/// for an open loop also `void late(const Item&)` and `void dropped(const Item&)`.
/// Source and executor outlive the loop.
namespace milo_perf::load {

/// When a source is asked.
struct Turn {
    /// Closed loop: which of the items in flight this one follows, from 0. What was given to the slot before
    /// has ended. Open loop: always 0.
    std::uint32_t slot = 0;
    TimePoint now;
};

/// What a source answers.
template <class Item>
struct Next {
    enum class Kind {
        item,
        /// Nothing before an item in flight has ended; when none is, nothing ever.
        wait,
        /// Nothing more: for this slot, or, in open loop, at all.
        done
    };

    static Next wait() { return {Kind::wait, {}}; }
    static Next done() { return {Kind::done, {}}; }
    static Next of(Item made) { return {Kind::item, std::move(made)}; }

    Kind kind = Kind::done;
    Item item{};
};

/// A source of the numbers below `count`.
class Numbers {
  public:
    explicit Numbers(std::size_t count) : count_(count) {}

    Next<std::size_t> next(const Turn& /*turn*/) {
        return next_ < count_ ? Next<std::size_t>::of(next_++) : Next<std::size_t>::done();
    }

  private:
    std::size_t count_;
    std::size_t next_ = 0;
};

/// Slots that wait until an item has ended.
class Ends {
  public:
    explicit Ends(boost::asio::any_io_executor executor) : changed_(std::move(executor)) {}

    void begun() { ++in_flight_; }
    void ended() {
        --in_flight_;
        if (waiting_ > 0) changed_.notify();
    }
    std::uint64_t in_flight() const { return in_flight_; }

    /// Until the next end. False when there is none to wait for.
    boost::asio::awaitable<bool> wait();

  private:
    std::uint64_t in_flight_ = 0;
    std::uint64_t waiting_ = 0;
    Notification changed_;
};

/// An item under way, from construction to destruction, however it ends.
template <class Counter>
class UnderWay {
  public:
    explicit UnderWay(Counter& counter) : counter_(counter) {}
    ~UnderWay() { counter_.ended(); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

  private:
    Counter& counter_;
};

template <class Source, class Executor>
boost::asio::awaitable<void> run_slot(std::uint32_t slot, Source& source, Executor& executor, Ends& ends) {
    typename Executor::Scratch scratch;
    for (;;) {
        const auto next = source.next(Turn{slot, Clock::now()});
        using Kind = typename std::decay_t<decltype(next)>::Kind;
        if (next.kind == Kind::done) co_return;
        if (next.kind == Kind::wait) {
            const bool more = co_await ends.wait();
            if (!more) co_return;
            continue;
        }
        ends.begun();
        const UnderWay<Ends> under_way(ends);
        co_await executor.run(next.item, TimePoint{}, scratch);
        // An executor may end as a value when it is cancelled: the source is then not asked again.
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) throw_cancelled();
    }
}

/// Closed loop: `in_flight` items at a time, each followed by another as soon as it has ended, until the
/// source is done. `planned` is the epoch: as soon as possible.
template <class Source, class Executor>
boost::asio::awaitable<void> run_closed(std::uint32_t in_flight, Source& source, Executor& executor) {
    const auto io = co_await boost::asio::this_coro::executor;
    Ends ends(io);
    co_await with_nursery([&](Nursery& slots) {
        for (std::uint32_t slot = 0; slot < in_flight; ++slot)
            slots.spawn(run_slot(slot, source, executor, ends));
    });
}

/// What an open loop's items and its dispatcher share.
class Arrivals {
  public:
    Arrivals(OpenLoop& loop, boost::asio::any_io_executor executor)
        : loop_(loop), changed_(std::move(executor)) {}

    void ended() {
        loop_.finished();
        changed_.notify();
    }
    OpenLoop& loop() { return loop_; }
    /// Until an item has ended, or `at` has come.
    boost::asio::awaitable<void> wait_until(TimePoint at) { return changed_.wait_until(at); }

  private:
    OpenLoop& loop_;
    Notification changed_;
};

template <class Item, class Executor>
boost::asio::awaitable<void> run_arrival(Item item, TimePoint planned, Executor& executor,
                                         Arrivals& arrivals) {
    const UnderWay<Arrivals> under_way(arrivals);
    typename Executor::Scratch scratch;
    co_await executor.run(item, planned, scratch);
}

template <class Source, class Executor>
boost::asio::awaitable<void> dispatch(Source& source, Executor& executor, Arrivals& arrivals,
                                      Nursery& items) {
    using Kind = typename decltype(source.next(Turn{}))::Kind;
    OpenLoop& loop = arrivals.loop();
    for (;;) {
        const OpenLoop::Step step = loop.next(Clock::now());
        using Action = OpenLoop::Action;
        if (step.action == Action::done) break;
        if (step.action == Action::send) {
            auto next = source.next(Turn{0, Clock::now()});
            // The arrival itself counts as in flight.
            while (next.kind == Kind::wait && loop.in_flight() > 1) {
                co_await arrivals.wait_until(TimePoint::max());
                next = source.next(Turn{0, Clock::now()});
            }
            if (next.kind != Kind::item) {
                loop.finished();
                co_return;
            }
            if (step.late) executor.late(next.item);
            items.spawn(run_arrival(std::move(next.item), *step.at, executor, arrivals));
        } else if (step.action == Action::drop) {
            const auto next = source.next(Turn{0, Clock::now()});
            if (next.kind == Kind::item) executor.dropped(next.item);
        } else {
            co_await arrivals.wait_until(step.at.value_or(TimePoint::max()));
        }
    }
    for (std::uint64_t left = loop.never_due(); left > 0; --left) {
        const auto next = source.next(Turn{0, Clock::now()});
        if (next.kind != Kind::item) break;
        executor.dropped(next.item);
    }
}

/// Open loop: one item at each of `loop`'s planned starts, late when its limit of items in flight holds it
/// up. What is dropped or never due is asked of the source all the same, and told to the executor. Ends when
/// all have ended.
template <class Source, class Executor>
boost::asio::awaitable<void> run_open(OpenLoop& loop, Source& source, Executor& executor) {
    const auto io = co_await boost::asio::this_coro::executor;
    Arrivals arrivals(loop, io);
    co_await with_nursery([&](Nursery& items) { items.spawn(dispatch(source, executor, arrivals, items)); });
}

}  // namespace milo_perf::load
