#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include "stats/histogram.hpp"

using namespace milo_perf;
using stats::Histogram;

namespace {

Duration ns(std::int64_t n) {
    return Duration(n);
}

}  // namespace

TEST_CASE("what is encoded is decoded") {
    std::mt19937_64 random(3);
    std::lognormal_distribution<double> latency(16.0, 2.0);
    Histogram histogram;
    for (int i = 0; i < 5'000; ++i) histogram.record(ns(static_cast<std::int64_t>(latency(random))));
    histogram.record(std::chrono::hours(1), std::uint64_t{1} << 40);

    const auto back = Histogram::decode(histogram.encode());
    REQUIRE(back);
    CHECK(back->layout() == histogram.layout());
    REQUIRE(back->count() == histogram.count());
    for (std::uint32_t i = 0; i < histogram.layout().counts_length(); ++i) {
        REQUIRE(back->count_at(i) == histogram.count_at(i));
    }
    CHECK(to_seconds(*back->mean()) == doctest::Approx(to_seconds(*histogram.mean())).epsilon(0.001));
    CHECK(back->encode() == histogram.encode());
}

TEST_CASE("an empty histogram is encoded and decoded") {
    const auto back = Histogram::decode(Histogram().encode());
    REQUIRE(back);
    CHECK(back->empty());
    CHECK(back->layout() == stats::latency_layout());
}

TEST_CASE("percentiles after decoding stay within the bound") {
    Histogram histogram;
    for (int i = 1; i <= 2'000; ++i) histogram.record(std::chrono::microseconds(i * 7));
    const auto back = Histogram::decode(histogram.encode());
    REQUIRE(back);
    for (const double percent : {1.0, 50.0, 99.0, 100.0}) {
        CHECK(to_seconds(*back->percentile(percent)) ==
              doctest::Approx(to_seconds(*histogram.percentile(percent))).epsilon(0.001));
    }
}

TEST_CASE("texts that HdrHistogram's libraries wrote are read") {
    SUBCASE("Java and C, 1..2048 with 3 digits: one value at the top") {
        const auto histogram = Histogram::decode("HISTFAAAACB4nJNpmSzMwMDAzAABMJoRQnEw2H+AsP7LMwEARZgDpQ==");
        REQUIRE(histogram);
        CHECK(histogram->layout() == *stats::HistogramLayout::make(1, 2048, 3));
        CHECK(histogram->count() == 1);
        CHECK(histogram->min()->count() == 2048);
    }
    SUBCASE("three values") {
        const auto histogram =
            Histogram::decode("HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk");
        REQUIRE(histogram);
        CHECK(histogram->layout().highest() == 300);
        CHECK(histogram->count() == 3);
        CHECK(histogram->min()->count() == 100);
        CHECK(histogram->percentile(50)->count() == 200);
        CHECK(histogram->max()->count() == 250);
        CHECK(histogram->mean()->count() == 183);
    }
    SUBCASE("an interval of a latency log written by Java, whose own maximum column says 2.769 ms") {
        const auto histogram = Histogram::decode(
            "HISTFAAAAEV42pNpmSzMwMCgyAABTBDKT4GBgdnNYMcCBvsPEBEJISEuATEZMQ4uASkhIR4nrxg9v2lMaxhvMekILGZkKmcC"
            "AEf2CsI=");
        REQUIRE(histogram);
        CHECK(histogram->layout() == *stats::HistogramLayout::make(20'000, 3'600'000'000'000, 2));
        CHECK(to_seconds(*histogram->max()) * 1000 == doctest::Approx(2.769).epsilon(0.0002));
        CHECK(histogram->count() > 500);
    }
    SUBCASE("no digits at all") {
        const auto histogram = Histogram::decode("HISTFAAAAB14nJNpmSzMwMDAxIAKGCEU8wv7DxAWLxMASToDcw==");
        REQUIRE(histogram);
        CHECK(histogram->layout().digits() == 0);
        CHECK(histogram->count() == 1);
        CHECK(histogram->min()->count() <= 100);
        CHECK(histogram->max()->count() >= 100);
    }
}

TEST_CASE("texts of our own carry the same header as the libraries'") {
    Histogram histogram(*stats::HistogramLayout::make(1, 300, 3));
    for (const int value : {100, 200, 250}) histogram.record(ns(value));
    // Cookie and word size; the deflated rest depends on the zlib at hand.
    CHECK(histogram.encode().substr(0, 5) == "HISTF");
    const auto theirs = Histogram::decode("HISTFAAAACV4nJNpmSzMwMDAwQABzFCaEUrp2H+AsI4zMh1lZEpkAgBdIQSk");
    REQUIRE(theirs);
    CHECK(theirs->encode() == histogram.encode());
}

TEST_CASE("broken texts are refused") {
    Histogram histogram;
    for (int i = 1; i < 500; ++i) histogram.record(ns(i * 123'456));
    const std::string good = histogram.encode();
    REQUIRE(Histogram::decode(good));

    CHECK_FALSE(Histogram::decode(""));
    CHECK_FALSE(Histogram::decode("===="));
    CHECK_FALSE(Histogram::decode("no base64 at all"));
    CHECK_FALSE(Histogram::decode("AAAAAAAA"));
    CHECK_FALSE(Histogram::decode(good.substr(4)));
    for (std::size_t size = 0; size < good.size() - 4; size += 4) {
        CAPTURE(size);
        REQUIRE_FALSE(Histogram::decode(good.substr(0, size)));
    }
}

TEST_CASE("flipped characters never do worse than give another histogram") {
    Histogram histogram;
    for (int i = 1; i < 300; ++i) histogram.record(ns(i * 1'000'003));
    const std::string good = histogram.encode();
    std::mt19937 random(5);
    int refused = 0;
    for (int i = 0; i < 3'000; ++i) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random());
        const auto result = Histogram::decode(text);
        if (!result) {
            ++refused;
        } else if (!result->empty()) {
            REQUIRE(result->percentile(99));
        }
    }
    // zlib's checksum stands over most of the text.
    CHECK(refused > 2'000);
}
