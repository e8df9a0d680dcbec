#include "report/charts.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "unit/report/fixture_run.hpp"

using namespace milo_perf;
using namespace milo_perf::report;

namespace {

using Row = std::vector<std::string>;

results::TimelinePoint point(double offset, std::uint64_t finished, std::optional<double> p99) {
    return {.offset_seconds = offset,
            .interval_seconds = 1,
            .phase = "objects",
            .started = finished,
            .finished = finished,
            .failed = 1,
            .in_flight = 8,
            .p50_seconds = p99,
            .p99_seconds = p99};
}

}  // namespace

TEST_CASE("Bars of missing snapshots and figures are n/a") {
    results::Run run;
    CHECK(snapshot_cpu(run).rows[0] == Row{"Baseline", "n/a", "n/a"});
    run.metrics.after_projects = results::Snapshot{};
    run.metrics.after_projects->etcd_mem_bytes = 2e6;
    CHECK(snapshot_memory(run).rows[1] == Row{"After Projects", "n/a", "2"});
    CHECK(snapshot_memory(run).rows[2] == Row{"After objects", "n/a", "n/a"});
}

TEST_CASE("Lines of different times share a table: no point is an empty cell, a gap is n/a") {
    Chart chart;
    put_lines(chart, "x",
              {{.column = {.label = "a"}, .points = {{1, 10.0}, {3, std::nullopt}}},
               {.column = {.label = "b"}, .points = {{2, 0.123456789}}}});
    REQUIRE(chart.columns.size() == 3);
    CHECK(chart.rows == std::vector<Row>{{"1", "10", ""}, {"2", "", "0.12346"}, {"3", "n/a", ""}});
}

TEST_CASE("A pause in the load breaks the line; intervals without an operation have no latency") {
    results::Run run;
    run.timeline = {point(0, 4, 0.1), point(1, 0, {}), point(9, 2, 0.3)};
    const auto throughput = throughput_over_time(run).rows;
    REQUIRE(throughput.size() == 4);
    CHECK(throughput[0] == Row{"0", "4", "1", "8"});
    CHECK(throughput[2] == Row{"8.999", "n/a", "n/a", "n/a"});
    CHECK(latency_over_time(run).rows[1] == Row{"1", "n/a", "n/a"});
    CHECK(latency_over_time(run).rows[3] == Row{"9", "300", "300"});
}

TEST_CASE("Two phases in one second are one point") {
    results::Run run;
    run.timeline = {point(5, 4, 0.1), point(5, 6, 0.2)};
    CHECK(throughput_over_time(run).rows == std::vector<Row>{{"5", "10", "2", "8"}});
    CHECK(latency_over_time(run).rows == std::vector<Row>{{"5", "200", "200"}});
}

TEST_CASE("Long runs are put together: rates add up, percentiles are the highest, and the note says so") {
    results::Run run;
    for (int i = 0; i < 1000; ++i) run.timeline.push_back(point(i, 5, i == 500 ? 9.0 : 0.1));
    const Chart latency = latency_over_time(run);
    CHECK(latency.rows.size() == 334);
    CHECK(latency.note.find("3 intervals") != std::string::npos);
    int slow = 0;
    for (const auto& row : latency.rows) slow += row[2] == "9000" ? 1 : 0;
    CHECK(slow == 1);
    CHECK(throughput_over_time(run).rows[10][1] == "5");
}

TEST_CASE("Samples of long runs keep their peaks and gaps") {
    results::Run run;
    results::SampledSeries series{.name = "apiserver_cpu_cores", .title = {}, .unit = "cores"};
    for (int i = 0; i < 4000; ++i) {
        series.offsets_seconds.push_back(i);
        series.values.push_back(i >= 1000 && i < 1020 ? std::nullopt
                                                      : std::optional<double>(i == 777 ? 9 : 1));
    }
    run.samples.push_back(series);
    const Chart chart = sampled_cpu(run);
    CHECK(chart.rows.size() == 400);
    CHECK(chart.rows[77] == Row{"770", "9"});
    CHECK(chart.rows[100] == Row{"1000", "n/a"});
    CHECK(chart.rows[102] == Row{"1020", "1"});
}

TEST_CASE("The distribution ends where the number of operations ends to tell") {
    const auto run = report_test::typical_run(100);
    const Chart chart = latency_distribution(run);
    REQUIRE(chart.columns.size() == 4);
    CHECK(chart.columns[2].label == "create secrets");
    std::string last_of_projects;
    for (const auto& row : chart.rows) {
        if (!row[1].empty()) last_of_projects = row[0];
    }
    CHECK(std::stod(last_of_projects) <= 99);
    CHECK(std::stod(chart.rows.back()[0]) <= 99.99);
    CHECK(std::stod(chart.rows.back()[0]) > 99.98);
}

TEST_CASE("An encoding that is none leaves its line out") {
    auto run = report_test::typical_run(3);
    run.requests[0].operation_latency.histogram = "not a histogram";
    CHECK(latency_distribution(run).columns.size() == 3);
    for (auto& series : run.requests) series.operation_latency.histogram.clear();
    CHECK(latency_distribution(run).rows.empty());
}

TEST_CASE("The share of Ready Projects counts those that never were") {
    auto run = report_test::typical_run(4);
    run.projects[3].ready_seen_offset_seconds = run.projects[3].ready_seconds = std::nullopt;
    const Chart share = cumulative_readiness(run);
    std::string last;
    for (const auto& row : share.rows) {
        if (!row[2].empty()) last = row[2];
    }
    CHECK(last == "75");
    const Chart each = ready_by_project(run);
    CHECK(each.rows[3][1] == "n/a");
    CHECK(each.note.find("1 never seen Ready") != std::string::npos);
}

TEST_CASE("Further series of one query share a chart, by their labels") {
    results::Run run;
    for (const char* verb : {"GET", "POST"}) {
        run.samples.push_back({.name = "requests",
                               .title = "Requests",
                               .unit = "per_second",
                               .query = "q",
                               .labels = verb,
                               .offsets_seconds = {0},
                               .values = {1.0}});
    }
    const auto charts = further_samples(run);
    REQUIRE(charts.size() == 1);
    CHECK(charts[0].columns[1].label == "GET");
    CHECK(charts[0].columns[2].label == "POST");
    CHECK(sampled_cpu(run).rows.empty());
}
