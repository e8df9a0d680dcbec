#include "stats/client_monitor.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::ClientMonitor;

namespace {

const TimePoint origin{100s};

}  // namespace

TEST_CASE("without a load interval there is no judgement") {
    ClientMonitor monitor;
    CHECK_FALSE(monitor.cpu_share());
    CHECK_FALSE(monitor.saturated_share());
    CHECK_FALSE(monitor.saturated());
    CHECK_FALSE(monitor.sample(origin, 5s, true));
    CHECK_FALSE(monitor.cpu_share());
}

TEST_CASE("CPU share is CPU time over wall time of the load phases only") {
    ClientMonitor monitor;
    monitor.sample(origin, 10s, false);
    CHECK_FALSE(monitor.sample(origin + 1s, 10s + 600ms, true));
    CHECK_FALSE(monitor.sample(origin + 2s, 10s + 800ms, true));
    CHECK(monitor.sample(origin + 3s, 11s + 800ms, false));
    CHECK(*monitor.cpu_share() == doctest::Approx(0.4));
    CHECK(*monitor.latest_cpu_share() == doctest::Approx(1.0));
    CHECK(*monitor.saturated_share() == 0);
    CHECK(monitor.load_time() == 2s);
}

TEST_CASE("a core nearly used up is a saturated interval") {
    ClientMonitor monitor;
    monitor.sample(origin, 0s, true);
    CHECK_FALSE(monitor.sample(origin + 1s, 890ms, true));
    CHECK(monitor.sample(origin + 2s, 890ms + 900ms, true));
    CHECK(*monitor.saturated_share() == doctest::Approx(0.5));
    CHECK(monitor.saturated_by_cpu() == 1s);
    CHECK(monitor.saturated_by_lag() == 0s);
    CHECK(monitor.saturated());
}

TEST_CASE("a lagging event loop is a saturated interval, one hiccup is not") {
    ClientMonitor monitor;
    monitor.sample(origin, 0s, true);
    for (int i = 0; i < 99; ++i) monitor.lag(1ms);
    monitor.lag(50ms);
    CHECK_FALSE(monitor.sample(origin + 1s, 100ms, true));
    for (int i = 0; i < 98; ++i) monitor.lag(1ms);
    monitor.lag(50ms);
    monitor.lag(50ms);
    CHECK(monitor.sample(origin + 2s, 200ms, true));
    CHECK_FALSE(monitor.sample(origin + 3s, 300ms, true));
    CHECK(monitor.saturated_by_lag() == 1s);
    CHECK(monitor.event_loop_lag().count() == 200);
    CHECK(*monitor.event_loop_lag().max() == 50ms);
}

TEST_CASE("intervals weigh by their length, and a few saturated ones do not condemn the run") {
    ClientMonitor monitor;
    monitor.sample(origin, 0s, true);
    monitor.sample(origin + 97s, 10s, true);
    monitor.sample(origin + 100s, 13s, true);
    CHECK(*monitor.saturated_share() == doctest::Approx(0.03));
    CHECK_FALSE(monitor.saturated());
    monitor.sample(origin + 103s, 16s, true);
    CHECK(*monitor.saturated_share() == doctest::Approx(6.0 / 103));
    CHECK(monitor.saturated());
}

TEST_CASE("a clock that stands still gives no interval") {
    ClientMonitor monitor;
    monitor.sample(origin, 0s, true);
    CHECK_FALSE(monitor.sample(origin, 1s, true));
    CHECK_FALSE(monitor.saturated_share());
}
