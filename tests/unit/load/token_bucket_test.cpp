#include "load/token_bucket.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

using namespace milo_perf;
using namespace std::chrono_literals;
using load::TokenBucket;

namespace {

const TimePoint start{10s};

}  // namespace

TEST_CASE("a burst is free, then tokens come at the rate") {
    TokenBucket bucket(100, 5);
    for (int i = 0; i < 5; ++i) CHECK(bucket.reserve(start) == start);
    CHECK(bucket.reserve(start) == start + 10ms);
    CHECK(bucket.reserve(start) == start + 20ms);
}

TEST_CASE("a burst of one is even spacing") {
    TokenBucket bucket(500, 1);
    for (int i = 0; i < 100; ++i) CHECK(bucket.reserve(start) == start + i * 2ms);
}

TEST_CASE("the long-run rate is exact, however odd the rate") {
    for (const double rate : {3.0, 7.0, 333.3, 999.0}) {
        CAPTURE(rate);
        TokenBucket bucket(rate, 1);
        TimePoint last = start;
        constexpr int tokens = 1'000'000;
        for (int i = 0; i <= tokens; ++i) last = bucket.reserve(last);
        CHECK(std::abs(to_seconds(last - start) - tokens / rate) < 1e-6);
    }
}

TEST_CASE("no window ever holds more than rate times its length plus the burst") {
    constexpr double rate = 50;
    constexpr double burst = 10;
    TokenBucket bucket(rate, burst);
    std::mt19937_64 random(4);
    std::exponential_distribution<double> gap(60);
    std::vector<double> used;
    TimePoint now = start;
    for (int i = 0; i < 2'000; ++i) {
        now += from_seconds(gap(random));
        // Now and then nobody asks for a while, and the bucket fills.
        if (i % 200 == 0) now += 3s;
        used.push_back(to_seconds(bucket.reserve(now) - start));
    }
    CHECK(std::is_sorted(used.begin(), used.end()));
    for (std::size_t i = 0; i < used.size(); ++i) {
        for (std::size_t j = i; j < std::min(i + 100, used.size()); ++j) {
            REQUIRE(static_cast<double>(j - i + 1) <= rate * (used[j] - used[i]) + burst + 1e-6);
        }
    }
}

TEST_CASE("tokens do not pile up beyond the burst while nobody asks") {
    TokenBucket bucket(100, 3);
    for (int i = 0; i < 3; ++i) bucket.reserve(start);
    const TimePoint later = start + 1h;
    for (int i = 0; i < 3; ++i) CHECK(bucket.reserve(later) == later);
    CHECK(bucket.reserve(later) == later + 10ms);
}

TEST_CASE("a partly refilled bucket gives what it has") {
    TokenBucket bucket(10, 4);
    for (int i = 0; i < 4; ++i) bucket.reserve(start);
    const TimePoint later = start + 200ms;
    CHECK(bucket.reserve(later) == later);
    CHECK(bucket.reserve(later) == later);
    CHECK(bucket.reserve(later) == later + 100ms);
}

TEST_CASE("looking does not take") {
    TokenBucket bucket(10, 1);
    CHECK(bucket.next_at(start) == start);
    CHECK(bucket.next_at(start) == start);
    bucket.reserve(start);
    CHECK(bucket.next_at(start) == start + 100ms);
    CHECK(bucket.next_at(start) == start + 100ms);
    CHECK(bucket.next_at(start + 150ms) == start + 150ms);
}

TEST_CASE("many callers asking in turn all get the same share") {
    TokenBucket bucket(100, 1);
    constexpr int callers = 7;
    std::vector<TimePoint> ready(callers, start);
    std::vector<int> served(callers, 0);
    // Each asks again as soon as its token came: the one who waits longest is always next.
    for (int i = 0; i < 700; ++i) {
        const auto next = std::min_element(ready.begin(), ready.end()) - ready.begin();
        const auto caller = static_cast<std::size_t>(next);
        ready[caller] = bucket.reserve(ready[caller]);
        ++served[caller];
    }
    // One token more or less, depending on where the run ends.
    for (const int count : served) CHECK(std::abs(count - 100) <= 1);
}

TEST_CASE("another rate holds from where the reserved tokens end") {
    TokenBucket bucket(10, 1);
    TimePoint last;
    for (int i = 0; i < 5; ++i) last = bucket.reserve(start);
    CHECK(last == start + 400ms);
    bucket.set_rate(start, 100);
    CHECK(bucket.reserve(start) == start + 410ms);
    CHECK(bucket.reserve(start) == start + 420ms);

    bucket.set_rate(start + 420ms, 1);
    CHECK(bucket.reserve(start + 420ms) == start + 1420ms);
}

TEST_CASE("a change of rate neither gives nor takes a burst") {
    TokenBucket bucket(10, 5);
    for (int i = 0; i < 5; ++i) bucket.reserve(start);
    // 300 ms later three of the five are back.
    bucket.set_rate(start + 300ms, 20);
    for (int i = 0; i < 3; ++i) CHECK(bucket.reserve(start + 300ms) == start + 300ms);
    CHECK(bucket.reserve(start + 300ms) == start + 350ms);
}
