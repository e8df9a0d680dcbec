#include "metrics/snapshot_plan.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace milo_perf::metrics {

namespace {
using Values = std::vector<std::optional<double>>;
using Step = FreshnessWait::Step;
const Source source{"milo-system", "milo-apiserver.*", "etcd.*", "2m", 120};

QueryResult counts(std::initializer_list<double> values) {
    QueryResult result;
    result.status = QueryStatus::ok;
    for (const double value : values) result.series.push_back({{}, {{0, value}}});
    return result;
}
}  // namespace

TEST_CASE("the first label variant with data that is not zero is taken, else the first with data") {
    CHECK(choose_variant(Values{std::nullopt, 0.0, 2.0, 3.0}) == 2u);
    CHECK(choose_variant(Values{1.0, 2.0}) == 0u);
    CHECK(choose_variant(Values{std::nullopt, 0.0, std::nullopt, 0.0}) == 1u);
    CHECK_FALSE(choose_variant(Values{std::nullopt, std::nullopt}));
    CHECK_FALSE(choose_variant({}));
}

TEST_CASE("samples are counted over all series; the interval is that of the fullest") {
    const SampleCount count = sample_count(counts({4, 2, 1}));
    CHECK(count.total == 7);
    CHECK(count.most == 4);
    CHECK(count.series == 3);
    CHECK(count.scrape_interval(120) == 30.0);
    CHECK_FALSE(sample_count(counts({1, 1, 1})).scrape_interval(120));
    CHECK(sample_count(counts({-5, 1e300})).total == 0);
    CHECK(sample_count(QueryResult{}).total == 0);
}

TEST_CASE("a snapshot waits until a sample of its window's end is visible") {
    FreshnessWait wait(1000, 60);
    CHECK(wait.looked(1000, 970) == Step::look_again);
    CHECK(wait.looked(1030, 999.9) == Step::look_again);
    CHECK(wait.looked(1031, 1000.5) == Step::evaluate);
}

TEST_CASE("it waits for its patience and one scrape interval, not longer") {
    FreshnessWait wait(1000, 60);
    CHECK(wait.looked(1060, 990) == Step::give_up);
    wait.scrape_interval(30);
    CHECK(wait.looked(1060, 990) == Step::look_again);
    CHECK(wait.looked(1090, 990) == Step::give_up);
}

TEST_CASE("without any series waiting is of no use; a silent server gets less patience") {
    FreshnessWait wait(1000, 60);
    CHECK(wait.looked(1000, std::nullopt) == Step::evaluate);
    CHECK(wait.unanswered(1014) == Step::look_again);
    CHECK(wait.unanswered(1015) == Step::give_up);
    FreshnessWait impatient(1000, 0);
    CHECK(impatient.unanswered(1000) == Step::give_up);
    CHECK(impatient.looked(1000, 900) == Step::give_up);
}

TEST_CASE("a window reaches into load when something ended inside it") {
    CHECK(reaches_into_load(1000, 120, 900));
    CHECK_FALSE(reaches_into_load(1000, 120, 880));
    CHECK_FALSE(reaches_into_load(1000, 120, 500));
    CHECK_FALSE(reaches_into_load(1000, 120, std::nullopt));
}

TEST_CASE("the reason of a missing figure tells no series from too few samples") {
    const std::string none = missing_reason(Figure::etcd_cpu_cores, source, std::nullopt);
    CHECK(none ==
          "no such series: container_cpu_usage_seconds_total{namespace=\"milo-system\",pod=~\"etcd.*\"} "
          "(nor with the label pod_name)");
    const std::string few = missing_reason(Figure::etcd_cpu_cores, source, 42.4);
    CHECK(few.find("fewer than two samples") != std::string::npos);
    CHECK(few.find("42 s old") != std::string::npos);
}

}  // namespace milo_perf::metrics
