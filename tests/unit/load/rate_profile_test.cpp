#include "load/rate_profile.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"

using namespace milo_perf;
using namespace std::chrono_literals;
using load::RateProfile;

namespace {

std::string refusal(const std::string& ramp) {
    try {
        RateProfile::parse(ramp);
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a constant rate") {
    const auto profile = RateProfile::constant(500);
    CHECK(profile.rate_at(0s) == 500);
    CHECK(profile.rate_at(1h) == 500);
    CHECK(profile.arrivals_until(2s) == doctest::Approx(1000));
    CHECK(*profile.time_of(0) == 0s);
    CHECK(*profile.time_of(1) == 2ms);
    CHECK(*profile.time_of(333) == 666ms);
}

TEST_CASE("linear stages climb, hold and descend") {
    const auto profile = RateProfile::parse("30s:500,1m:500,30s:0");
    CHECK(profile.rate_at(0s) == 0);
    CHECK(profile.rate_at(15s) == doctest::Approx(250));
    CHECK(profile.rate_at(30s) == 500);
    CHECK(profile.rate_at(89s) == 500);
    CHECK(profile.rate_at(105s) == doctest::Approx(250));
    CHECK(profile.rate_at(121s) == 0);
    CHECK(profile.arrivals_until(30s) == doctest::Approx(7'500));
    CHECK(profile.arrivals_until(90s) == doctest::Approx(37'500));
    CHECK(profile.arrivals_until(10min) == doctest::Approx(45'000));
    CHECK(profile.stages_end() == 2min);
    // A quarter of a triangle's area is reached at half of its base.
    CHECK(to_seconds(*profile.time_of(1'875)) == doctest::Approx(15));
    CHECK_FALSE(profile.time_of(45'001));
}

TEST_CASE("steps hold their rate, and the last one holds for ever") {
    const auto profile = RateProfile::parse("10s@100, 1m30s@200");
    CHECK(profile.rate_at(0s) == 100);
    CHECK(profile.rate_at(9999ms) == 100);
    CHECK(profile.rate_at(10s) == 200);
    CHECK(profile.rate_at(1h) == 200);
    CHECK(profile.stages().at(1).duration_seconds == 90);
    CHECK(*profile.time_of(1'000) == 10s);
    CHECK(*profile.time_of(1'000 + 18'000 + 200) == 101s);
}

TEST_CASE("a ramp after a step starts at the step's rate") {
    const auto profile = RateProfile::parse("10s@100,10s:300");
    CHECK(profile.rate_at(10s) == 100);
    CHECK(profile.rate_at(15s) == doctest::Approx(200));
}

TEST_CASE("a pause gives nothing, and what is due comes after it") {
    const auto profile = RateProfile::parse("5s@0,10s@10");
    CHECK(*profile.time_of(0) == 5s);
    CHECK(*profile.time_of(10) == 6s);
}

TEST_CASE("time is the inverse of arrivals everywhere") {
    const auto profile = RateProfile::parse("500ms:20,10s:21,3s@7,2m:0.5,1h:90");
    for (double arrivals = 0.25; arrivals < 5'000; arrivals *= 1.3) {
        CAPTURE(arrivals);
        CHECK(profile.arrivals_until(*profile.time_of(arrivals)) == doctest::Approx(arrivals).epsilon(1e-6));
    }
}

TEST_CASE("what is not understood is refused in one sentence that names the stage") {
    CHECK(contains(refusal("fast"), "stage \"fast\""));
    CHECK(contains(refusal("30s:500,,"), "stage \"\""));
    CHECK(contains(refusal("30:500"), "no duration"));
    CHECK(contains(refusal("0s:500"), "no duration"));
    CHECK(contains(refusal("-5s:500"), "no duration"));
    CHECK(contains(refusal("1000h:500"), "no duration"));
    CHECK(contains(refusal("30s:"), "no rate"));
    CHECK(contains(refusal("30s:-1"), "no rate"));
    CHECK(contains(refusal("30s:5x"), "no rate"));
    CHECK(contains(refusal("30s:nan"), "no rate"));
    CHECK(contains(refusal("infs:5"), "no duration"));
    CHECK(contains(refusal("30s:99999999"), "no rate"));
    CHECK(contains(refusal("30s:0,1m@0"), "never has a rate above 0"));
    CHECK(contains(refusal(""), "RAMP"));
}
