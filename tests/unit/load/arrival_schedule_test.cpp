#include "load/arrival_schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace milo_perf;
using namespace std::chrono_literals;
using load::Arrival;
using load::ArrivalSchedule;
using load::RateProfile;

namespace {

const TimePoint start{77s};

std::vector<double> offsets(ArrivalSchedule schedule) {
    std::vector<double> result;
    for (; schedule.peek(); schedule.pop()) result.push_back(to_seconds(*schedule.peek() - start));
    return result;
}

}  // namespace

TEST_CASE("uniform arrivals are evenly spaced and as many as wanted") {
    ArrivalSchedule schedule(RateProfile::constant(500), Arrival::uniform, 1, start, 1'000);
    CHECK(schedule.expected_end() == start + 2s);
    for (int k = 0; k < 1'000; ++k) {
        REQUIRE(schedule.peek());
        CHECK(*schedule.peek() == start + k * 2ms);
        schedule.pop();
    }
    CHECK_FALSE(schedule.peek());
    schedule.pop();
    CHECK(schedule.remaining() == 0);
}

TEST_CASE("the k-th arrival does not drift") {
    ArrivalSchedule schedule(RateProfile::constant(3), Arrival::uniform, 1, start, 3'000'001);
    for (int k = 0; k < 3'000'000; ++k) schedule.pop();
    CHECK(*schedule.peek() == start + 1'000'000s);
}

TEST_CASE("a burst is due at once, and the rate holds after it as from a token bucket") {
    const std::vector<double> at =
        offsets(ArrivalSchedule(RateProfile::constant(100), Arrival::uniform, 1, start, 1'000, 50));
    REQUIRE(at.size() == 1'000);
    // In any window [0, t] at most burst + rate * t arrivals, and after the burst exactly that many.
    for (std::size_t k = 0; k < at.size(); ++k) {
        CHECK(at[k] == doctest::Approx(k < 50 ? 0.0 : static_cast<double>(k - 49) / 100));
    }
}

TEST_CASE("a burst of one changes nothing, and one larger than the count is all of it") {
    const auto even = [](std::uint64_t burst) {
        return offsets(ArrivalSchedule(RateProfile::constant(100), Arrival::uniform, 1, start, 20, burst));
    };
    CHECK(even(1) == even(0));
    CHECK(even(1'000) == std::vector<double>(20, 0.0));
}

TEST_CASE("after a burst Poisson arrivals go on at their rate") {
    const std::vector<double> at =
        offsets(ArrivalSchedule(RateProfile::constant(100), Arrival::poisson, 7, start, 20'010, 10));
    CHECK(at[9] == 0.0);
    CHECK(at[10] > 0.0);
    CHECK(at.back() == doctest::Approx(200).epsilon(0.03));
}

TEST_CASE("Poisson gaps have the mean, the spread and the memorylessness of exponential ones") {
    constexpr int count = 50'000;
    const auto at = offsets(ArrivalSchedule(RateProfile::constant(200), Arrival::poisson, 42, start, count));
    REQUIRE(at.size() == count);
    CHECK(std::is_sorted(at.begin(), at.end()));
    double sum = 0;
    double squares = 0;
    int longer_than_mean = 0;
    double before = 0;
    for (const double t : at) {
        const double gap = t - before;
        before = t;
        sum += gap;
        squares += gap * gap;
        if (gap > 1.0 / 200) ++longer_than_mean;
    }
    const double mean = sum / count;
    CHECK(mean == doctest::Approx(1.0 / 200).epsilon(0.02));
    CHECK(std::sqrt(squares / count - mean * mean) == doctest::Approx(mean).epsilon(0.03));
    CHECK(static_cast<double>(longer_than_mean) / count == doctest::Approx(std::exp(-1.0)).epsilon(0.03));
}

TEST_CASE("the seed fixes a Poisson schedule") {
    const auto schedule = [](std::uint64_t seed) {
        return offsets(ArrivalSchedule(RateProfile::constant(100), Arrival::poisson, seed, start, 100));
    };
    CHECK(schedule(1) == schedule(1));
    CHECK(schedule(1) != schedule(2));
}

TEST_CASE("arrivals follow a ramp") {
    const auto profile = RateProfile::parse("10s:100,10s:0");
    for (const auto kind : {Arrival::uniform, Arrival::poisson}) {
        const auto at = offsets(ArrivalSchedule(profile, kind, 9, start, 1'000'000));
        // The area under the two triangles; then the profile ends.
        CHECK(static_cast<double>(at.size()) == doctest::Approx(1'000).epsilon(0.1));
        const auto until = [&](double t) { return std::lower_bound(at.begin(), at.end(), t) - at.begin(); };
        CHECK(static_cast<double>(until(5)) == doctest::Approx(125).epsilon(0.25));
        CHECK(static_cast<double>(until(15)) == doctest::Approx(875).epsilon(0.1));
        CHECK(at.back() <= 20);
    }
}

TEST_CASE("a profile that ends gives no more than its area") {
    ArrivalSchedule schedule(RateProfile::parse("10s@10,1s@0"), Arrival::uniform, 1, start, 500);
    CHECK(schedule.expected_end() == start + 11s);
    while (schedule.peek()) schedule.pop();
    CHECK(schedule.remaining() == 400);
}

TEST_CASE("nothing wanted is nothing planned") {
    ArrivalSchedule schedule(RateProfile::constant(5), Arrival::poisson, 1, start, 0);
    CHECK_FALSE(schedule.peek());
}
