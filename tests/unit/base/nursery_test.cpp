#include "base/nursery.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

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
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn(sleep_for_ever(cancelled));
        nursery.spawn(fail("broken"));
        nursery.spawn(sleep_for_ever(cancelled));
    });
}

asio::awaitable<void> two_sleepers(int& cancelled) {
    co_await with_nursery([&](Nursery& inner) {
        inner.spawn(sleep_for_ever(cancelled));
        inner.spawn(sleep_for_ever(cancelled));
    });
}

asio::awaitable<void> cancel_soon(Nursery& nursery) {
    co_await sleep_until(Clock::now() + 1ms);
    nursery.cancel();
}

asio::awaitable<void> cancel_nested(int& cancelled) {
    co_await with_nursery([&](Nursery& outer) {
        outer.spawn(two_sleepers(cancelled));
        outer.spawn(cancel_soon(outer));
    });
}

/// Opens its nursery when it is cancelled already, and has not come to a co_await since.
asio::awaitable<void> opens_when_cancelled(Nursery& outer, int& started, bool& returned) {
    co_await sleep_until(Clock::now());
    outer.cancel();
    co_await with_nursery([&](Nursery& inner) { inner.spawn(count(started)); });
    returned = true;
}

asio::awaitable<void> cancelled_before_it_opens(int& started, bool& returned) {
    co_await with_nursery(
        [&](Nursery& outer) { outer.spawn(opens_when_cancelled(outer, started, returned)); });
}

asio::awaitable<void> asks_whether_cancellation_throws(bool& throws) {
    int done = 0;
    co_await with_nursery([&](Nursery& nursery) { nursery.spawn(count(done)); });
    throws = co_await asio::this_coro::throw_if_cancelled();
}

void refuse_to_fill() {
    throw std::runtime_error("no children");
}

asio::awaitable<void> fill_fails(int& cancelled) {
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn(sleep_for_ever(cancelled));
        refuse_to_fill();
    });
}

asio::awaitable<int> three() {
    co_await sleep_until(Clock::now() + 1ms);
    co_return 3;
}

asio::awaitable<void> with_result(int& result) {
    co_await with_nursery([&](Nursery& nursery) { nursery.spawn(three(), result); });
}

asio::awaitable<void> with_background(int& done, int& cancelled) {
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn_background(sleep_for_ever(cancelled));
        nursery.spawn(count(done));
        nursery.spawn(count(done));
    });
}

asio::awaitable<void> background_fails(int& cancelled) {
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn_background(fail("display broken"));
        nursery.spawn(sleep_for_ever(cancelled));
    });
}

asio::awaitable<void> background_alone(int& cancelled) {
    co_await with_nursery([&](Nursery& nursery) { nursery.spawn_background(sleep_for_ever(cancelled)); });
}

asio::awaitable<void> wait_for_place(Nursery& nursery) {
    co_await nursery.wait_below(1);
}

/// As a server does that accepts below a limit while its owner closes.
asio::awaitable<void> two_wait_for_one_nursery() {
    const auto executor = co_await asio::this_coro::executor;
    Nursery nursery(executor);
    int done = 0;
    nursery.spawn(count(done));
    Nursery other(executor);
    other.spawn(wait_for_place(nursery));
    co_await nursery.close();
    co_await other.close();
}

asio::awaitable<void> spawn_after_cancel(int& done) {
    co_await with_nursery([&](Nursery& nursery) {
        nursery.cancel();
        nursery.spawn(count(done));
    });
}

asio::awaitable<void> bounded(std::size_t& most, int& done) {
    Nursery nursery(co_await asio::this_coro::executor);
    for (int i = 0; i < 20; ++i) {
        co_await nursery.wait_below(3);
        nursery.spawn(count(done));
        most = std::max(most, nursery.running());
    }
    co_await nursery.close();
}

asio::awaitable<void> too_late(bool& in_time, int& cancelled) {
    in_time = co_await finish_before(Clock::now() + 2ms, sleep_for_ever(cancelled));
}

asio::awaitable<void> early(bool& in_time, int& done) {
    in_time = co_await finish_before(TimePoint::max(), count(done));
}

asio::awaitable<void> early_with_result(std::optional<int>& result) {
    result = co_await finish_before(TimePoint::max(), three());
}

asio::awaitable<void> failing_before_deadline() {
    co_await finish_before(TimePoint::max(), fail("inside"));
}

asio::awaitable<void> cancel_a_deadline(int& cancelled) {
    bool in_time = true;
    co_await with_nursery([&](Nursery& outer) {
        outer.spawn(too_late(in_time, cancelled));
        outer.cancel();
    });
}

asio::awaitable<void> wait_for(Notification& change, int& woken) {
    co_await change.wait();
    ++woken;
}

asio::awaitable<void> notify_once(Notification& change) {
    co_await sleep_until(Clock::now() + 1ms);
    change.notify();
}

asio::awaitable<void> notify_then_cancel(int& woken) {
    Notification change(co_await asio::this_coro::executor);
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn(wait_for(change, woken));
        nursery.spawn(wait_for(change, woken));
        nursery.spawn(notify_once(change));
    });
    co_await with_nursery([&](Nursery& nursery) {
        nursery.spawn(wait_for(change, woken));
        nursery.spawn(cancel_soon(nursery));
    });
}

/// In a process of its own: what it writes on standard error, and the signal that ended it.
std::pair<std::string, int> in_a_child_process(const std::function<void()>& body) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        ::dup2(ends[1], STDERR_FILENO);
        body();
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t size = ::read(ends[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {text, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return failure.what();
    }
}

}  // namespace

TEST_CASE("what a child throws cancels the others and comes out of the nursery") {
    int cancelled = 0;
    const std::exception_ptr thrown = run(one_fails_of_three(cancelled));
    REQUIRE(thrown);
    CHECK(text_of(thrown) == "broken");
    CHECK(cancelled == 2);
}

TEST_CASE("cancelling a nursery reaches the nurseries inside it") {
    int cancelled = 0;
    // Its owner cancelled it, who is not cancelled himself.
    CHECK_FALSE(run(cancel_nested(cancelled)));
    CHECK(cancelled == 2);
}

TEST_CASE("a cancelled coroutine opens no nursery") {
    int started = 0;
    bool returned = false;
    CHECK_FALSE(run(cancelled_before_it_opens(started, returned)));
    CHECK(started == 0);
    CHECK_FALSE(returned);
}

TEST_CASE("a nursery leaves its owner's way of being cancelled as it was") {
    bool throws = false;
    CHECK_FALSE(run(asks_whether_cancellation_throws(throws)));
    CHECK(throws);
}

TEST_CASE("children that were spawned before the owner failed are awaited") {
    int cancelled = 0;
    CHECK(text_of(run(fill_fails(cancelled))) == "no children");
    CHECK(cancelled == 1);
}

TEST_CASE("a child's result is kept") {
    int result = 0;
    CHECK_FALSE(run(with_result(result)));
    CHECK(result == 3);
}

TEST_CASE("background children end with the others, and alone keep nothing open") {
    int done = 0;
    int cancelled = 0;
    CHECK_FALSE(run(with_background(done, cancelled)));
    CHECK(done == 2);
    CHECK(cancelled == 1);
    CHECK_FALSE(run(background_alone(cancelled)));
    CHECK(cancelled == 2);
    CHECK(text_of(run(background_fails(cancelled))) == "display broken");
    CHECK(cancelled == 3);
}

TEST_CASE("a cancelled nursery starts nothing") {
    int done = 0;
    CHECK_FALSE(run(spawn_after_cancel(done)));
    CHECK(done == 0);
}

TEST_CASE("two who wait for one nursery do not keep waking each other") {
    asio::io_context io;
    std::exception_ptr thrown;
    asio::co_spawn(io, two_wait_for_one_nursery(),
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

TEST_CASE("a nursery that is left with a child alive ends the program with a message") {
    const auto [text, signal] = in_a_child_process([] {
        asio::io_context io;
        int done = 0;
        Nursery nursery(io.get_executor());
        nursery.spawn(count(done));
    });
    CHECK(signal == SIGABRT);
    CHECK(text.find("a nursery was left while 1 of its children were alive") != std::string::npos);
}

TEST_CASE("a notification wakes those who wait, and cancelling a wait is no notification") {
    int woken = 0;
    CHECK_FALSE(run(notify_then_cancel(woken)));
    CHECK(woken == 2);
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
    std::optional<int> result;
    CHECK_FALSE(run(early_with_result(result)));
    CHECK(result == 3);
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
