#include "base/task_group.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>

#include "base/deadline.hpp"
#include "base/time_text.hpp"

using namespace milo_perf;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Runs `main` to its end and gives what it threw.
std::exception_ptr run(asio::awaitable<void> main) {
    asio::io_context io;
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(main), [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    io.run();
    return thrown;
}

asio::awaitable<void> sleep_for_ever(int& cancelled) {
    try {
        co_await sleep_until(TimePoint::max());
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) ++cancelled;
        throw;
    }
}

asio::awaitable<void> fail(std::string what) {
    co_await sleep_until(Clock::now());
    throw std::runtime_error(what);
}

asio::awaitable<void> count(int& done) {
    co_await sleep_until(Clock::now() + 1ms);
    ++done;
}

asio::awaitable<void> one_fails_of_three(int& cancelled) {
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(sleep_for_ever(cancelled));
    group.spawn(fail("broken"));
    group.spawn(sleep_for_ever(cancelled));
    co_await group.join();
}

asio::awaitable<void> nested(int& cancelled) {
    TaskGroup inner(co_await asio::this_coro::executor);
    inner.spawn(sleep_for_ever(cancelled));
    inner.spawn(sleep_for_ever(cancelled));
    co_await inner.join();
}

asio::awaitable<void> cancel_nested(int& cancelled) {
    TaskGroup outer(co_await asio::this_coro::executor);
    outer.spawn(nested(cancelled));
    co_await sleep_until(Clock::now() + 1ms);
    outer.cancel();
    co_await outer.join();
}

asio::awaitable<void> wait_for_place(TaskGroup& group) {
    co_await group.wait_below(1);
}

/// As a server does that accepts below a limit while its owner joins.
asio::awaitable<void> two_wait_for_one_group() {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup group(executor);
    int done = 0;
    group.spawn(count(done));
    TaskGroup other(executor);
    other.spawn(wait_for_place(group));
    co_await group.join();
    co_await other.join();
}

asio::awaitable<void> spawn_after_cancel(int& done) {
    TaskGroup group(co_await asio::this_coro::executor);
    group.cancel();
    group.spawn(count(done));
    co_await group.join();
}

asio::awaitable<void> bounded(std::size_t& most, int& done) {
    TaskGroup group(co_await asio::this_coro::executor);
    for (int i = 0; i < 20; ++i) {
        co_await group.wait_below(3);
        group.spawn(count(done));
        most = std::max(most, group.running());
    }
    co_await group.join();
}

asio::awaitable<void> too_late(bool& in_time, int& cancelled) {
    in_time = co_await finish_before(Clock::now() + 2ms, sleep_for_ever(cancelled));
}

asio::awaitable<void> early(bool& in_time, int& done) {
    in_time = co_await finish_before(TimePoint::max(), count(done));
}

asio::awaitable<void> failing_before_deadline() {
    co_await finish_before(TimePoint::max(), fail("inside"));
}

asio::awaitable<void> cancel_a_deadline(int& cancelled) {
    TaskGroup outer(co_await asio::this_coro::executor);
    bool in_time = true;
    outer.spawn(too_late(in_time, cancelled));
    outer.cancel();
    co_await outer.join();
}

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return failure.what();
    }
}

}  // namespace

TEST_CASE("what a child throws cancels the others and comes out of join") {
    int cancelled = 0;
    const std::exception_ptr thrown = run(one_fails_of_three(cancelled));
    REQUIRE(thrown);
    CHECK(text_of(thrown) == "broken");
    CHECK(cancelled == 2);
}

TEST_CASE("cancelling a group reaches the groups inside it") {
    int cancelled = 0;
    const std::exception_ptr thrown = run(cancel_nested(cancelled));
    CHECK(cancelled == 2);
    // The group was cancelled by its owner, who is not cancelled himself.
    CHECK((!thrown || is_cancellation(thrown)));
}

TEST_CASE("a cancelled group starts nothing") {
    int done = 0;
    run(spawn_after_cancel(done));
    CHECK(done == 0);
}

TEST_CASE("two who wait for one group do not keep waking each other") {
    asio::io_context io;
    std::exception_ptr thrown;
    asio::co_spawn(io, two_wait_for_one_group(),
                   [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    CHECK(io.run() < 100);
    CHECK_FALSE(thrown);
}

TEST_CASE("wait_below bounds the children") {
    std::size_t most = 0;
    int done = 0;
    CHECK_FALSE(run(bounded(most, done)));
    CHECK(most == 3);
    CHECK(done == 20);
}

TEST_CASE("a deadline cancels what is late and leaves alone what is not") {
    bool in_time = true;
    int cancelled = 0;
    CHECK_FALSE(run(too_late(in_time, cancelled)));
    CHECK_FALSE(in_time);
    CHECK(cancelled == 1);
    int done = 0;
    CHECK_FALSE(run(early(in_time, done)));
    CHECK(in_time);
    CHECK(done == 1);
}

TEST_CASE("a deadline passes on failures and cancellation") {
    CHECK(text_of(run(failing_before_deadline())) == "inside");
    int cancelled = 0;
    run(cancel_a_deadline(cancelled));
    CHECK(cancelled == 1);
}

TEST_CASE("times of day are written as Python's isoformat writes them") {
    const WallTime at = WallClock::from_time_t(1777889472) + 45600us;
    CHECK(iso8601(at) == "2026-05-04T10:11:12.045600+00:00");
    CHECK(iso8601(WallTime{}) == "1970-01-01T00:00:00.000000+00:00");
}
