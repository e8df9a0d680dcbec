#include "stats/timeline.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::Timeline;

namespace {

const TimePoint origin{500s};

}  // namespace

TEST_CASE("counts fall into their second") {
    Timeline timeline(origin);
    const auto objects = timeline.phase("objects");
    timeline.started(objects, origin + 100ms);
    timeline.started(objects, origin + 900ms);
    timeline.finished(objects, origin + 1100ms, 1000ms, true);
    timeline.started(objects, origin + 1200ms);
    timeline.finished(objects, origin + 1300ms, 400ms, false);

    const auto points = timeline.points();
    REQUIRE(points.size() == 2);
    CHECK(points[0].offset == 0s);
    CHECK(points[0].interval == 1s);
    CHECK(points[0].started == 2);
    CHECK(points[0].finished == 0);
    CHECK(points[0].in_flight == 2);
    CHECK_FALSE(points[0].p50);
    CHECK(points[1].offset == 1s);
    CHECK(points[1].started == 1);
    CHECK(points[1].finished == 2);
    CHECK(points[1].failed == 1);
    CHECK(points[1].in_flight == 1);
    CHECK(to_seconds(*points[1].p50) == doctest::Approx(0.4).epsilon(0.01));
    CHECK(to_seconds(*points[1].p99) == doctest::Approx(1.0).epsilon(0.01));
}

TEST_CASE("a stall shows as seconds in which nothing finished") {
    Timeline timeline(origin);
    const auto objects = timeline.phase("objects");
    timeline.started(objects, origin + 10s);
    timeline.started(objects, origin + 10s);
    timeline.finished(objects, origin + 13500ms, 3500ms, true);
    const auto points = timeline.points();
    REQUIRE(points.size() == 4);
    CHECK(points.front().offset == 10s);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(points[i].finished == 0);
        CHECK(points[i].in_flight == 2);
    }
    CHECK(points[3].in_flight == 1);
}

TEST_CASE("the latest interval is one that is over, and quiet when nothing happens") {
    Timeline timeline(origin);
    const auto objects = timeline.phase("objects");
    CHECK_FALSE(timeline.latest(objects, origin + 5s));
    timeline.started(objects, origin + 200ms);
    timeline.finished(objects, origin + 300ms, 100ms, true);
    CHECK_FALSE(timeline.latest(objects, origin + 900ms));
    timeline.started(objects, origin + 1500ms);
    CHECK(timeline.latest(objects, origin + 1800ms)->finished == 1);
    CHECK(timeline.latest(objects, origin + 2s)->started == 1);
    const auto quiet = timeline.latest(objects, origin + 9s);
    REQUIRE(quiet);
    CHECK(quiet->offset == 8s);
    CHECK(quiet->started == 0);
    CHECK(quiet->in_flight == 1);
}

TEST_CASE("a time before the open interval counts as the open one's") {
    Timeline timeline(origin);
    const auto objects = timeline.phase("objects");
    timeline.started(objects, origin + 5s);
    timeline.finished(objects, origin + 4900ms, 10ms, true);
    timeline.started(objects, origin - 3s);
    REQUIRE(timeline.points().size() == 1);
    CHECK(timeline.points()[0].started == 2);
    CHECK(timeline.points()[0].finished == 1);
}

TEST_CASE("a long run keeps its points bounded and its totals") {
    Timeline timeline(origin, 100);
    const auto objects = timeline.phase("objects");
    const auto watch = timeline.phase("watch");
    constexpr int seconds = 1000;
    for (int s = 0; s < seconds; ++s) {
        const TimePoint at = origin + std::chrono::seconds(s);
        timeline.started(objects, at);
        timeline.finished(objects, at + 500ms, 20ms, s % 10 != 0);
        if (s % 2 == 0) timeline.started(watch, at);
    }
    const auto points = timeline.points();
    CHECK(points.size() <= 102);
    CHECK(timeline.interval() == 32s);
    std::uint64_t started = 0;
    std::uint64_t finished = 0;
    std::uint64_t failed = 0;
    std::uint64_t watched = 0;
    Duration next{};
    for (const auto& point : points) {
        if (point.phase == "watch") {
            watched += point.started;
            continue;
        }
        CHECK(point.offset == next);
        CHECK(point.interval == timeline.interval());
        next = point.offset + point.interval;
        started += point.started;
        finished += point.finished;
        failed += point.failed;
        CHECK(point.in_flight == 0);
    }
    CHECK(started == seconds);
    CHECK(finished == seconds);
    CHECK(failed == seconds / 10);
    CHECK(watched == seconds / 2);
}

TEST_CASE("percentiles of merged intervals are those of the joint data") {
    // Odd seconds are a hundred times slower and rarer: an average of percentiles would be far off.
    Timeline timeline(origin, 4);
    const auto objects = timeline.phase("objects");
    std::mt19937_64 random(1);
    std::exponential_distribution<double> fast(1 / 0.002);
    std::vector<double> all;
    for (int s = 0; s < 8; ++s) {
        const int operations = s % 2 == 0 ? 1000 : 30;
        for (int i = 0; i < operations; ++i) {
            const double seconds = fast(random) * (s % 2 == 0 ? 1 : 100) + 0.0005;
            all.push_back(seconds);
            timeline.finished(objects, origin + std::chrono::seconds(s), from_seconds(seconds), true);
        }
    }
    // Far enough for all eight seconds to lie in one interval.
    timeline.started(objects, origin + 31s);
    const auto points = timeline.points();
    REQUIRE(points[0].interval == 8s);
    REQUIRE(points[0].finished == all.size());
    std::sort(all.begin(), all.end());
    CHECK(to_seconds(*points[0].p50) == doctest::Approx(all[all.size() / 2 - 1]).epsilon(0.01));
    CHECK(to_seconds(*points[0].p99) == doctest::Approx(all[(all.size() * 99 + 99) / 100 - 1]).epsilon(0.01));
}

TEST_CASE("a gap of years costs no more points than any other") {
    Timeline timeline(origin, 10);
    const auto objects = timeline.phase("objects");
    timeline.started(objects, origin);
    timeline.started(objects, origin + 24h * 365 * 5);
    CHECK(timeline.points().size() <= 11);
}
