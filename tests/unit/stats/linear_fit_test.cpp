#include "stats/linear_fit.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace milo_perf::stats {
namespace {

TEST_CASE("Points on a line give its slope without doubt") {
    const std::array<Point, 4> points{
        {{10, 1e9 + 30000}, {20, 1e9 + 60000}, {40, 1e9 + 120000}, {80, 1e9 + 240000}}};
    const auto fit = fit_line(points);
    REQUIRE(fit);
    CHECK(fit->points == 4);
    CHECK(fit->slope == doctest::Approx(3000).epsilon(1e-9));
    CHECK(fit->intercept == doctest::Approx(1e9).epsilon(1e-9));
    CHECK(fit->slope_low == doctest::Approx(3000).epsilon(1e-6));
    CHECK(fit->slope_high == doctest::Approx(3000).epsilon(1e-6));
    REQUIRE(fit->r_squared);
    CHECK(*fit->r_squared == doctest::Approx(1));
}

// Worked by hand: x̄ = 3, ȳ = 4, Sxx = 10, Sxy = 6, Syy = 6, residuals' squares 2.4, t(0.975, 3) = 3.182446.
TEST_CASE("A worked example: slope, standard error, confidence interval") {
    const std::array<Point, 5> points{{{1, 2}, {2, 4}, {3, 5}, {4, 4}, {5, 5}}};
    const auto fit = fit_line(points);
    REQUIRE(fit);
    CHECK(fit->slope == doctest::Approx(0.6));
    CHECK(fit->intercept == doctest::Approx(2.2));
    CHECK(fit->slope_standard_error == doctest::Approx(0.282843).epsilon(1e-5));
    CHECK(fit->slope_low == doctest::Approx(-0.300132).epsilon(1e-5));
    CHECK(fit->slope_high == doctest::Approx(1.500132).epsilon(1e-5));
    CHECK(*fit->r_squared == doctest::Approx(0.6));
}

// F. J. Anscombe, Graphs in Statistical Analysis (1973): slope 0.500091, standard error 0.117906, R²
// 0.666542.
TEST_CASE("Anscombe's quartet, first set") {
    const std::array<Point, 11> points{{{10, 8.04},
                                        {8, 6.95},
                                        {13, 7.58},
                                        {9, 8.81},
                                        {11, 8.33},
                                        {14, 9.96},
                                        {6, 7.24},
                                        {4, 4.26},
                                        {12, 10.84},
                                        {7, 4.82},
                                        {5, 5.68}}};
    const auto fit = fit_line(points);
    REQUIRE(fit);
    CHECK(fit->slope == doctest::Approx(0.500091).epsilon(1e-5));
    CHECK(fit->intercept == doctest::Approx(3.000091).epsilon(1e-5));
    CHECK(fit->slope_standard_error == doctest::Approx(0.117906).epsilon(1e-5));
    CHECK(*fit->r_squared == doctest::Approx(0.666542).epsilon(1e-5));
    // t(0.975, 9) = 2.262157
    CHECK(fit->slope_high - fit->slope == doctest::Approx(0.266722).epsilon(1e-4));
}

TEST_CASE("Flat data have slope 0 and no explained variance") {
    const std::array<Point, 3> points{{{1, 7}, {2, 7}, {3, 7}}};
    const auto fit = fit_line(points);
    REQUIRE(fit);
    CHECK(fit->slope == 0);
    CHECK_FALSE(fit->r_squared);
}

TEST_CASE("What has no confidence interval has no fit") {
    CHECK_FALSE(fit_line({}));
    CHECK_FALSE(fit_line(std::vector<Point>{{1, 1}, {2, 2}}));
    CHECK_FALSE(fit_line(std::vector<Point>{{5, 1}, {5, 2}, {5, 3}}));
}

}  // namespace
}  // namespace milo_perf::stats
