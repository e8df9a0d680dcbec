#include "load/knee_search.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace milo_perf::load {
namespace {

using Conclusion = KneeSearch::Conclusion;

/// Runs a search against a server whose answers are known; gives the values in the order of measurement.
std::vector<double> run(KneeSearch& search, const std::function<bool(double)>& keeps,
                        const std::function<double(double)>& throughput) {
    std::vector<double> order;
    while (const auto value = search.next()) {
        order.push_back(*value);
        REQUIRE(order.size() < 100);
        search.measured(keeps(*value), throughput(*value));
    }
    return order;
}

double proportional(double value) {
    return value * 100;
}

TEST_CASE("All given values come first, in ascending order, then the gap is halved down to neighbours") {
    KneeSearch search({8, 1, 4, 2, 16}, {});
    const auto order = run(
        search, [](double value) { return value <= 6; }, proportional);
    CHECK(order == std::vector<double>{1, 2, 4, 8, 16, 6, 7});
    CHECK(search.conclusion() == Conclusion::found);
    CHECK(search.last_kept() == 6);
    CHECK(search.first_missed() == 7);
    REQUIRE(search.knee());
    CHECK(search.knee()->value == 6);
    CHECK(search.knee()->throughput == 600);
    CHECK_FALSE(search.contradictory());
}

TEST_CASE("Large whole numbers end within ten per cent") {
    KneeSearch search({100, 200}, {});
    const auto order = run(
        search, [](double value) { return value < 141; }, proportional);
    CHECK(order == std::vector<double>{100, 200, 150, 125, 137});
    CHECK(*search.first_missed() - *search.last_kept() <= 0.1 * *search.last_kept());
}

TEST_CASE("Rates are halved without rounding") {
    KneeSearch search({1, 2}, {.whole_numbers = false});
    const auto order = run(
        search, [](double value) { return value < 1.6; }, proportional);
    CHECK(order == std::vector<double>{1, 2, 1.5, 1.75, 1.625});
    CHECK(search.last_kept() == 1.5);
    CHECK(search.first_missed() == 1.625);
}

TEST_CASE("Every value keeps the limit: the knee is the best of them, and lies higher") {
    KneeSearch search({1, 2, 4}, {});
    run(
        search, [](double) { return true; }, [](double value) { return value == 2 ? 900.0 : 500.0; });
    CHECK(search.conclusion() == Conclusion::above_all);
    CHECK_FALSE(search.first_missed());
    CHECK(search.knee()->value == 2);
}

TEST_CASE("No value keeps the limit: there is no knee") {
    KneeSearch search({4, 8}, {});
    const auto order = run(
        search, [](double) { return false; }, proportional);
    CHECK(order == std::vector<double>{4, 8});
    CHECK(search.conclusion() == Conclusion::below_all);
    CHECK_FALSE(search.knee());
    CHECK_FALSE(search.last_kept());
}

TEST_CASE("Without a limit each value is measured once and the best throughput is the knee") {
    KneeSearch search({1, 2, 4}, {.limited = false});
    const auto order = run(
        search, [](double) { return false; }, [](double value) { return value == 4 ? 10.0 : value * 50; });
    CHECK(order == std::vector<double>{1, 2, 4});
    CHECK(search.conclusion() == Conclusion::no_limit);
    CHECK(search.knee()->value == 2);
}

TEST_CASE("A value above the first miss does not count as kept, and is told of") {
    KneeSearch search({1, 2, 3, 4}, {});
    run(
        search, [](double value) { return value != 3; }, proportional);
    CHECK(search.last_kept() == 2);
    CHECK(search.first_missed() == 3);
    CHECK(search.contradictory());
    CHECK(search.knee()->value == 2);
}

TEST_CASE("A search that was broken off says so and keeps what it knows") {
    KneeSearch search({1, 2, 4}, {});
    CHECK_FALSE(search.knee());
    search.measured(true, 100);
    CHECK(search.conclusion() == Conclusion::unfinished);
    CHECK(search.knee()->value == 1);
    CHECK_FALSE(search.halving());
    search.measured(true, 200);
    search.measured(false, 300);
    CHECK(search.halving());
    CHECK(search.next() == 3);
    CHECK(search.conclusion() == Conclusion::unfinished);
}

TEST_CASE("More than was asked for is not taken") {
    KneeSearch search({1}, {});
    search.measured(true, 100);
    search.measured(true, 900);
    CHECK(search.knee()->throughput == 100);
}

}  // namespace
}  // namespace milo_perf::load
