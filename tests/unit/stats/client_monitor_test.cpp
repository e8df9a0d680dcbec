#include "stats/client_monitor.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::ClientLimit;
using stats::ClientMonitor;

namespace {

const TimePoint origin{100s};

}  // namespace

TEST_CASE("without a load interval there is no judgement") {
    ClientMonitor monitor;
    CHECK_FALSE(monitor.cpu_share());
    CHECK_FALSE(monitor.saturated_share());
    CHECK_FALSE(monitor.starved_share());
    CHECK_FALSE(monitor.run_delay_share());
    CHECK(monitor.limit() == ClientLimit::none);
    CHECK(monitor.sample(origin, {5s}, true) == ClientLimit::none);
    CHECK_FALSE(monitor.cpu_share());
}

TEST_CASE("CPU share is CPU time over wall time of the load phases only") {
    ClientMonitor monitor;
    monitor.sample(origin, {10s}, false);
    CHECK(monitor.sample(origin + 1s, {10s + 600ms}, true) == ClientLimit::none);
    CHECK(monitor.sample(origin + 2s, {10s + 800ms}, true) == ClientLimit::none);
    CHECK(monitor.sample(origin + 3s, {11s + 800ms}, false) == ClientLimit::saturated);
    CHECK(*monitor.cpu_share() == doctest::Approx(0.4));
    CHECK(*monitor.latest_cpu_share() == doctest::Approx(1.0));
    CHECK(*monitor.saturated_share() == 0);
}

TEST_CASE("a core nearly used up is a saturated interval") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s}, true);
    CHECK(monitor.sample(origin + 1s, {890ms}, true) == ClientLimit::none);
    CHECK(monitor.sample(origin + 2s, {890ms + 900ms}, true) == ClientLimit::saturated);
    CHECK(*monitor.saturated_share() == doctest::Approx(0.5));
    CHECK(*monitor.starved_share() == 0);
    CHECK(monitor.limit() == ClientLimit::saturated);
}

TEST_CASE("a lagging event loop that had no CPU is a starved interval, one hiccup is not") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s, 7s}, true);
    for (int i = 0; i < 99; ++i) monitor.lag(1ms);
    monitor.lag(50ms);
    CHECK(monitor.sample(origin + 1s, {100ms, 7s + 100ms}, true) == ClientLimit::none);
    for (int i = 0; i < 98; ++i) monitor.lag(1ms);
    monitor.lag(50ms);
    monitor.lag(50ms);
    CHECK(monitor.sample(origin + 2s, {200ms, 7s + 400ms}, true) == ClientLimit::starved);
    CHECK(monitor.sample(origin + 4s, {300ms, 7s + 400ms}, true) == ClientLimit::none);
    CHECK(*monitor.starved_share() == doctest::Approx(0.25));
    CHECK(*monitor.saturated_share() == 0);
    CHECK(*monitor.run_delay_share() == doctest::Approx(0.1));
    CHECK(monitor.limit() == ClientLimit::starved);
    CHECK(monitor.event_loop_lag().count() == 200);
    CHECK(*monitor.event_loop_lag().max() == 50ms);
}

TEST_CASE("intervals weigh by their length, and a few limited ones do not condemn the run") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s}, true);
    monitor.sample(origin + 97s, {10s}, true);
    monitor.sample(origin + 100s, {13s}, true);
    CHECK(*monitor.saturated_share() == doctest::Approx(0.03));
    CHECK(monitor.limit() == ClientLimit::none);
    monitor.lag(20ms);
    monitor.sample(origin + 104s, {13s}, true);
    CHECK(*monitor.starved_share() == doctest::Approx(4.0 / 104));
    // Neither cause reaches the limit by itself; both do, and the larger one names it.
    CHECK(monitor.limit() == ClientLimit::starved);
}

TEST_CASE("a clock that stands still gives no interval") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s}, true);
    CHECK(monitor.sample(origin, {1s}, true) == ClientLimit::none);
    CHECK_FALSE(monitor.saturated_share());
}
