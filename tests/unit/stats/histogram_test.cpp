#include "stats/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using namespace milo_perf;
using stats::Histogram;
using stats::HistogramLayout;

namespace {

Duration ns(std::int64_t n) {
    return Duration(n);
}

/// The value that the definition gives: the ceil(percent * n)-th smallest.
Duration exact_percentile(std::vector<std::int64_t> values, double percent) {
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(
        std::ceil(std::nextafter(percent, 0.0) / 100 * static_cast<double>(values.size())));
    return ns(values[std::max<std::size_t>(rank, 1) - 1]);
}

void check_within(Duration got, Duration wanted, double bound) {
    CHECK(got >= wanted);
    CHECK(static_cast<double>((got - wanted).count()) <= bound * static_cast<double>(wanted.count()));
}

}  // namespace

TEST_CASE("a new histogram has no figures") {
    const Histogram histogram;
    CHECK(histogram.count() == 0);
    CHECK_FALSE(histogram.min());
    CHECK_FALSE(histogram.max());
    CHECK_FALSE(histogram.mean());
    CHECK_FALSE(histogram.percentile(50));
}

TEST_CASE("every decade from 1 us to 1 h keeps three significant digits") {
    for (std::int64_t decade = 1'000; decade <= 1'000'000'000'000; decade *= 10) {
        for (const std::int64_t factor : {100, 101, 199, 333, 500, 999}) {
            const std::int64_t value = decade / 100 * factor;
            if (value > stats::latency_layout().highest()) continue;
            CAPTURE(value);
            const auto& layout = stats::latency_layout();
            const std::uint32_t index = layout.index_of(value);
            CHECK(layout.lowest_at(index) <= value);
            CHECK(layout.highest_at(index) >= value);
            CHECK((layout.highest_at(index) - layout.lowest_at(index)) * 1000 <= value);
        }
    }
}

TEST_CASE("index and value are each other's inverse over whole layouts") {
    for (const auto* layout : {&stats::latency_layout(), &stats::compact_layout()}) {
        std::int64_t next = 0;
        for (std::uint32_t i = 0; i < layout->counts_length(); ++i) {
            REQUIRE(layout->lowest_at(i) == next);
            REQUIRE(layout->index_of(layout->lowest_at(i)) == i);
            REQUIRE(layout->index_of(layout->highest_at(i)) == i);
            next = layout->highest_at(i) + 1;
        }
        CHECK(next > layout->highest());
    }
}

TEST_CASE("the compact layout is within one percent from 7 us up") {
    const auto& layout = stats::compact_layout();
    for (std::int64_t value = 7'000; value < layout.highest(); value += value / 3) {
        const std::uint32_t index = layout.index_of(value);
        CHECK((layout.highest_at(index) - layout.lowest_at(index)) * 100 <= value);
    }
}

TEST_CASE("min, max and mean are exact") {
    Histogram histogram;
    histogram.record(ns(1'234'567));
    histogram.record(ns(7'654'321), 2);
    CHECK(*histogram.min() == ns(1'234'567));
    CHECK(*histogram.max() == ns(7'654'321));
    CHECK(*histogram.mean() == ns((1'234'567 + 2 * 7'654'321 + 1) / 3));
    CHECK(histogram.count() == 3);
    CHECK(*histogram.percentile(100) == ns(7'654'321));
    CHECK(*histogram.percentile(0) == ns(1'234'567));
}

TEST_CASE("ranks are those of the definition") {
    Histogram histogram;
    for (int i = 1; i <= 1000; ++i) histogram.record(ns(i));
    CHECK(*histogram.percentile(50) == ns(500));
    CHECK(*histogram.percentile(99) == ns(990));
    CHECK(*histogram.percentile(99.9) == ns(999));
    CHECK(*histogram.percentile(99.91) == ns(1000));
    CHECK(*histogram.percentile(0.01) == ns(1));
}

TEST_CASE("values out of range are clamped and counted") {
    Histogram histogram;
    histogram.record(ns(-5));
    histogram.record(std::chrono::hours(2), 3);
    histogram.record(ns(10));
    CHECK(histogram.saturated() == 4);
    CHECK(histogram.count() == 5);
    CHECK(*histogram.min() == ns(0));
    CHECK(*histogram.max() == std::chrono::hours(1));
}

TEST_CASE("percentiles of a heavy-tailed distribution lie within the bound") {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> latency(15.0, 1.3);
    std::vector<std::int64_t> values;
    Histogram histogram;
    for (int i = 0; i < 20'000; ++i) {
        values.push_back(static_cast<std::int64_t>(latency(random)));
        histogram.record(ns(values.back()));
    }
    for (const double percent : {1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99}) {
        CAPTURE(percent);
        check_within(*histogram.percentile(percent), exact_percentile(values, percent), 0.001);
    }
}

TEST_CASE("merged shards are the joint histogram") {
    std::mt19937_64 random(11);
    std::exponential_distribution<double> latency(1e-6);
    Histogram joint;
    Histogram merged;
    std::vector<Histogram> shards;
    for (int shard = 0; shard < 4; ++shard) {
        Histogram& part = shards.emplace_back();
        for (int i = 0; i < 1000 * (shard + 1); ++i) {
            const auto value = ns(static_cast<std::int64_t>(latency(random) * (shard + 1)));
            part.record(value);
            joint.record(value);
        }
    }
    for (const Histogram& part : shards) merged.merge(part);
    CHECK(merged.count() == joint.count());
    CHECK(*merged.min() == *joint.min());
    CHECK(*merged.max() == *joint.max());
    CHECK(*merged.mean() == *joint.mean());
    for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9}) {
        CHECK(*merged.percentile(percent) == *joint.percentile(percent));
    }
}

TEST_CASE("merging another layout stays within the coarser one's bound") {
    Histogram coarse(stats::compact_layout());
    for (int i = 1; i <= 100; ++i) coarse.record(std::chrono::milliseconds(i));
    Histogram fine;
    fine.merge(coarse);
    CHECK(fine.count() == 100);
    const double p99 = to_seconds(*fine.percentile(99));
    CHECK(p99 == doctest::Approx(0.099).epsilon(0.01));
}

TEST_CASE("a cleared histogram starts anew") {
    Histogram histogram;
    histogram.record(ns(5'000'000), 10);
    histogram.record(ns(-1));
    histogram.clear();
    CHECK(histogram.empty());
    CHECK(histogram.saturated() == 0);
    histogram.record(ns(1));
    CHECK(*histogram.percentile(99.9) == ns(1));
}

TEST_CASE("layouts that do not fit together are refused") {
    CHECK_FALSE(HistogramLayout::make(0, 100, 3));
    CHECK_FALSE(HistogramLayout::make(100, 150, 3));
    CHECK_FALSE(HistogramLayout::make(1, 1000, 6));
    CHECK_FALSE(HistogramLayout::make(1, 1000, -1));
    CHECK_FALSE(HistogramLayout::make(std::int64_t{1} << 61, INT64_MAX, 3));
    CHECK_FALSE(HistogramLayout::make(1, INT64_MAX, 5));
    const auto whole_range = HistogramLayout::make(1, INT64_MAX, 3);
    REQUIRE(whole_range);
    Histogram histogram(*whole_range);
    histogram.record(ns(INT64_MAX));
    CHECK(*histogram.max() == ns(INT64_MAX));
    CHECK(histogram.saturated() == 0);
}
