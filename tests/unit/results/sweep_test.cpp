#include "results/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/error.hpp"

namespace milo_perf::results {
namespace {

SweepStep load_step(double value, double throughput, double p99, bool kept) {
    SweepStep step{.value = value, .purpose = "given"};
    step.throughput_per_second = throughput;
    step.latency.count = 10;
    step.latency.p99_seconds = p99;
    step.keeps_limit = kept;
    step.load = Snapshot{.apiserver_cpu_cores = 0.5};
    return step;
}

SweepStep projects_step(double value, double before, double after) {
    SweepStep step{.value = value, .purpose = "given"};
    step.baseline = Snapshot{.apiserver_mem_bytes = before};
    step.after_projects = Snapshot{.apiserver_mem_bytes = after};
    return step;
}

TEST_CASE("Repeats of a value become one point with median and spread") {
    const auto points = sweep_points({load_step(2, 300, 0.2, true), load_step(1, 100, 0.1, true),
                                      load_step(2, 200, 0.4, false), load_step(2, 250, 0.3, true)});
    REQUIRE(points.size() == 2);
    CHECK(points[0].value == 1);
    CHECK(points[1].repeats == 3);
    CHECK(points[1].throughput_per_second.median == 250);
    CHECK(points[1].throughput_per_second.least == 200);
    CHECK(points[1].throughput_per_second.most == 300);
    CHECK(points[1].p99_seconds.median == 0.3);
    CHECK(points[1].apiserver_cpu_cores.median == 0.5);
    CHECK_FALSE(points[1].etcd_cpu_cores.median);
    CHECK(points[1].keeps_limit == true);
}

TEST_CASE("A limit that only half of the repeats keep is not kept") {
    const auto points = sweep_points({load_step(2, 1, 1, true), load_step(2, 1, 1, false)});
    CHECK(points.at(0).keeps_limit == false);
}

TEST_CASE("The slope comes from what each run added to its own baseline") {
    // The server keeps 1 MB more after each run: that is no cost of a Project.
    const auto slopes =
        sweep_slopes({projects_step(10, 50e6, 50e6 + 10 * 4096), projects_step(20, 51e6, 51e6 + 20 * 4096),
                      projects_step(40, 52e6, 52e6 + 40 * 4096)});
    REQUIRE(slopes.size() == 4);
    const auto memory = std::find_if(slopes.begin(), slopes.end(), [](const SweepSlope& slope) {
        return slope.figure == "apiserver_mem_bytes";
    });
    REQUIRE(memory != slopes.end());
    CHECK(memory->points == 3);
    REQUIRE(memory->per_project);
    CHECK(*memory->per_project == doctest::Approx(4096));
    const auto etcd = std::find_if(slopes.begin(), slopes.end(),
                                   [](const SweepSlope& slope) { return slope.figure == "etcd_mem_bytes"; });
    CHECK_FALSE(etcd->per_project);
    CHECK(etcd->method.find("needs three runs") != std::string::npos);
}

TEST_CASE("The knee is told in one sentence") {
    load::KneeSearch search({1, 2}, {});
    search.measured(true, 100);
    search.measured(false, 150);
    const SweepKnee knee = sweep_knee(search, "OBJECT_CONCURRENCY", "secrets.create.p99 < 10ms");
    CHECK(knee.conclusion == "found");
    CHECK(knee.verdict ==
          "The highest throughput that keeps secrets.create.p99 < 10ms is 100 creates per second at "
          "OBJECT_CONCURRENCY 1: 1 still keeps it, 2 does not.");
}

TEST_CASE("CSV and JSON hold every step; what is missing is empty and null") {
    Sweep sweep;
    sweep.knob = "QPS";
    sweep.steps = {load_step(2, 300, 0.2, true), projects_step(3, 1, 2)};
    const std::string csv = sweep_csv(sweep);
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
    CHECK(csv.find("\r\nQPS,2,1,given,300,,0.2,") != std::string::npos);
    const auto columns = std::count(csv.begin(), csv.begin() + csv.find('\n'), ',');
    CHECK(std::count(csv.begin(), csv.end(), ',') == 3 * columns);
    const std::string json = sweep_json(sweep);
    CHECK(json.find("\"throughput_per_second\":300.0") != std::string::npos);
    CHECK(json.find("\"keeps_limit\":null") != std::string::npos);
}

TEST_CASE("JSON of a sweep is read as it was written; another document is none, and a wrong type is named") {
    Sweep sweep;
    sweep.knob = "NUM_PROJECTS";
    sweep.steps = {projects_step(10, 1e6, 2e6), projects_step(20, 1e6, 3e6), projects_step(20, 1e6, 3.1e6)};
    sweep.points = sweep_points(sweep.steps);
    sweep.slopes = {{.figure = "etcd_mem_bytes", .points = 3, .per_project = 1.5, .low = -0.5, .high = 3.5}};
    const std::string text = sweep_json(sweep);
    const auto read = sweep_from_json(text, "sweep.json");
    REQUIRE(read);
    CHECK(sweep_json(*read) == text);
    CHECK_FALSE(sweep_from_json(R"({"test_id":"a","num_projects":1,"metrics":{}})", "results.json"));
    CHECK_FALSE(sweep_from_json("[]", "list.json"));
    CHECK_THROWS_WITH_AS(sweep_from_json(R"({"knob":"QPS","steps":[{"value":"x"}]})", "sweep.json"),
                         doctest::Contains("sweep.json is not a sweep that can be read: \"steps[0].value\""),
                         UserError);
    CHECK_THROWS_AS(sweep_from_json("{", "sweep.json"), UserError);
}

}  // namespace
}  // namespace milo_perf::results
