// What a measurement says of a server that answers in 1 ms, but stalls for 2 s in the middle of 10 s.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "simulation.hpp"

using namespace milo_perf;
using namespace std::chrono_literals;
using load::Arrival;
using load::ArrivalSchedule;
using load::OpenLoop;
using load::OpenLoopLimits;
using load::RateProfile;
using stats::Recorder;

namespace {

const TimePoint start{60s};
const TimePoint stall_begin = start + 4s;
const TimePoint stall_end = start + 6s;

TimePoint stalling_server(TimePoint sent) {
    return sent >= stall_begin && sent < stall_end ? stall_end + 1ms : sent + 1ms;
}

OpenLoop open_loop(OpenLoopLimits limits) {
    return OpenLoop(ArrivalSchedule(RateProfile::constant(500), Arrival::uniform, 1, start, 5'000), limits);
}

double milliseconds(std::optional<Duration> duration) {
    return to_seconds(duration.value()) * 1e3;
}

}  // namespace

TEST_CASE("open loop: the stall's queue is in p99 and max, as arithmetic says") {
    Recorder recorder(start);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    auto open = open_loop({.max_in_flight = 10'000});
    simulation::run_open_loop(open, stalling_server, start, recorder, id);

    // The k-th of 1,000 arrivals in the stall waits 2 s - k * 2 ms; 50 of all 5,000 lie above p99.
    const auto& latency = recorder.at(id).operation_latency;
    CHECK(latency.count() == 5'000);
    CHECK(milliseconds(latency.max()) == 2001);
    CHECK(milliseconds(latency.percentile(99)) == doctest::Approx(2001 - 50 * 2).epsilon(0.001));
    CHECK(milliseconds(latency.percentile(90)) == doctest::Approx(2001 - 500 * 2).epsilon(0.001));
    CHECK(milliseconds(latency.percentile(50)) == doctest::Approx(1).epsilon(0.001));
    CHECK(recorder.at(id).late_sends == 0);
    // All of them, and the one that arrives as the stall ends.
    CHECK(recorder.peak_in_flight() == 1'001);
}

TEST_CASE("open loop with a limit in flight: the wait for a slot is not hidden, and late sends are told") {
    Recorder recorder(start);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    auto open = open_loop({.max_in_flight = 32});
    simulation::run_open_loop(open, stalling_server, start, recorder, id);

    // 32 fill the limit. From 1 ms after the stall on, 32 of the waiting ones leave each millisecond: the
    // k-th arrival of the stall is sent at 2001 + (k - 32) / 32 ms into it, and was planned at 2 k ms.
    const auto& series = recorder.at(id);
    CHECK(milliseconds(series.operation_latency.max()) == 2001);
    CHECK(milliseconds(series.operation_latency.percentile(99)) ==
          doctest::Approx(2002 - 50 * 2).epsilon(0.001));
    std::uint64_t late = 0;
    for (int k = 32; k < 1'100; ++k) late += 2001 + (k - 32) / 32 - 2 * k > 10 ? 1 : 0;
    CHECK(series.late_sends == late);
    CHECK(open.late() == late);
    CHECK(open.dropped() == 0);
    CHECK(recorder.peak_in_flight() == 32);

    // The same run, each attempt by itself: only 32 of 5,000 saw the stall, and p99 knows nothing of it.
    CHECK(milliseconds(series.attempt_latency.percentile(99)) == doctest::Approx(1).epsilon(0.001));
}

TEST_CASE("open loop that drops: what was never sent is counted, not forgotten") {
    Recorder recorder(start);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    auto open = open_loop({.max_in_flight = 32, .drop_after = 100ms});
    simulation::run_open_loop(open, stalling_server, start, recorder, id);
    const auto& series = recorder.at(id);
    CHECK(series.operations_finished + series.dropped_sends == 5'000);
    // Of the arrivals planned 64 ms to 2000 ms into the stall those before 1901 ms are more than 100 ms old
    // when slots get free at 2001 ms.
    CHECK(series.dropped_sends == (1900 - 64) / 2 + 1);
}

TEST_CASE("a naive closed-loop count does not see the stall") {
    stats::Histogram naive;
    for (int worker = 0; worker < 32; ++worker) {
        for (TimePoint now = start; now < start + 10s;) {
            const TimePoint finished = stalling_server(now);
            naive.record(finished - now);
            now = finished;
        }
    }
    CHECK(milliseconds(naive.max()) == 2001);
    CHECK(milliseconds(naive.percentile(99)) == doctest::Approx(1).epsilon(0.001));
    CHECK(milliseconds(naive.percentile(99.9)) == doctest::Approx(1).epsilon(0.001));
}

TEST_CASE("injected latency distributions are recovered within the histogram's bound") {
    constexpr int count = 20'000;
    const auto quantile = [](bool heavy, double p) {
        // Exponential with mean 20 ms; Pareto from 1 ms with shape 1.5.
        return heavy ? 0.001 * std::pow(1 - p, -1 / 1.5) : -0.020 * std::log1p(-p);
    };
    for (const bool heavy : {false, true}) {
        CAPTURE(heavy);
        // The distribution's own quantiles in random order: its percentiles are known without sampling error.
        std::vector<double> latencies;
        for (int i = 0; i < count; ++i) latencies.push_back(quantile(heavy, (i + 0.5) / count));
        std::shuffle(latencies.begin(), latencies.end(), std::mt19937_64(8));

        Recorder recorder(start);
        const auto id = recorder.series("objects", stats::Verb::create, "secrets");
        OpenLoop open(ArrivalSchedule(RateProfile::constant(2'000), Arrival::poisson, 5, start, count),
                      {.max_in_flight = 1'000'000});
        std::size_t next = 0;
        simulation::run_open_loop(
            open, [&](TimePoint sent) { return sent + from_seconds(latencies[next++]); }, start, recorder,
            id);
        const auto& latency = recorder.at(id).operation_latency;
        CHECK(latency.count() == count);
        for (const double percent : {10.0, 50.0, 90.0, 99.0, 99.9}) {
            CAPTURE(percent);
            const double rank = std::ceil(std::nextafter(percent, 0.0) / 100 * count);
            CHECK(to_seconds(*latency.percentile(percent)) ==
                  doctest::Approx(quantile(heavy, (rank - 0.5) / count)).epsilon(0.001));
        }
    }
}
