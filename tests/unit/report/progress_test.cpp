#include "report/progress.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <thread>

#include "base/log.hpp"
#include "base/wait.hpp"

using namespace milo_perf;
using namespace milo_perf::report;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

const TimePoint start{1000s};

ProgressNumbers creating(std::uint64_t done, std::optional<std::uint64_t> total) {
    return {.phase = "projects", .done = done, .total = total, .started = start};
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

TEST_CASE("A line says how far, how fast, what failed and how long still") {
    ProgressState state{.numbers = creating(50, 200), .rate_per_second = 25};
    CHECK(line(state, start + 2s) ==
          "projects  [#####...............] 50 of 200 (25 %), 25/s, 6 s left, 2 s so far");
    state.numbers.failed = 3;
    state.numbers.in_flight = 8;
    CHECK(line(state, start + 2s) ==
          "projects  [#####...............] 50 of 200 (25 %), 25/s, 3 failed, 6 s left, 8 in flight, 2 s so "
          "far");
}

TEST_CASE("What is unknown is left out") {
    CHECK(line({.numbers = creating(0, 200)}, start) ==
          "projects  [....................] 0 of 200 (0 %), 0 s so far");
    CHECK(line({.numbers = creating(7, {})}, start + 75s) == "projects  7 done, 1 min 15 s so far");
}

TEST_CASE("It is never 100 % before it is, nor more") {
    CHECK(line({.numbers = creating(1999, 2000)}, start).find("(99 %)") != std::string::npos);
    CHECK(line({.numbers = creating(2000, 2000)}, start).find("(100 %)") != std::string::npos);
    CHECK(line({.numbers = creating(2001, 2000)}, start).find("(100 %)") != std::string::npos);
    CHECK(line({.numbers = creating(0, 0)}, start).find("(100 %)") != std::string::npos);
}

TEST_CASE("A phase that waits counts down") {
    ProgressNumbers numbers{.phase = "stabilize", .started = start, .ends_at = start + 90s};
    CHECK(line({.numbers = numbers}, start + 45s) == "stabilize  [##########..........], 45 s left");
    CHECK(line({.numbers = numbers}, start + 200s) == "stabilize  [####################], 0 s left");
    numbers.ends_at = start;
    CHECK(line({.numbers = numbers}, start) == "stabilize  [####################], 0 s left");
}

TEST_CASE("A narrow terminal loses parts from the right, never a half one") {
    const ProgressState state{.numbers = creating(50, 200), .rate_per_second = 25};
    CHECK(line(state, start + 2s, 60) == "projects  [#####...............] 50 of 200 (25 %), 25/s");
    CHECK(line(state, start + 2s, 20) == "projects");
    CHECK(line(state, start + 2s, 4) == "proj");
}

TEST_CASE("A name from outside cannot steer the terminal") {
    const ProgressNumbers numbers{.phase = "a\x1B[2J\rb", .started = start};
    CHECK(line({.numbers = numbers}, start).starts_with("a?[2J?b"));
}

TEST_CASE("The rate is that of the last ten seconds") {
    ProgressTracker tracker;
    CHECK_FALSE(tracker.observe(creating(0, 5000), start).rate_per_second);
    CHECK(*tracker.observe(creating(100, 5000), start + 1s).rate_per_second == doctest::Approx(100));
    for (int second = 2; second <= 10; ++second) {
        tracker.observe(creating(static_cast<std::uint64_t>(100 * second), 5000), start + 1s * second);
    }
    std::uint64_t done = 1000;
    std::optional<double> rate;
    for (int second = 11; second <= 20; ++second) {
        done += 10;
        rate = tracker.observe(creating(done, 5000), start + 1s * second).rate_per_second;
    }
    CHECK(*rate == doctest::Approx(10));
    SUBCASE("and falls to 0 in a stall") {
        for (int second = 21; second <= 30; ++second) {
            rate = tracker.observe(creating(done, 5000), start + 1s * second).rate_per_second;
        }
        CHECK(*rate == doctest::Approx(0));
    }
    SUBCASE("and starts afresh with a phase") {
        auto next = creating(4, 10);
        next.phase = "objects";
        next.started = start + 20s;
        CHECK(*tracker.observe(next, start + 22s).rate_per_second == doctest::Approx(2));
    }
}

TEST_CASE("On a terminal one line is drawn again, and removed before log lines and at the end") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    asio::io_context context;
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    bool ended = false;
    {
        Progress progress([] { return creating(50, 200); }, ends[1], true);
        asio::co_spawn(context, progress.run(),
                       asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                           thrown = error;
                           ended = true;
                       }));
        asio::steady_timer stop(context, 600ms);
        stop.async_wait([&signal](auto) {
            log::set_level(log::Level::off);
            log::write(log::Level::info, "not shown, yet the display gives way");
            log::set_level(log::Level::info);
            signal.emit(asio::cancellation_type::all);
        });
        context.run();
    }
    ::close(ends[1]);
    const std::string shown = read_all(ends[0]);
    ::close(ends[0]);
    CHECK(ended);
    CHECK(is_cancellation(thrown));
    CHECK(shown.starts_with("\r\x1B[Kprojects  [#####...............] 50 of 200 (25 %)"));
    CHECK(shown.ends_with("\r\x1B[K"));
}

TEST_CASE("It ends when it is cancelled at the moment of drawing") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    asio::io_context context;
    asio::cancellation_signal signal;
    bool ended = false;
    {
        Progress progress([] { return creating(50, 200); }, ends[1], true);
        asio::co_spawn(
            context, progress.run(),
            asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&) { ended = true; }));
        context.poll();
        std::this_thread::sleep_for(300ms);
        // Runs between the end of the wait, which the loop sees first, and what follows it.
        asio::post(context, [&signal] { signal.emit(asio::cancellation_type::all); });
        context.run_for(10s);
    }
    CHECK(ended);
    for (const int end : ends) ::close(end);
}
