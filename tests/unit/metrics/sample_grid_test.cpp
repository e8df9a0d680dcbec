#include "metrics/sample_grid.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "metrics/availability.hpp"

namespace milo_perf::metrics {

namespace {

const SampleQuery query{"cpu", "CPU", "cores", {"sum(cpu)"}};
using Values = std::vector<std::optional<double>>;

Series ramp(SampleGrid::Span span, double step, const std::string& pod = "a") {
    Series series{{{"pod", pod}}, {}};
    for (double t = span.first_seconds; t <= span.last_seconds; t += step) series.points.push_back({t, t});
    return series;
}

}  // namespace

TEST_CASE("only what is new is asked for") {
    SampleGrid grid(100, 5);
    CHECK(grid.missing(99).empty());
    CHECK(grid.asked().empty());
    const SampleGrid::Span first = grid.missing(111);
    CHECK(first.first_seconds == 100);
    CHECK(first.last_seconds == 110);
    grid.add(first, {ramp(first, 5)});
    CHECK(grid.missing(114).empty());
    CHECK(grid.missing(115).first_seconds == 115);
    CHECK(grid.missing(115).last_seconds == 115);
    CHECK(grid.asked().last_seconds == 110);
}

TEST_CASE("missing points are gaps, and a later answer fills them") {
    SampleGrid grid(100, 5);
    const SampleGrid::Span span = grid.missing(115);
    grid.add(span,
             {{{{"pod", "a"}}, {{100, 1.0}, {105, std::nullopt}, {112.4, 9.0}, {115, 4.0}, {999, 1.0}}}});
    const auto series = grid.series(query, "sum(cpu)");
    REQUIRE(series.size() == 1);
    CHECK(series[0].labels == R"(pod="a")");
    CHECK(series[0].unit == "cores");
    CHECK(series[0].offsets_seconds == std::vector<double>{0, 5, 10, 15});
    CHECK(series[0].values == Values{1.0, std::nullopt, std::nullopt, 4.0});
    grid.add(grid.asked(), {{{{"pod", "a"}}, {{105, 2.0}, {110, 3.0}, {115, std::nullopt}}}});
    CHECK(grid.series(query, "q")[0].values == Values{1.0, 2.0, 3.0, 4.0});
    CHECK(grid.missing(119).empty());
}

TEST_CASE("a series that comes late or ends early has gaps there") {
    SampleGrid grid(0, 1);
    grid.add({0, 1}, {ramp({0, 1}, 1, "a")});
    grid.add({2, 3}, {ramp({2, 3}, 1, "b")});
    const auto series = grid.series(query, "q");
    REQUIRE(series.size() == 2);
    CHECK(series[0].values == Values{0.0, 1.0, std::nullopt, std::nullopt});
    CHECK(series[1].values == Values{std::nullopt, std::nullopt, 2.0, 3.0});
}

TEST_CASE("memory stays bounded: resolution halves, values stay at their times") {
    SampleGrid grid(1000, 1);
    for (double now = 1000; now < 1000 + 20'000; now += 700) {
        for (;;) {
            const SampleGrid::Span span = grid.missing(now);
            if (span.empty()) break;
            CHECK((span.last_seconds - span.first_seconds) / grid.step_seconds() < SampleGrid::max_points);
            grid.add(span, {ramp(span, grid.step_seconds())});
        }
    }
    const auto series = grid.series(query, "q");
    REQUIRE(series.size() == 1);
    CHECK(series[0].values.size() <= SampleGrid::max_points);
    CHECK(series[0].values.size() >= SampleGrid::max_points / 2);
    CHECK(grid.step_seconds() == 16);
    for (std::size_t i = 0; i < series[0].values.size(); ++i) {
        CHECK(series[0].values[i] == 1000 + series[0].offsets_seconds[i]);
    }
}

TEST_CASE("a catch-up after hours comes in spans of bounded size") {
    SampleGrid grid(0, 1);
    CHECK(grid.missing(100'000).last_seconds == SampleGrid::max_points - 1);
}

TEST_CASE("series beyond the limit are left out and that is known") {
    SampleGrid grid(0, 1);
    std::vector<Series> answer;
    for (int i = 0; i < 60; ++i) answer.push_back(ramp({0, 0}, 1, std::to_string(i)));
    grid.add({0, 0}, answer);
    CHECK(grid.overflowed());
    CHECK(grid.series(query, "q").size() == SampleGrid::max_series);
}

TEST_CASE("going away and coming back are told once each") {
    Availability availability;
    CHECK_FALSE(availability.answered(0));
    CHECK(availability.silent(10, "refused") == "VictoriaMetrics does not answer: refused");
    CHECK_FALSE(availability.silent(15, "refused"));
    CHECK(availability.answered(22) == "VictoriaMetrics answers again after 12 s");
    CHECK_FALSE(availability.answered(27));
    CHECK(availability.silent(30, "x"));
}

}  // namespace milo_perf::metrics
