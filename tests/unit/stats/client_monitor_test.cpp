#include "stats/client_monitor.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::ClientLimit;
using stats::ClientMonitor;

namespace {

const TimePoint origin{100s};

/// Ends an interval in which a punctual probe found requests in flight.
ClientLimit load_until(ClientMonitor& monitor, TimePoint now, stats::CpuReading reading) {
    monitor.probe(0ms, true);
    return monitor.sample(now, reading);
}

}  // namespace

TEST_CASE("without a load interval there is no judgement") {
    ClientMonitor monitor;
    CHECK_FALSE(monitor.cpu_share());
    CHECK_FALSE(monitor.saturated_share());
    CHECK_FALSE(monitor.starved_share());
    CHECK_FALSE(monitor.run_delay_share());
    CHECK(monitor.limit() == ClientLimit::none);
    CHECK(load_until(monitor, origin, {5s}) == ClientLimit::none);
    monitor.probe(0ms, false);
    monitor.sample(origin + 1s, {6s});
    CHECK_FALSE(monitor.cpu_share());
}

TEST_CASE("CPU share is CPU time over wall time of the intervals with load only") {
    ClientMonitor monitor;
    monitor.sample(origin, {10s});
    CHECK(load_until(monitor, origin + 1s, {10s + 600ms}) == ClientLimit::none);
    CHECK(load_until(monitor, origin + 2s, {10s + 800ms}) == ClientLimit::none);
    CHECK(monitor.sample(origin + 3s, {11s + 800ms}) == ClientLimit::saturated);
    CHECK(*monitor.cpu_share() == doctest::Approx(0.4));
    CHECK(*monitor.latest_cpu_share() == doctest::Approx(1.0));
    CHECK(*monitor.saturated_share() == 0);
}

TEST_CASE("one probe that found load makes an interval one of load, and only that one") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s});
    monitor.probe(0ms, false);
    monitor.probe(0ms, true);
    monitor.probe(0ms, false);
    monitor.sample(origin + 500ms, {200ms});
    CHECK(*monitor.cpu_share() == doctest::Approx(0.4));
    monitor.probe(0ms, false);
    monitor.sample(origin + 1s, {700ms});
    CHECK(*monitor.cpu_share() == doctest::Approx(0.4));
}

TEST_CASE("a core nearly used up is a saturated interval") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s});
    CHECK(load_until(monitor, origin + 1s, {890ms}) == ClientLimit::none);
    CHECK(load_until(monitor, origin + 2s, {890ms + 900ms}) == ClientLimit::saturated);
    CHECK(*monitor.saturated_share() == doctest::Approx(0.5));
    CHECK(*monitor.starved_share() == 0);
    CHECK(monitor.limit() == ClientLimit::saturated);
}

TEST_CASE("a lagging event loop that had no CPU is a starved interval, one hiccup is not") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s, 7s});
    for (int i = 0; i < 99; ++i) monitor.probe(1ms, true);
    monitor.probe(50ms, true);
    CHECK(monitor.sample(origin + 1s, {100ms, 7s + 100ms}) == ClientLimit::none);
    for (int i = 0; i < 98; ++i) monitor.probe(1ms, true);
    monitor.probe(50ms, true);
    monitor.probe(50ms, true);
    CHECK(monitor.sample(origin + 2s, {200ms, 7s + 400ms}) == ClientLimit::starved);
    CHECK(load_until(monitor, origin + 4s, {300ms, 7s + 400ms}) == ClientLimit::none);
    CHECK(*monitor.starved_share() == doctest::Approx(0.25));
    CHECK(*monitor.saturated_share() == 0);
    CHECK(*monitor.run_delay_share() == doctest::Approx(0.1));
    CHECK(monitor.limit() == ClientLimit::starved);
    CHECK(monitor.event_loop_lag().count() == 201);
    CHECK(*monitor.event_loop_lag().max() == 50ms);
}

TEST_CASE("intervals weigh by their length, and a few limited ones do not condemn the run") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s});
    load_until(monitor, origin + 97s, {10s});
    load_until(monitor, origin + 100s, {13s});
    CHECK(*monitor.saturated_share() == doctest::Approx(0.03));
    CHECK(monitor.limit() == ClientLimit::none);
    monitor.probe(20ms, true);
    monitor.sample(origin + 104s, {13s});
    CHECK(*monitor.starved_share() == doctest::Approx(4.0 / 104));
    // Neither cause reaches the limit by itself; both do, and the larger one names it.
    CHECK(monitor.limit() == ClientLimit::starved);
}

TEST_CASE("a clock that stands still gives no interval") {
    ClientMonitor monitor;
    monitor.sample(origin, {0s});
    CHECK(load_until(monitor, origin, {1s}) == ClientLimit::none);
    CHECK_FALSE(monitor.saturated_share());
}
